"""What a check of the same rules found before, perhaps in another process: unchanged rules are not checked again.

It holds as long as everything is the same that the check could see: the texts, what `use` names, the machine's capacity, the day where a
silence ends some day, and the checker itself, to the last letter of its code.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from daemon.rules.cache import Cache
from dsl.capacity import Capacity
from dsl.diagnostics import Finding
from dsl.source import Source

if TYPE_CHECKING:
    from dsl.files import Library

# Whatever decides what a check finds; reading them all takes a fraction of what importing them takes.
_CHECKER = (
    "dsl",
    "engine/functions",
    "daemon/actions",
    "daemon/probes",
    "daemon/rules",
    "daemon/vocabulary.py",
)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """`asked`: the names that were looked up for `use`, and the digest of what was found ("": nothing). `day`: only then does it hold."""

    key: str
    asked: dict[str, str]
    day: date | None
    findings: tuple[Finding, ...]


class Before:
    """Of one rule set: those texts under those names, seen from the current directory."""

    def __init__(
        self, cache: Cache, sources: Sequence[Source], capacity: Capacity | None, today: date | None
    ) -> None:
        self._cache = cache
        self._today = today
        self._sources = sources
        self._key = _key(sources, capacity)
        self._name = _digest([os.getcwd(), *(source.name for source in sources)])

    def findings(self, library: Library) -> tuple[Finding, ...] | None:
        """What was found, if nothing has changed. The library is asked as the check would ask it."""
        kept = self._kept()
        if kept is None or kept.key != self._key or kept.day not in (None, self._today):
            return None
        for name, digest in kept.asked.items():
            if _of_source(library.read(name)) != digest:
                return None
        return kept.findings

    def keep(self, findings: tuple[Finding, ...], library: Asked) -> None:
        """For the next time."""
        used = [source for source in library.answers.values() if source is not None]
        dated = any("volexd:" in source.text.lower() for source in (*self._sources, *used))
        asked = {name: _of_source(source) for name, source in library.answers.items()}
        kept = _Kept(self._key, asked, self._today if dated else None, findings)
        self._cache.write(self._name, msgspec.msgpack.encode(kept))

    def _kept(self) -> _Kept | None:
        data = self._cache.read(self._name)
        try:
            return None if data is None else msgspec.msgpack.decode(data, type=_Kept)
        except msgspec.DecodeError:
            return None


class Asked:
    """A library that takes down what it was asked for, and what it answered."""

    def __init__(self, library: Library) -> None:
        self.answers: dict[str, Source | None] = {}
        self._library = library

    def read(self, name: str) -> Source | None:
        found = self.answers[name] = self._library.read(name)
        return found


def _of_source(source: Source | None) -> str:
    return "" if source is None else _digest([source.name, source.text])


def _key(sources: Sequence[Source], capacity: Capacity | None) -> str:
    texts = [text for source in sources for text in (source.name, source.text)]
    return _digest([_checker(), repr(capacity), *texts])


def _checker() -> str:
    """The checker's own code and data, and the Python that runs it."""
    root = Path(__file__).parents[2]
    files = (file for place in _CHECKER for file in _files(root / place))
    return _digest([sys.version, *(part for file in files for part in (str(file), file.read_bytes()))])


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(folder, name) for name in sorted(names))


def _digest(parts: Iterable[str | bytes]) -> str:
    """Of texts in a row, each with its length, so that no two rows look alike."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()
