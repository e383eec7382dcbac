"""durable-rules by its own host. A fact that matches nothing raises MessageNotHandledException, which any host has to catch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from durable.engine import MessageNotHandledException
from durable.lang import assert_fact, c, get_facts, get_host, m, none, post, retract_fact, ruleset, when_all

from benchmarks.measuring import Load, measure
from benchmarks.workloads import MACHINES, Threshold, w1, w2, w3, w4

CAPTURED = c


def run_w1(count: int) -> None:
    rules, updates, firings = w1(count)

    def ready() -> Load:
        fired = [0]

        def declare(rule: Threshold) -> None:
            @when_all(  # type: ignore[untyped-decorator]
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


def run_w2() -> None:
    machines, policies, incidents, firings = w2()

    def ready() -> Load:
        fired = [0]
        with ruleset("w2"):

            @when_all(  # type: ignore[untyped-decorator]
                CAPTURED.i << (m.t == "incident"),
                CAPTURED.m << (m.t == "machine") & (m.machine == CAPTURED.i.machine),
                CAPTURED.p << (m.t == "policy")
                & (m.tier == CAPTURED.m.tier)
                & (m.kind == CAPTURED.i.kind)
                & (m.enabled == 1),
            )
            def entitled(_: Any) -> None:
                fired[0] += 1

        get_host()
        for machine in machines:
            put("w2", {"t": "machine", "machine": machine.number, "tier": machine.tier})
        for one in policies:
            enabled = int(one.enabled)
            put(
                "w2",
                {"t": "policy", "nid": one.number, "tier": one.tier, "kind": one.kind, "enabled": enabled},
            )

        def step(number: int) -> None:
            incident = incidents[number]
            put("w2", {"t": "incident", "nid": number, "machine": incident.machine, "kind": incident.kind})

        return Load(step, lambda: fired[0])

    measure(ready, len(incidents), firings)


def put(rules: str, fact: dict[str, Any]) -> None:
    with suppress(MessageNotHandledException):  # it matched nothing, and was not stored
        assert_fact(rules, fact)


def run_w3() -> None:
    seeds, firings = w3()

    def ready() -> Load:
        fired = [0]
        with ruleset("w3"):

            @when_all(CAPTURED.d << (m.t == "detection"))  # type: ignore[untyped-decorator]
            def raised(x: Any) -> None:
                fired[0] += 1
                x.assert_fact({"t": "fault", "nid": x.d.nid, "agent": x.d.agent, "kind": x.d.kind})

            @when_all(CAPTURED.f << (m.t == "fault"))  # type: ignore[untyped-decorator]
            def act(x: Any) -> None:
                fired[0] += 1
                x.assert_fact({"t": "action", "nid": x.f.nid})

            @when_all(  # type: ignore[untyped-decorator]
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


def run_w4() -> None:
    toggles, firings = w4()

    def ready() -> Load:
        fired = [0]
        with ruleset("w4"):

            @when_all(  # type: ignore[untyped-decorator]
                CAPTURED.m << (m.t == "machine"),
                none((m.t == "heartbeat") & (m.machine == CAPTURED.m.number)),
            )
            def silent(_: Any) -> None:
                fired[0] += 1

        get_host()
        for number in range(MACHINES):
            assert_fact("w4", {"t": "heartbeat", "machine": number})
        for number in range(MACHINES):
            assert_fact("w4", {"t": "machine", "number": number})

        def step(number: int) -> None:
            machine, beats = toggles[number]
            (assert_fact if beats else retract_fact)("w4", {"t": "heartbeat", "machine": machine})

        return Load(step, lambda: fired[0])

    measure(ready, len(toggles), firings)


WORKLOADS: dict[str, Callable[[int], None]] = {
    "w1": run_w1,
    "w2": lambda _: run_w2(),
    "w3": lambda _: run_w3(),
    "w4": lambda _: run_w4(),
}

if __name__ == "__main__":
    WORKLOADS[sys.argv[1]](int(sys.argv[2]))
