"""CLIPS by clipspy. Replacement is done by a rule of CLIPS (a hash join), so no fact handle crosses to Python: held handles
slow it twenty-fold, retraction by index is linear."""

from __future__ import annotations

import sys

import clips

from benchmarks.measuring import Load, measure
from benchmarks.workloads import METRICS, w1, w3

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


def run_w1(count: int) -> None:
    rules, updates, firings = w1(count)

    def ready() -> Load:
        environment, fired = counting()
        for name in ("sample", "update"):
            environment.build(f"(deftemplate {name} (slot agent) (slot metric) (slot value) (slot former))")
        for number, rule in enumerate(rules):
            environment.build(
                f"(defrule r{number} (sample (agent {rule.agent}) (metric {rule.metric})"
                f" (value ?v&:(> ?v {rule.above})) (former ?p&:(<= ?p {rule.above}))) => (fire))"
            )
        for construct in (_REPLACE, _FIRST, _TAKE):
            environment.build(construct)
        take = environment.find_function("take")
        symbols = {name: clips.Symbol(name) for name in METRICS}

        def step(number: int) -> None:
            update = updates[number]
            take(update.agent, symbols[update.metric], update.value, update.former)

        return Load(step, lambda: (fired[0], environment)[0])

    measure(ready, len(updates), firings)


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


if __name__ == "__main__":
    if sys.argv[1] == "w1":
        run_w1(int(sys.argv[2]))
    else:
        run_w3()
