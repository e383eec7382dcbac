"""Where the engine's holds and windows outlive it: one row for each part, written over and over."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from loguru import logger

from daemon.store.query import Reader
from daemon.store.rows import Row
from engine.knowledge.remembered import Conditions, Windows

_IDS = {Conditions: 1, Windows: 2}
Part = TypeVar("Part", Conditions, Windows)


def row_of(part: Conditions | Windows, at: float) -> Row:
    kind = type(part)
    state = msgspec.json.encode(part).decode()
    return Row("remembered", _IDS[kind], {"part": kind.__name__.lower(), "state": state, "kept_at": at})


def remembered(reader: Reader, kind: type[Part]) -> Part | None:
    """None if there is none. One that cannot be read, for another release wrote it, is a warning: it is no reason not to heal."""
    rows = list(reader.rows("SELECT state FROM remembered WHERE id = :id", id=_IDS[kind]))
    if not rows:
        return None
    try:
        return msgspec.json.decode(str(rows[0]["state"]), type=kind)
    except msgspec.DecodeError as error:
        logger.warning(
            "what was remembered of {} cannot be read and begins anew: {}", kind.__name__.lower(), error
        )
        return None
