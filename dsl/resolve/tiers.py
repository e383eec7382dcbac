"""When a fault is raised, and how bad it is: `when`, tiers of severity, or a moment."""

from __future__ import annotations

import msgspec

from dsl.expressions import Constant, Expression, Or
from dsl.program import SEVERITIES, Condition, Tier
from dsl.resolve.clauses import Body, Said
from dsl.resolve.moment import Found
from dsl.resolve.rule import resolve_state, word_of
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site

_ALWAYS = Condition(Constant(True))


class Raised(msgspec.Struct, frozen=True):
    """As in `Detection`: with tiers `when` is that one of them holds, of a moment it is always true."""

    when: Condition
    severity: str
    tiers: tuple[Tier, ...] = ()


def resolve_raised(site: Site, scope: Scope, body: Body, moment: Found) -> Raised | None:
    """None when something was reported."""
    tiers = [said for said in body.all("severity") if said.match.node("state") is not None]
    when = body.one("when")
    fits = _one_beginning(site, body, moment, tiers)
    found = None if when is None else resolve_state(site, scope, when)
    resolved = [_tier(site, scope, said) for said in tiers]
    whole = tuple(one for one in resolved if one is not None)
    if not fits or len(whole) != len(resolved) or not _all_different(site, tiers):
        return None
    if whole:
        return _of_tiers(whole)
    if moment.said is not None:
        found = _ALWAYS
    return None if found is None else Raised(found, word_of(body, "severity", "warning"))


def _tier(site: Site, scope: Scope, said: Said) -> Tier | None:
    state = resolve_state(site, scope, said)
    return None if state is None else Tier(said.match.word("severity") or "", state)


def _of_tiers(tiers: tuple[Tier, ...]) -> Raised:
    ordered = tuple(sorted(tiers, key=lambda tier: SEVERITIES.index(tier.severity)))
    states = [tier.when for tier in ordered]
    either = states[0].expression if len(states) == 1 else Or(_flat(states))
    text = " or ".join(state.text for state in states)
    return Raised(Condition(either, min(state.hold for state in states), text), ordered[0].severity, ordered)


def _flat(states: list[Condition]) -> tuple[Expression, ...]:
    """`(a or b) or c` is `a or b or c`."""
    inner = [one.expression for one in states]
    return tuple(part for one in inner for part in (one.operands if isinstance(one, Or) else (one,)))


# --- what belongs together --------------------------------------------------------------------------------------------


def _one_beginning(site: Site, body: Body, moment: Found, tiers: list[Said]) -> bool:
    """Whether it is said once when the fault is raised: by a state, by tiers, or by a moment."""
    when, plain = body.one("when"), next((one for one in body.all("severity") if one not in tiers), None)
    beginnings = [said for said in (when, moment.said, next(iter(tiers), None)) if said is not None]
    if len(beginnings) > 1:
        first, second = (said.word.name for said in beginnings[:2])
        help_ = (
            "a fault has one beginning: `when` a state, tiers (`severity critical when …`), or `on` a moment"
        )
        message = f"`{first}` and `{second}{' … when' if beginnings[1] in tiers else ''}` stand side by side"
        site.report("V114", message, site.head(beginnings[1].clause), help=help_)
    elif plain is not None and tiers:
        help_ = "in tiers every severity has its own `when`"
        site.report("V114", "`severity` stands twice", site.head(plain.clause), help=help_)
    elif not beginnings and body.sound:
        help_ = 'write, for example: when agent.status == "down" for 15s'
        site.report("V113", "`when` is missing in this detection", site.head(body.clause), help=help_)
    elif moment.said is not None and body.one("until") is None and body.sound:
        help_ = "write `until` and the state in which the fault is over: a moment has no end"
        message = f"a fault that begins with `{moment.said.word.name}` needs `until`"
        site.report("V113", message, site.head(moment.said.clause), help=help_)
    else:
        return bool(beginnings)
    return False


def _all_different(site: Site, tiers: list[Said]) -> bool:
    seen: set[str] = set()
    for said in tiers:
        severity = said.match.word("severity") or ""
        if severity in seen:
            message, help_ = f"two tiers are `{severity}`", "join their conditions with `or`"
            site.report("V114", message, site.head(said.clause), help=help_)
            return False
        seen.add(severity)
    return True
