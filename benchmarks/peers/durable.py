"""durable-rules by its own host. A fact that matches nothing raises MessageNotHandledException, which any host has to catch."""

from __future__ import annotations

import sys
from typing import Any

from durable.engine import MessageNotHandledException
from durable.lang import assert_fact, c, get_facts, get_host, m, post, retract_fact, ruleset, when_all

from benchmarks.measuring import Load, measure
from benchmarks.workloads import Threshold, w1, w3

CAPTURED = c


def run_w1(count: int) -> None:
    rules, updates, firings = w1(count)

    def ready() -> Load:
        fired = [0]

        def declare(rule: Threshold) -> None:
            @when_all(
                (m.agent == rule.agent)
                & (m.metric == rule.metric)
                & (m.value > rule.above)
                & (m.former <= rule.above)
            )
            def fire(_: Any) -> None:
                fired[0] += 1

        with ruleset("w1"):
            for rule in rules:
                declare(rule)
        get_host()
        memory: dict[tuple[int, str], dict[str, Any]] = {}

        def step(number: int) -> None:
            update = updates[number]
            key = (update.agent, update.metric)
            old = memory.pop(key, None)
            if old is not None:
                retract_fact("w1", old)
            fact = update._asdict()
            try:
                assert_fact("w1", fact)
                memory[key] = fact
            except MessageNotHandledException:
                pass  # it matched nothing, and was not stored

        return Load(step, lambda: fired[0])

    measure(ready, len(updates), firings)


def run_w3() -> None:
    seeds, firings = w3()

    def ready() -> Load:
        fired = [0]
        with ruleset("w3"):

            @when_all(CAPTURED.d << (m.t == "detection"))
            def raised(x: Any) -> None:
                fired[0] += 1
                x.assert_fact({"t": "fault", "nid": x.d.nid, "agent": x.d.agent, "kind": x.d.kind})

            @when_all(CAPTURED.f << (m.t == "fault"))
            def act(x: Any) -> None:
                fired[0] += 1
                x.assert_fact({"t": "action", "nid": x.f.nid})

            @when_all(
                CAPTURED.a << (m.t == "action"), CAPTURED.f << (m.t == "fault") & (m.nid == CAPTURED.a.nid)
            )
            def clear(x: Any) -> None:
                fired[0] += 1
                x.retract_fact(x.a)
                x.retract_fact(x.f)

        get_host()

        def step(number: int) -> None:
            seed = seeds[number]
            post("w3", {"t": "detection", "nid": seed.number, "agent": seed.agent, "kind": seed.kind})

        def count() -> object:
            left = get_facts("w3")
            return (fired[0], len(left)) if left else fired[0]

        return Load(step, count)

    measure(ready, len(seeds), firings)


if __name__ == "__main__":
    if sys.argv[1] == "w1":
        run_w1(int(sys.argv[2]))
    else:
        run_w3()
