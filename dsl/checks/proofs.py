"""V501 to V504: rules that set each other off without end, and rules that work against each other."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.proofs.acting import Rules
from dsl.proofs.conflict import Conflict, Rivals, conflicts
from dsl.proofs.termination import Circle, unlimited_circles
from dsl.proofs.wording import in_words
from dsl.resolve.whole import Resolved
from dsl.source import Span

_MOST_NAMED = 6


def _run(resolved: Resolved) -> Iterator[Finding]:
    rules = Rules(resolved.program)  # for both: reading the rules costs more than proving
    yield from _without_end(resolved, rules)
    yield from _against_each_other(resolved, rules)


# --- without end --------------------------------------------------------------------------------------------------------


def _without_end(resolved: Resolved, rules: Rules) -> Iterator[Finding]:
    circles = unlimited_circles(rules)
    limited = {rule.head.name for rule in resolved.program.recoveries if rule.limits} if circles else ()
    for circle in circles:
        recoveries = (name.partition(" ") for name in circle.rules if name.startswith("recovery "))
        if any(name not in limited for _, _, name in recoveries):
            continue  # V402 says it
        yield _certain(resolved, circle) if circle.round is not None else _possible(resolved, circle)


def _certain(resolved: Resolved, circle: Circle) -> Finding:
    assert circle.round is not None
    steps = [*circle.round.steps[:_MOST_NAMED], *(["…"] if len(circle.round.steps) > _MOST_NAMED else [])]
    message = f"{_names(circle)} without end: {', then '.join(steps)}, and so on"
    facts = circle.round.facts
    start = (
        f"it begins, for example, when {in_words(facts, circle.round.world)}; " if facts is not None else ""
    )
    help_ = f"{start}make one of the conditions exclude what the other brings about, or write a `limit`"
    return finding(
        "V501", message, _place(resolved, circle.rules[0]), help=help_, context=_others(resolved, circle)
    )


def _possible(resolved: Resolved, circle: Circle) -> Finding:
    way = " → ".join(node.removeprefix("field ") for node in circle.way)
    when = f", whenever {in_words(circle.facts, circle.world)}" if circle.facts is not None else ""
    message = f"nothing limits how often {_names(circle)}: {way}{when}"
    help_ = "write, for example, `limit 6 per 1h overall`"
    return finding(
        "V503", message, _place(resolved, circle.rules[0]), help=help_, context=_others(resolved, circle)
    )


def _names(circle: Circle) -> str:
    names = [f"`{rule.partition(' ')[2]}`" for rule in circle.rules[:_MOST_NAMED]]
    if len(names) == 1:
        return f"{names[0]} sets itself off"
    more = f" and {len(circle.rules) - _MOST_NAMED} more" if len(circle.rules) > _MOST_NAMED else ""
    return f"{', '.join(names)}{more} set each other off"


def _others(resolved: Resolved, circle: Circle) -> tuple[Context, ...]:
    return tuple(Context(_place(resolved, rule), "and this one") for rule in circle.rules[1:_MOST_NAMED])


# --- against each other -------------------------------------------------------------------------------------------------


def _against_each_other(resolved: Resolved, rules: Rules) -> Iterator[Finding]:
    found = conflicts(rules)
    by_rule: dict[str, list[Conflict]] = {}
    for conflict in found.shown:
        by_rule.setdefault(conflict.other.key, []).append(conflict)
    for several in by_rule.values():
        yield _opposed(resolved, several)
    opposed = {frozenset((one.one.key, one.other.key)) for one in found.shown}
    for rivals in found.rivals:
        if frozenset((rivals.one.key, rivals.other.key)) not in opposed:
            yield _equal(resolved, rivals)


def _opposed(resolved: Resolved, several: list[Conflict]) -> Finding:
    """One rule, and those that it works against; the facts are those of the first."""
    first = several[0]
    assert first.facts is not None
    names = ", ".join(f"`{one.one.name}`" for one in several[:_MOST_NAMED])
    more = f" and {len(several) - _MOST_NAMED} more" if len(several) > _MOST_NAMED else ""
    message = f"`{first.other.name}` can act against {names}{more}: {first.what}"
    facts = in_words(first.facts, first.world)
    help_ = f"both act when {facts}; make their conditions exclude each other"
    context = tuple(Context(_place(resolved, one.one.key), "the other one") for one in several[:_MOST_NAMED])
    return finding("V502", message, _place(resolved, first.other.key), help=help_, context=context)


def _equal(resolved: Resolved, rivals: Rivals) -> Finding:
    one, other = rivals.one, rivals.other
    message = f"`{one.name}` and `{other.name}` are both for the fault `{rivals.fault}`, and nothing says which is first"
    help_ = (
        "give the one that is to be tried first `priority high`, or put the steps of both into one recovery"
    )
    return finding(
        "V504", message, _place(resolved, other.key), help=help_, context=_other(resolved, one.key)
    )


def _other(resolved: Resolved, rule: str) -> tuple[Context, ...]:
    return (Context(_place(resolved, rule), "the other one"),)


def _place(resolved: Resolved, rule: str) -> Span:
    kind, _, name = rule.partition(" ")
    return name_span(resolved, kind, name)


CHECK = Lint(_run)
