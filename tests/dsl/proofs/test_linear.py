"""The work grows with the rules and not with their pairs: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.proofs import conflict, report, termination
from tests.dsl.proofs.proving import understood

HEAD = """
fact metric { key name: text; field value: number, on: flag, mode: text }
agent a { health tcp "127.0.0.1:1" }
"""


def pinned(number: int) -> str:
    """Each is about a metric of its own, and half of them set what the others take away."""
    return f"""
orchestration o{number} {{
    for each metric
    when metric.name == "m{number}" and metric.value > 3
    then {{ set metric.on = {"true" if number % 2 else "false"} }}
    limit 1 per 1h overall
}}
"""


def alike(number: int) -> str:
    """All of them restart whatever is down, for a fault of their own."""
    return f"""
detection d{number} {{ for each agent; category agent; when agent.status == "down" and agent.restarts > {number} }}
recovery r{number} {{ on fault d{number}; try x {{ restart agent }}; limit 1 per 1h overall }}
"""


def ring(number: int) -> str:
    """Each sets off the next one."""
    return f"""
orchestration o{number} {{
    for each metric
    when metric.mode == "m{number}"
    then {{ set metric.mode = "m{number + 1}" }}
}}
"""


def work(monkeypatch: pytest.MonkeyPatch, rule: Callable[[int], str], count: int) -> int:
    """How many questions the proofs ask of so many rules."""
    asked = 0

    def counted(original: Callable[..., object]) -> Callable[..., object]:
        def ask(*given: object) -> object:
            nonlocal asked
            asked += 1
            return original(*given)

        return ask

    program = understood(HEAD + "".join(rule(number) for number in range(count)))
    with monkeypatch.context() as patched:
        for module in (conflict, termination):
            for name in ("never", "example"):
                patched.setattr(module, name, counted(getattr(module, name)))
        report.prove(program)
    return asked


@pytest.mark.parametrize("rule", [pinned, alike, ring])
def test_twice_the_rules_are_twice_the_work(
    monkeypatch: pytest.MonkeyPatch, rule: Callable[[int], str]
) -> None:
    few, many = (work(monkeypatch, rule, count) for count in (100, 400))
    assert many <= 5 * few + 100
