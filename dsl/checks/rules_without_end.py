"""V501, V503: rules that set each other off, and nothing that ends it."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.proofs.acting import Rules
from dsl.proofs.termination import Circle, termination
from dsl.proofs.wording import in_words
from dsl.resolve.whole import Resolved
from dsl.source import Span

_MOST_NAMED = 6


def _run(resolved: Resolved) -> Iterator[Finding]:
    limited = {rule.head.name for rule in resolved.program.recoveries if rule.limits}
    for circle in termination(Rules(resolved.program)).circles:
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


def _place(resolved: Resolved, rule: str) -> Span:
    kind, _, name = rule.partition(" ")
    return name_span(resolved, kind, name)


def _others(resolved: Resolved, circle: Circle) -> tuple[Context, ...]:
    return tuple(Context(_place(resolved, rule), "and this one") for rule in circle.rules[1:_MOST_NAMED])


CHECK = Lint(_run)
