"""The rules around an open file: what stands in its directory and what these use, with what is being written instead of what is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from daemon.rules.sources import SUFFIX, Library, RulesUnreadable, read_rules
from daemon.vocabulary import vocabulary
from daemon.world.capacity import of_this_machine
from dsl.check import check
from dsl.diagnostics import Finding, in_order
from dsl.memory import Memory
from dsl.resolve.known import Known
from dsl.source import Source, unify_line_ends


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a check found. `sources` are all texts that it read, by their names; `given` are the names of those in the directory."""

    sources: Mapping[str, Source]
    given: frozenset[str]
    findings: tuple[Finding, ...]
    known: Known


@dataclass(slots=True)
class RuleSet:
    """One directory, checked again and again; or one file that stands alone (`directory` is None)."""

    directory: Path | None
    memory: Memory = field(default_factory=Memory)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    snapshot: Snapshot | None = None
    is_stale: bool = True  # a text has changed since the snapshot

    async def checked(self, open_texts: Callable[[], dict[str, str]]) -> Snapshot:
        """The newest snapshot, checked anew if something has changed. `open_texts` gives those of the editor, by the names of files."""
        async with self.lock:
            while self.snapshot is None or self.is_stale:
                self.is_stale = False
                self.snapshot = await asyncio.to_thread(self._check, open_texts())
            return self.snapshot

    def reads(self, name: str) -> bool:
        """Whether the last check read this file, perhaps because a `use` names it."""
        read = self.snapshot.sources if self.snapshot is not None else {}
        return any(str(place_of(one)) == name for one in read)

    def _check(self, open_texts: Mapping[str, str]) -> Snapshot:
        sources, library, findings = self._read(open_texts)
        done = check(
            sources,
            vocabulary(),
            library=library,
            capacity=of_this_machine(),
            today=datetime.now(UTC).date(),
            memory=self.memory,
        )
        assert done.known is not None
        used = library.found if library is not None else {}
        return Snapshot(
            {**used, **{source.name: source for source in sources}},
            frozenset(source.name for source in sources),
            in_order((*findings, *done.findings)),
            done.known,
        )

    def _read(self, open_texts: Mapping[str, str]) -> tuple[list[Source], _Library | None, list[Finding]]:
        if self.directory is None:
            return [_source(name, text) for name, text in open_texts.items()], None, []
        try:
            rules = read_rules([self.directory], distrust="warning")
        except RulesUnreadable:  # the directory is not there yet, the file has never been saved
            return [_source(name, text) for name, text in open_texts.items()], None, []
        found = {source.name: source for source in rules.sources}
        found |= {
            name: _source(name, text)
            for name, text in open_texts.items()
            if Path(name).parent == self.directory
        }
        unopened = [one for one in rules.findings if one.span.file not in open_texts and one.code != "V401"]
        return list(found.values()), _Library(rules.library, open_texts), unopened


class _Library:
    """What `use` names, as it is being written. `found` is what was asked for."""

    def __init__(self, files: Library, open_texts: Mapping[str, str]) -> None:
        self._files = files
        self._open = open_texts
        self.found: dict[str, Source] = {}

    def read(self, name: str) -> Source | None:
        source = self._files.read(name)
        if source is None:
            return None
        text = self._open.get(str(place_of(source.name)))
        source = source if text is None else _source(source.name, text)
        self.found[source.name] = source
        return source


def place_of(name: str) -> Path:
    """The file behind the name of a source."""
    standard = name.removeprefix("std/")
    if standard == name:
        return Path(name)
    import rules

    return Path(next(iter(rules.__path__))) / "std" / standard


def directory_of(file: Path) -> Path | None:
    """Whose rules a file belongs to; None for one that a daemon would not read."""
    return file.parent if file.name.endswith(SUFFIX) else None


def _source(name: str, text: str) -> Source:
    return Source(name, unify_line_ends(text.removeprefix("\ufeff")))
