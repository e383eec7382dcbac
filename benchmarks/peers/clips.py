"""CLIPS by clipspy. Replacement is done by a rule of CLIPS (a hash join), so no fact handle crosses to Python: held handles
slow it twenty-fold, retraction by index is linear."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import clips

from benchmarks.measuring import Load, measure
from benchmarks.workloads import MACHINES, METRICS, Threshold, Update, among, w1, w1k, w2, w3, w4

_REPLACE = """(defrule replace (declare (salience 10))
  ?new <- (update (agent ?a) (metric ?m) (value ?v) (former ?p&~-1)) ?old <- (sample (agent ?a) (metric ?m))
  => (retract ?old ?new) (assert (sample (agent ?a) (metric ?m) (value ?v) (former ?p))))"""
_FIRST = """(defrule first (declare (salience 10))
  ?new <- (update (agent ?a) (metric ?m) (value ?v) (former -1))
  => (retract ?new) (assert (sample (agent ?a) (metric ?m) (value ?v) (former -1))))"""
_TAKE = """(deffunction take (?a ?m ?v ?p)
  (assert (update (agent ?a) (metric ?m) (value ?v) (former ?p))) (run))"""


def counting() -> tuple[clips.Environment, list[int]]:
    environment, fired = clips.Environment(), [0]

    def fire() -> None:
        fired[0] += 1

    environment.define_function(fire)
    return environment, fired


def run_thresholds(
    conditions: Sequence[str],
    updates: Sequence[Update],
    firings: Sequence[int],
    before: Sequence[Update] = (),
) -> None:
    """A rule for each condition on a sample, whose value replaces the former one."""

    def ready() -> Load:
        environment, fired = counting()
        for name in ("sample", "update"):
            environment.build(f"(deftemplate {name} (slot agent) (slot metric) (slot value) (slot former))")
        for number, condition in enumerate(conditions):
            environment.build(f"(defrule r{number} (sample {condition}) => (fire))")
        for construct in (_REPLACE, _FIRST, _TAKE):
            environment.build(construct)
        take = environment.find_function("take")
        symbols = {name: clips.Symbol(name) for name in METRICS}

        def step(number: int) -> None:
            update = updates[number]
            take(update.agent, symbols[update.metric], update.value, update.former)

        for update in before:
            take(update.agent, symbols[update.metric], update.value, update.former)
        return Load(step, lambda: (fired[0], environment)[0])

    measure(ready, len(updates), firings)


def above(limit: int) -> str:
    """Crossed upwards."""
    return f"(value ?v&:(> ?v {limit})) (former ?p&:(<= ?p {limit}))"


def keyed(rule: Threshold) -> str:
    return f"(agent {rule.agent}) (metric {rule.metric}) {above(rule.above)}"


def run_w1(count: int) -> None:
    rules, updates, firings = w1(count)
    conditions = [keyed(rule) for rule in rules]
    run_thresholds(conditions, updates, firings)


def run_among(count: int) -> None:
    (rules, updates, firings), others = among(count)
    conditions = [keyed(rule) for rule in rules]
    run_thresholds(conditions, updates, firings, others)


def run_w1k(count: int) -> None:
    limits, updates, firings = w1k(count)
    run_thresholds([above(limit) for limit in limits], updates, firings)


def run_w2() -> None:
    machines, policies, incidents, firings = w2()

    def ready() -> Load:
        environment, fired = counting()
        for slots in (
            "incident (slot number) (slot machine) (slot kind)",
            "machine (slot number) (slot tier)",
            "policy (slot tier) (slot kind) (slot enabled)",
        ):
            environment.build(f"(deftemplate {slots})")
        environment.build(
            "(defrule entitled (machine (number ?m) (tier ?t)) (incident (machine ?m) (kind ?k))"
            " (policy (tier ?t) (kind ?k) (enabled 1)) => (fire))"
        )
        for machine in machines:
            environment.assert_string(f"(machine (number {machine.number}) (tier {machine.tier}))")
        for one in policies:
            environment.assert_string(
                f"(policy (tier {one.tier}) (kind {one.kind}) (enabled {int(one.enabled)}))"
            )
        environment.build(
            "(deffunction take (?n ?m ?k) (assert (incident (number ?n) (machine ?m) (kind ?k))) (run))"
        )
        take = environment.find_function("take")
        return Load(lambda number: take(*incidents[number]), lambda: (fired[0], environment)[0])

    measure(ready, len(incidents), firings)


def run_w3() -> None:
    seeds, firings = w3()

    def ready() -> Load:
        environment, fired = counting()
        for slots in (
            "detection (slot id) (slot agent) (slot kind)",
            "fault (slot id) (slot agent) (slot kind)",
            "action (slot id)",
        ):
            environment.build(f"(deftemplate {slots})")
        environment.build(
            "(defrule raise ?d <- (detection (id ?i) (agent ?a) (kind ?k))"
            " => (fire) (assert (fault (id ?i) (agent ?a) (kind ?k))) (retract ?d))"
        )
        environment.build("(defrule act (fault (id ?i)) => (fire) (assert (action (id ?i))))")
        environment.build(
            "(defrule clear ?a <- (action (id ?i)) ?f <- (fault (id ?i)) => (fire) (retract ?a ?f))"
        )
        environment.build(
            "(deffunction take (?i ?a ?k) (assert (detection (id ?i) (agent ?a) (kind ?k))) (run))"
        )
        take = environment.find_function("take")

        def count() -> object:
            left = len(list(environment.facts()))
            return (fired[0], left) if left else fired[0]

        return Load(lambda number: take(*seeds[number]), count)

    measure(ready, len(seeds), firings)


def run_w4() -> None:
    toggles, firings = w4()

    def ready() -> Load:
        environment, fired = counting()
        for slots in ("machine (slot number)", "heartbeat (slot machine)", "off (slot machine)"):
            environment.build(f"(deftemplate {slots})")
        environment.build("(defrule silent (machine (number ?m)) (not (heartbeat (machine ?m))) => (fire))")
        environment.build(
            "(defrule stop (declare (salience 10)) ?off <- (off (machine ?m)) ?beat <- (heartbeat (machine ?m))"
            " => (retract ?off ?beat))"
        )
        environment.build("(deffunction comes (?m) (assert (heartbeat (machine ?m))) (run))")
        environment.build("(deffunction goes (?m) (assert (off (machine ?m))) (run))")
        comes, goes = environment.find_function("comes"), environment.find_function("goes")
        for number in range(MACHINES):
            comes(number)
        for number in range(MACHINES):
            environment.assert_string(f"(machine (number {number}))")
        environment.run()

        def step(number: int) -> None:
            machine, beats = toggles[number]
            (comes if beats else goes)(machine)

        return Load(step, lambda: (fired[0], environment)[0])

    measure(ready, len(toggles), firings)


WORKLOADS: dict[str, Callable[[int], None]] = {
    "w1": run_w1,
    "among": run_among,
    "w1k": run_w1k,
    "w2": lambda _: run_w2(),
    "w3": lambda _: run_w3(),
    "w4": lambda _: run_w4(),
}

if __name__ == "__main__":
    WORKLOADS[sys.argv[1]](int(sys.argv[2]))
