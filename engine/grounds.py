"""What something rests on, for `why`: the condition that was true with the values that it read, since when, or the moment that came.

Each line with how deep it stands below the title of what it explains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dsl.expressions import Field, nodes_of
from dsl.operators import walk
from dsl.parts import Condition, Moment, RuleHead
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situation
from engine.analysis.spoken import as_written
from engine.analysis.written import duration, instant, written

Lines = Iterator[tuple[int, str]]
Bindings = Mapping[str, Any]


def titled(kind: str, head: RuleHead) -> str:
    """A rule and its place."""
    return f"{kind} {head.name} ({head.place.file}:{head.place.line})"


def of_situation(situation: Situation, bindings: Bindings, now: float) -> Lines:
    """The condition of a rule about a state."""
    watch = situation.watch
    assert watch.rule.when is not None
    seen: dict[str, Any] = {}
    for name, subject, path in watch.evidence:
        if seen.get(name) is None:
            seen[name] = walk(bindings.get(subject), path)
    yield from _because(watch.rule.when.text, seen, situation.since, now)


def of_condition(
    condition: Condition, bindings: Bindings, since: float | None, now: float, texts: Mapping[str, str]
) -> Lines:
    """One that is evaluated as it stands; `texts` say what its slots stand for."""
    fields = [node for node in nodes_of(condition.expression) if isinstance(node, Field)]
    seen = {as_written(field, texts): evaluate(field, bindings, now) for field in fields}
    yield from _because(condition.text, seen, since, now)


def _because(text: str, seen: Mapping[str, Any], since: float | None, now: float) -> Lines:
    held = f", held for {duration(now - since)}" if since is not None and now > since else ""
    when = f" (since {instant(since)})" if since is not None else ""
    yield 1, f"because {text or 'its condition'} was true{held}{when}"
    if seen:
        yield 2, ", ".join(f"{name} was {written(value)}" for name, value in seen.items())


def of_moment(moment: Moment, bindings: Bindings, now: float) -> Lines:
    """What came, with what it said: of a fault and of a recovery their ids."""
    fault, recovery = bindings.get("fault"), bindings.get("recovery")
    if moment.kind in ("fault", "exhausted") and fault:
        yield 1, f"follows from fault {fault['id']} ({fault['name']} on {fault['subject']})"
        if moment.kind == "exhausted" and recovery:
            yield 1, f"which recovery {recovery['id']} ({recovery['name']}) gave up"
    elif moment.kind == "change":
        subject, *path = moment.path
        yield (
            1,
            f"because {'.'.join(map(str, moment.path))} became {written(walk(bindings.get(subject), path))}",
        )
    elif moment.kind == "schedule":
        yield 1, f"because it was due at {instant(now)}"
    for happening in (moment.first, moment.then):
        said = bindings.get(happening.name) if happening is not None else None
        if happening is not None and said is not None:
            values = ", ".join(f"{name} was {written(value)}" for name, value in said.items())
            yield 1, f"event {happening.type} happened" + (f": {values}" if values else "")
        elif happening is not None and not moment.followed:
            yield 1, f"and no event {happening.type} within {duration(moment.within)}"
