"""The rules of a program as productions: what follows from a fault, from an attempt that failed, from a recovery that gave up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from dsl.program import PRIORITIES, Detection, Program, Recovery
from dsl.work import Adaptation, Orchestration
from engine.chaining import Follows, Production, Said, Token
from engine.renaming import Names

_Waiting = Orchestration | Adaptation | Detection


class Productions:
    """Of a program. What follows from a token is worked out when it is asked for: of many rules few are ever true."""

    def __init__(self, program: Program) -> None:
        recoveries = [recovery for recovery in program.recoveries if not recovery.head.off]
        self._detections = {rule.head.name: rule for rule in program.detections if not rule.head.off}
        self._recoveries = {recovery.head.name: recovery for recovery in recoveries}
        selecting = [one for one in recoveries if one.detections or one.where is not None]
        self._candidates = _Named(selecting, lambda recovery: recovery.detections)
        self._after = _Named(
            [one for one in recoveries if one.exhausted], lambda recovery: recovery.exhausted
        )
        self._alerts = _Named(
            [rule for rule in program.alerts if not rule.head.off], lambda rule: rule.detections
        )
        waiting: dict[str, Iterable[_Waiting]] = {
            "on": _by_priority(program),
            "adapt": [rule for rule in program.adaptations if not rule.head.off],
            "detect": self._detections.values(),
        }
        self._waiting = {
            kind: {verb: _Named(_waiting_for(kind, rules), _names_of) for verb, rules in waiting.items()}
            for kind in ("fault", "exhausted")
        }

    def of(self, token: Said) -> list[Production]:
        """In the order in which they fire."""
        kind, name, _ = token
        if kind == "fault":
            return [*self._of_fault(name)]
        own = self._recoveries.get(name)
        found = [production for on, production in of_recovery(own) if on == token] if own else []
        if kind == "exhausted":
            return [*self._offers_after(name), *found, *self._on_moment(kind, name, "on", "adapt", "detect")]
        return found

    def _of_fault(self, name: str) -> Iterator[Production]:
        detection = self._detections.get(name)
        if detection is not None:
            yield from _of_detection(detection, self._candidates.of(name))
        yield from self._on_moment("fault", name, "on")
        for rule in self._alerts.of(name):
            yield Production("route", rule.head.name)
        yield from self._on_moment("fault", name, "adapt", "detect")

    def _on_moment(self, kind: str, name: str, *verbs: str) -> Iterator[Production]:
        """What waits for a fault, or for a recovery that has nothing left to try."""
        for verb in verbs:
            for rule in self._waiting[kind][verb].of(name):
                yield Production(f"{verb}_{kind}", rule.head.name)

    def _offers_after(self, name: str) -> Iterator[Production]:
        """What one recovery gave up, another may take over."""
        for recovery in self._after.of(name):
            yield Production("offer_after", recovery.head.name)


class _Named:
    """Rules by the others that they name, so that one costs the same among many as among few; who names none is for all."""

    def __init__(self, rules: Iterable[Any], names: Callable[[Any], Sequence[str]]) -> None:
        self._for_all: list[tuple[int, Any]] = []
        self._naming: dict[str, list[tuple[int, Any]]] = {}
        for place, rule in enumerate(rules):
            for name in dict.fromkeys(names(rule)):
                self._naming.setdefault(name, []).append((place, rule))
            if not names(rule):
                self._for_all.append((place, rule))

    def of(self, name: str) -> list[Any]:
        """Those that name this one and those that are for all, in their order."""
        naming = self._naming.get(name, [])
        found = sorted([*naming, *self._for_all], key=lambda one: one[0]) if self._for_all else naming
        return [rule for _, rule in found]


def _waiting_for(kind: str, rules: Iterable[_Waiting]) -> Iterator[_Waiting]:
    return (rule for rule in rules if rule.on is not None and rule.on.kind == kind)


def _names_of(rule: _Waiting) -> Sequence[str]:
    return () if rule.on is None else rule.on.names


def _by_priority(program: Program) -> list[Orchestration]:
    rules = [rule for rule in program.orchestrations if not rule.head.off]
    return sorted(rules, key=lambda rule: -PRIORITIES.index(rule.head.priority))


def _of_detection(detection: Detection, candidates: Sequence[Recovery]) -> Iterator[Production]:
    for index in range(len(detection.notices)):
        yield Production("notify", str(index))
    found = owners(detection.head.name, candidates)
    for recovery in found:
        yield Production("offer", recovery.head.name)
    if found:
        yield Production("next_owner")


def owners(detection: str, recoveries: Sequence[Recovery]) -> list[Recovery]:
    """Who may recover its faults: named before selected, then by priority, then as written (meaning 17)."""
    candidates = [recovery for recovery in recoveries if is_for(detection, recovery)]
    return sorted(
        candidates, key=lambda r: (detection not in r.detections, -PRIORITIES.index(r.head.priority))
    )


def is_for(detection: str, recovery: Recovery) -> bool:
    """Whether it may own faults of this detection, as far as names say."""
    return detection in recovery.detections or (recovery.where is not None and not recovery.detections)


def of_recovery(recovery: Recovery) -> Iterator[tuple[Token, Production]]:
    """What follows from its own tokens."""
    name = recovery.head.name
    for place in range(len(recovery.tries)):
        failed = Token("outcome", name, f"failed:{place}")
        if place + 1 < len(recovery.tries):
            yield failed, Production("next_step", str(place + 1))
        else:
            yield failed, Production("give_up")
    yield Token("exhausted", name), Production("otherwise")
    yield Token("exhausted", name), Production("next_owner")


# --- other names ------------------------------------------------------------------------------------------------------------

# The kinds of the rules that tokens are about, and that what follows names.
_ABOUT = {"fault": "detection", "outcome": "recovery", "exhausted": "recovery"}
_OTHERS = {
    "offer": "recovery", "offer_after": "recovery", "route": "alert",
    **{
        f"{verb}_{moment}": kind
        for verb, kind in (("on", "orchestration"), ("adapt", "adaptation"), ("detect", "detection"))
        for moment in ("fault", "exhausted")
    },
}  # fmt: skip


def under_new_names(follows: Follows, names: Names) -> Follows:
    """The same when rules are called otherwise."""
    former = names.backwards()
    return lambda token: [_renamed(one, names) for one in follows(renamed_token(token, former))]


def renamed_token(token: Said, names: Names) -> Token:
    kind, rule, detail = token
    return Token(kind, names.of(_ABOUT[kind], rule), detail)


def _renamed(production: Production, names: Names) -> Production:
    return Production(production.then, names.of(_OTHERS.get(production.then, ""), production.argument))
