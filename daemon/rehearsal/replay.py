"""A journal replayed: the same events into a new engine, and whether the same effects followed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.service.journal import Taken, checksum
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.shadow import in_shadow
from dsl.source import Source
from engine.effects import Effect
from engine.engine import Engine
from engine.events import Event, ProgramReplaced


@dataclass(frozen=True, slots=True)
class Replayed:
    """One event of the journal, what followed now, and whether that is what followed then."""

    event: Event
    effects: Sequence[Effect]
    same: bool


def replay(journal: Iterable[Taken]) -> list[Replayed]:
    """One life of volexd, from its beginning. Raises ValueError when the beginning is not in the journal."""
    engine: Engine | None = None
    replayed = []
    for line in journal:
        if line.first_ids is not None:
            engine = Engine(*line.first_ids)
            continue
        if engine is None:
            raise ValueError("the journal does not hold the beginning of this life of volexd")
        event = line.event or ProgramReplaced(line.at, _in_force(line))
        effects = engine.step(event)
        replayed.append(Replayed(event, effects, checksum(effects) == line.effects))
    if engine is not None:
        engine.close()
    return replayed


def _in_force(line: Taken) -> Program:
    program = _program(line.sources or [])
    return in_shadow(program) if line.shadow else program


def _program(sources: Sequence[tuple[str, str, bool]]) -> Program:
    named = [Source(name, text) for name, text, was_named in sources if was_named]
    used = [Source(name, text) for name, text, was_named in sources if not was_named]
    program = check(named, vocabulary(), library=_Used(used)).program
    if program is None:
        raise ValueError("this volexd refuses the rules of the journal")
    return program


class _Used:
    """What `use` finds in a replay: what it found then."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def read(self, name: str) -> Source | None:
        file = f"std/{name.removeprefix('std.')}.rules" if name.startswith("std.") else name
        endings = (file, f"{file}.rules")
        return next((source for source in self._sources if source.name.endswith(endings)), None)
