"""The journal: every event that the engine took, one JSON document a line, so that what it did can be replayed exactly.

A program is written down as its sources. Behind each event stands a checksum of the effects that followed, so a replay knows at
once where it differs. Parts of the journal that are too old or too large together are deleted; a life of volexd begins a new part.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
from loguru import logger

from daemon.rules.loading import Loaded
from engine.effects import Effect
from engine.events import (
    ActionFinished,
    CapacityKnown,
    Commanded,
    Event,
    Happened,
    HealthObserved,
    Looked,
    ProgramReplaced,
    Reported,
    Restored,
    TimePassed,
    UnitObserved,
    Withdrawn,
)

_PART_S = 600.0  # seconds of one part
_Plain = (
    Reported
    | Withdrawn
    | Happened
    | UnitObserved
    | HealthObserved
    | Looked
    | TimePassed
    | ActionFinished
    | CapacityKnown
    | Commanded
    | Restored
)


class Taken(msgspec.Struct):
    """One line. `effects` is the checksum of what followed.

    Instead of an event: `first_ids`, a life of volexd begins and its engine gives ids from these on; `sources`, a program came into
    force (name, text, and whether it was named or used by another), in the `shadow` or not.
    """

    at: float
    effects: int = 0
    event: _Plain | None = None
    sources: list[tuple[str, str, bool]] | None = None
    first_ids: tuple[int, int] | None = None
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much is kept: seconds, and bytes of all parts together."""

    seconds: float
    size: int


class Journal:
    """An observer of the engine's loop. What cannot be written is said once; healing goes on."""

    def __init__(self, directory: Path, keeping: Keeping, loaded: Callable[[], Loaded]) -> None:
        """`loaded` is what the program in force was made of. Raises OSError if the directory cannot be made."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._directory = directory
        self._keeping = keeping
        self._loaded = loaded
        self._part: IO[bytes] | None = None
        self._begun = 0.0
        self._failed = False
        self._encode = msgspec.json.Encoder(order="deterministic").encode

    def begin(self, at: float, first_ids: tuple[int, int]) -> None:
        self._write(Taken(at, first_ids=first_ids))

    def observe(self, event: Event, effects: Sequence[Effect]) -> None:
        line = Taken(event.at, checksum(effects))
        if isinstance(event, ProgramReplaced):
            loaded, line.shadow = self._loaded(), event.program.shadow
            line.sources = [(source.name, source.text, source in loaded.named) for source in loaded.sources]
        else:
            line.event = event
        self._write(line)

    def _write(self, line: Taken) -> None:
        if self._failed:
            return
        try:
            part = self._current(line.at)
            part.write(self._encode(line) + b"\n")
            part.flush()
        except OSError as error:
            self._failed = True
            logger.error("the journal cannot be written, it ends here: {}", error)

    def close(self) -> None:
        if self._part is not None:
            self._part.close()

    def _current(self, now: float) -> IO[bytes]:
        if self._part is None or now >= self._begun + _PART_S:
            self.close()
            self._begun = now
            self._part = (self._directory / f"{now:017.6f}.jsonl").open("ab")
            self._let_go(now)
        return self._part

    def _let_go(self, now: float) -> None:
        """The oldest first; never the part that is being written."""
        parts = journal_parts(self._directory)[:-1]
        size = sum(part.stat().st_size for part in parts)
        for part in parts:
            if now - part.stat().st_mtime > self._keeping.seconds or size > self._keeping.size:
                size -= part.stat().st_size
                part.unlink()


def journal_parts(directory: Path) -> list[Path]:
    """In the order of time."""
    return sorted(directory.glob("*.jsonl"))


def checksum(effects: Sequence[Effect]) -> int:
    return zlib.crc32(msgspec.json.encode(list(effects), order="deterministic"))


def read_journal(parts: Sequence[Path]) -> Iterator[Taken]:
    """What the engine took. The last line of a life that was killed may be half a line: it is left out."""
    decode = msgspec.json.Decoder(Taken).decode
    for part in parts:
        for line in part.read_bytes().split(b"\n"):
            if line:
                try:
                    yield decode(line)
                except msgspec.DecodeError:
                    return
