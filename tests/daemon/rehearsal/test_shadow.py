"""Rules in the shadow in tests of rules: nothing is done, which can be expected; and whole rule sets there do nothing whatever happens."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from daemon.rehearsal.rehearse import Rehearsal, rehearse
from daemon.rehearsal.text import as_text
from daemon.rules.sources import read_rules
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.shadow import in_shadow
from dsl.source import Source

SHIPPED = Path(__file__).parents[3] / "rules"
SETS = ("std", "volexswarm")

RULES = """
agent api { unit process ["/usr/bin/api"] }
channel oncall { url "log:" }
detection agent_down { for each agent; severity critical; category agent; when agent.status == "down" for 15s; notify oncall }
detection early { shadow; for each agent; category agent; when agent.status == "down" for 5s; notify oncall }
recovery careful { shadow; on fault agent_down; try restart { restart agent; verify within 30s }; limit 3 per 1h by agent }
recovery revive { on fault early; try restart { restart agent; verify within 30s }; limit 3 per 1h by agent }
test "in the shadow" {
    given agent api status: "up"
    at 1s set agent api status: "down"
    at 10s expect no fault early
    at 20s expect fault agent_down on agent api
    at 60s expect no action restart
    at end expect count(notify oncall) == 1
}
"""


def program(text: str) -> Program:
    checked = check([Source("a.rules", text)], vocabulary())
    assert checked.program is not None, checked.findings
    return checked.program


def played(rules: Program) -> list[Rehearsal]:
    clock = count(0.0, 0.0)
    return [rehearse(rules, case, lambda: next(clock)) for case in rules.tests]


def test_what_is_in_the_shadow_is_no_fault_and_no_action() -> None:
    (found,) = played(program(RULES))
    assert found.passed, as_text([found])
    told = [line.text.split(" (row")[0] for line in found.timeline]
    for rule in ("careful", "revive"):
        assert told.count(f"in the shadow: recovery {rule} would try restart") == 1
    assert told.count("in the shadow: fault early on api") == 1
    kinds = [(row["kind"], row["rule"]) for row in found.rows.all("shadow_action")]
    assert kinds == [("fault", "early"), ("notice", "early"), ("recovery", "revive"), ("recovery", "careful")]


@pytest.mark.parametrize("name", SETS)
def test_shipped_rules_in_the_shadow_do_nothing(name: str) -> None:
    rules = read_rules([SHIPPED / name])
    shipped = check(rules.sources, vocabulary(), library=rules.library).program
    assert shipped is not None
    assert shipped.tests
    for found in played(in_shadow(shipped)):
        for table in ("action", "alert", "recovery", "attempt", "step_run", "maintenance_run", "adaptation"):
            assert found.rows.all(table) == [], found.case.name
        assert all(row.get("started_at") is None for row in found.rows.all("automation_run")), found.case.name


def test_twice_in_the_shadow_is_once() -> None:
    once = in_shadow(program(RULES))
    assert in_shadow(once) == once
