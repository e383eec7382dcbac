"""`alert`: faults told together, again, and to somebody else; to nobody once acknowledged."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from dsl.expressions import Expression
from dsl.routing import Alert, AlertStep
from tests.engine.programs import DOWN, UP, agent, compare, detection, equals, head, program, text
from tests.engine.world import World


def alert(*steps: AlertStep, name: str = "night", **more: Any) -> Alert:
    where: Expression | None = more.pop("where", None)
    return Alert(
        head(name),
        tuple(more.pop("of", ())),
        where,
        tuple(more.pop("group_by", ())),
        more.pop("within", 0.0),
        steps,
        **more,
    )


def world(*alerts: Alert, **more: Any) -> World:
    down = detection("agent_down", DOWN, until=UP, **more)
    found = World(replace(program(agent("a"), agent("b"), agent("c"), down), alerts=alerts))
    for name in "abc":
        found.status(name, "up")
    return found


def told(found: World) -> list[tuple[float, str, str]]:
    return [(round(do_at, 3), str(row["channel"]), row["text"]) for do_at, row in _notices(found)]


def _notices(found: World) -> list[tuple[float, dict[str, Any]]]:
    when = {row["id"]: row["intended_at"] for row in found.table("action", kind="notify")}
    return [(when[do.action], dict(do.arguments)) for do in found.done if do.kind == "notify"]


def test_faults_that_are_alike_are_told_as_one() -> None:
    found = world(alert(AlertStep("oncall"), group_by=[("fault", "category")], within=30.0))
    for second, name in enumerate("abc"):
        found.at(second).status(name, "down")
    found.at(60)
    assert told(found) == [
        (30.0, "oncall", "critical: 3 faults (agent): agent_down on a, agent_down on b, agent_down on c")
    ]
    assert {row["rule"] for row in found.table("alert")} == {"night"}
    assert len(found.table("alert")) == 3


def test_without_a_group_every_fault_is_told_by_itself() -> None:
    found = world(alert(AlertStep("oncall")), message=text("no answer"))
    found.at(1).status("a", "down")
    found.at(2).status("b", "down")
    found.at(9)
    assert told(found) == [
        (1.0, "oncall", "critical: agent_down on a: no answer"),
        (2.0, "oncall", "critical: agent_down on b: no answer"),
    ]


def test_a_fault_that_joins_a_group_is_told_of() -> None:
    found = world(alert(AlertStep("oncall"), group_by=[("fault", "category")], within=5.0))
    found.at(0).status("a", "down")
    found.at(20).status("b", "down")
    found.at(60)
    assert [at for at, _, _ in told(found)] == [5.0, 25.0]


def test_it_is_repeated_until_somebody_acknowledges() -> None:
    found = world(alert(AlertStep("oncall", repeat=10.0)))
    found.at(0).status("a", "down")
    found.at(25)
    found.command("acknowledge", found.fault("agent_down")["id"])
    found.at(60)
    assert [at for at, _, _ in told(found)] == [0.0, 10.0, 20.0]


def test_nobody_answers_so_somebody_else_is_told() -> None:
    steps = (AlertStep("oncall"), AlertStep("boss", after=15.0, repeat=20.0))
    found = world(alert(*steps))
    found.at(0).status("a", "down")
    found.at(40)
    assert [(at, who) for at, who, _ in told(found)] == [(0.0, "oncall"), (15.0, "boss"), (35.0, "boss")]


def test_what_is_over_is_neither_repeated_nor_escalated_but_told_of() -> None:
    steps = (AlertStep("oncall", repeat=10.0), AlertStep("boss", after=15.0))
    found = world(alert(*steps, cleared=("oncall",)))
    found.at(0).status("a", "down")
    found.at(5).status("a", "up")
    found.at(60)
    assert [(at, said.split(":")[0]) for at, _, said in told(found)] == [(0.0, "critical"), (5.0, "cleared")]


def test_what_was_over_before_anybody_was_told_is_not_told_of() -> None:
    found = world(alert(AlertStep("oncall"), within=30.0, cleared=("oncall",)))
    found.at(0).status("a", "down")
    found.at(5).status("a", "up")
    found.at(60)
    assert told(found) == []


def test_only_the_faults_that_it_is_for() -> None:
    found = world(
        alert(AlertStep("oncall"), where=equals("fault.subject", "b")),
        alert(AlertStep("boss"), name="grave", only_if=compare("host.load", ">", 3.0)),
    )
    found.at(0).status("a", "down")
    found.at(1).status("b", "down")
    found.report("host", "h", load=4.0)
    found.at(2).status("c", "down")
    found.at(9)
    assert [(at, who) for at, who, _ in told(found)] == [(1.0, "oncall"), (2.0, "boss")]


def test_a_reload_neither_forgets_nor_repeats() -> None:
    found = world(alert(AlertStep("oncall", repeat=10.0)))
    found.at(0).status("a", "down")
    found.at(5)
    found.load(
        replace(
            program(agent("a"), detection("agent_down", DOWN, until=UP)),
            alerts=(alert(AlertStep("oncall", repeat=10.0)),),
        )
    )
    found.at(25)
    assert [at for at, _, _ in told(found)] == [0.0, 10.0, 20.0]


def test_what_is_new_puts_the_repetition_off() -> None:
    found = world(alert(AlertStep("oncall", repeat=10.0), group_by=[("fault", "category")]))
    found.at(0).status("a", "down")
    found.at(9).status("b", "down")
    found.at(30)
    assert [at for at, _, _ in told(found)] == [0.0, 9.0, 19.0, 29.0]


def test_two_alerts_tell_one_channel_each_for_itself() -> None:
    found = world(alert(AlertStep("oncall")), alert(AlertStep("oncall"), name="day"))
    found.at(0).status("a", "down")
    found.at(5)
    assert {row["rule"] for row in found.table("alert")} == {"night", "day"}
    assert len(told(found)) == 2
