"""What is known of all agents together."""

from __future__ import annotations

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from engine.engine import Engine
from engine.events import ProgramReplaced, Reported, Withdrawn

RULES = """\
agent a { health tcp "127.0.0.1:1" }
agent b { health tcp "127.0.0.1:2" }
detection too_few {
    category agent
    when swarm.available < 60% or swarm.status.a == "down"
}
"""


def engine() -> Engine:
    checked = check([Source("a.rules", RULES)], vocabulary())
    assert checked.program is not None, checked.findings
    made = Engine()
    made.step(ProgramReplaced(0.0, checked.program))
    made.step(Reported(0.0, "host", "host", {"cpu": 0.1}))
    return made


def test_it_follows_the_agents_and_rules_can_read_it() -> None:
    made = engine()
    for name in ("a", "b"):
        made.step(Reported(1.0, "agent", name, {"status": "up"}))
    swarm = made.memory.fact("swarm", "swarm").values
    assert (swarm["agents"], swarm["up"], swarm["available"], swarm["status"]) == (
        2,
        2,
        1.0,
        {"a": "up", "b": "up"},
    )
    assert not made.faults.open
    made.step(Reported(2.0, "agent", "b", {"status": "down"}))
    assert [fault.name for fault in made.faults.open.values()] == ["too_few"]
    made.step(Withdrawn(3.0, "agent", "b"))
    assert (swarm["agents"], swarm["available"]) == (1, 1.0)
    assert not made.faults.open
    made.close()
