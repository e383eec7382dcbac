"""`volexd whynot` of everything that may stand in a rule's way: one small rule set for each, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from engine.events import CapacityKnown, Commanded, Happened
from engine.whynot import whynot
from tests.engine.meanings.saying import item, world
from tests.engine.work.work_world import Goes, WorkWorld

Happens = Callable[[WorkWorld], object]
H = "severity error; category agent; notify c"
AGENTS = """
agent vault { unit process ["/bin/vault"]; health http "http://localhost:1/" }
agent api   { unit process ["/bin/api"]; health http "http://localhost:2/"; needs vault }
"""
DOWN = 'detection down { for each agent; severity error; category agent; when agent.status == "down" }\n'
REVIVE = "recovery revive { on fault down; try restart { restart agent; verify within 10s }; limit 1 per 1h by agent }\n"


def nothing(found: WorkWorld) -> None:
    """Nothing happens."""


def high(found: WorkWorld) -> None:
    item(found, x=9.0, tier="a", fresh_for=30.0)


def high_twice(found: WorkWorld) -> None:
    for _ in range(2):
        high(found)
        found.at(found.now + 10)
        item(found, x=1.0, tier="a")
        found.at(found.now + 10)
    high(found)


def stale(found: WorkWorld) -> None:
    found.report("probe", "looker", ok=True)
    found.report("item", "p", fresh_for=30.0, source="looker", name="p", x=9.0)
    found.report("probe", "looker", ok=False, last_error="connection refused")
    found.at(found.now + 100)


def few_samples(found: WorkWorld) -> None:
    for second in range(0, 60, 10):
        found.at(43201.0 + second)
        item(found, x=9.0, fresh_for=30.0)


def some_unknown(found: WorkWorld) -> None:
    item(found, "p", tier="a", on=True)
    item(found, "q", tier="a")


def down(*agents: str) -> Happens:
    def happens(found: WorkWorld) -> None:
        for name in ("vault", "api"):
            found.unit(name, name not in agents, 7)
            found.health(name, name not in agents)

    return happens


def then(*steps: Happens) -> Happens:
    def happens(found: WorkWorld) -> None:
        for step in steps:
            step(found)

    return happens


def asked(command: str, subject: str) -> Happens:
    return lambda found: found.send(Commanded(found.now, command, subject, "ann"))


def acknowledged(found: WorkWorld) -> None:
    high(found)
    asked("acknowledge", str(found.faults()[0]["id"]))(found)


CASES: dict[str, tuple[str, Happens, str, str]] = {
    # conditions
    "hold": (f"detection d {{ for each item; {H}; when item.x > 5 for 1m }}", high, "d", "p"),
    "hold of a tier": (
        ("detection d { for each item; category agent; notify c; severity warning when item.x > 5 for 1m;"
        " severity error when item.x > 50 }"),
        high, "d", "p",
    ),
    "stale": (f"detection d {{ for each item; {H}; when item.x > 50 }}", stale, "d", "p"),
    "never said": (f"detection d {{ for each item; {H}; when item.note == \"bad\" }}", high, "d", "p"),
    "threshold": (f"detection d {{ for each item; {H}; when item.x * 2 > 20 }}", high, "d", "p"),
    "aggregate": (f"detection d {{ {H}; when count(item where item.x > 5) >= 3 }}", then(high, lambda f: f.report("host", "h", load=1.0)), "d", ""),
    "aggregate of unknown members": (f"detection d {{ for each item by tier; {H}; when count(item where item.on) >= 2 }}",
        some_unknown, "d", "a"),
    "window with too few samples": (f"detection d {{ for each item; {H}; when avg(item.x over 5m) > 5 }}", few_samples, "d", "p"),
    "anomaly that has not seen enough": (f"detection d {{ for each item; {H}; when anomaly(item.x over 1d) > 0.5 }}", few_samples, "d", "p"),
    "events": (f"detection d {{ for each item; {H}; when count(event deploy where deploy.item == item.name over 1h) >= 2 }}",
        then(high, lambda f: f.send(Happened(f.now, "deploy", {"item": "p"}, f.now))), "d", "p"),
    "selector": (f"detection d {{ for each item where item.tier == \"b\"; {H}; when item.x > 5 }}", high, "d", "p"),
    "join: no partner": (f"detection d {{ for each item, other matching tier; {H}; when item.x > other.y }}",
        then(high, lambda f: f.report("other", "o", id="o", tier="b", y=1.0)), "d", "p"),
    "join: the other side": (f"detection d {{ for each item, other matching tier; {H}; when item.x > other.y }}",
        then(high, lambda f: f.report("other", "o", id="o", tier="b", y=1.0)), "d", "o"),
    "join: nothing of a kind": (f"detection d {{ for each item, other matching tier; {H}; when item.x > other.y }}", high, "d", "p"),
    "join: the value is unknown": (f"detection d {{ for each item, other matching tier; {H}; when item.x > other.y }}",
        lambda f: item(f, x=1.0), "d", "p"),
    "join: a pair whose condition is false": (f"detection d {{ for each item, other matching tier; {H}; when item.x > other.y }}",
        then(high, lambda f: f.report("other", "o", id="o", tier="a", y=10.0)), "d", "p"),
    "group that is not there": (f"detection d {{ for each item by tier; {H}; when sum(item.x) > 5 }}", high, "d", "z"),
    "calendar": (f"calendar nights {{ hours 22:00 to 06:00 }}\ndetection d {{ for each item; {H}; when item.x > 5 and during(nights) }}", high, "d", "p"),
    "unless": (f"detection d {{ for each item; {H}; when item.x > 5; unless item.tier == \"a\" }}", high, "d", "p"),
    "only if": (f"detection d {{ for each item; {H}; when item.x > 5; only if item.on }}", lambda f: item(f, x=9.0, on=False), "d", "p"),
    "off": (f"detection d {{ off; for each item; {H}; when item.x > 5 }}", high, "d", "p"),
    "shadow": (f"detection d {{ shadow; for each item; {H}; when item.x > 5 }}", high, "d", "p"),
    "moment": (f"detection d {{ for each item; {H}; on event deploy where deploy.item == item.name; until item.x < 1 }}", high, "d", "p"),
    # recoveries
    "no fault": (f"{AGENTS}{DOWN}{REVIVE}", down(), "revive", "api"),
    "need": (f"{AGENTS}{DOWN}{REVIVE}", down("vault", "api"), "revive", "api"),
    "paused agent": (f"{AGENTS}{DOWN}{REVIVE}", then(asked("pause", "api"), down("api")), "revive", "api"),
    "stopped agent": ((f"{AGENTS}detection d {{ for each item; {H}; when item.x > 5 }}\n"
        "recovery r { on fault d; try a { restart agent api; verify within 5s }; limit 2 per 1h by item }"), then(asked("stop", "api"), high), "r", "p"),
    "guard of a recovery": (f"{AGENTS}{DOWN}{REVIVE.replace('limit', 'only if host.load < 2; limit')}",
        then(lambda f: f.report("host", "h", load=3.5), down("api")), "revive", "api"),
    "unless of a recovery": (f"{AGENTS}{DOWN}{REVIVE.replace('limit', 'unless host.load > 2; limit')}",
        then(lambda f: f.report("host", "h", load=3.5), down("api")), "revive", "api"),
    "recovery in the shadow": (f"{AGENTS}{DOWN}{REVIVE.replace('{ on', '{ shadow; on')}", down("api"), "revive", "api"),
    "budget": ((f"detection d {{ for each item; {H}; when item.x > 5 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/a"]; verify within 5s }; limit 2 per 1h by item }'), high_twice, "r", "p"),
    "cooldown": ((f"detection d {{ for each item; {H}; when item.x > 5 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/a"]; verify within 5s }; limit 9 per 1h by item; cooldown 10m }'), high_twice, "r", "p"),
    "lock": ((f"detection d {{ for each item; {H}; when item.x > 5 }}\ndetection e {{ for each item; {H}; when item.x > 6 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/slow"]; verify within 5s }; limit 2 per 1h by item }\n'
        'recovery s { on fault e; try a { exec ["/bin/a"]; verify within 5s }; limit 2 per 1h by item }'), high, "s", "p"),
    "owned by another": ((f"detection d {{ for each item; {H}; when item.x > 5 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/slow"]; verify within 5s }; limit 2 per 1h by item; priority high }\n'
        'recovery s { on fault d; try a { exec ["/bin/a"]; verify within 5s }; limit 2 per 1h by item }'), high, "s", "p"),
    "maintenance": ((f"detection d {{ for each item; {H}; when item.x > 5 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/a"]; verify within 5s }; limit 2 per 1h by item }\n'
        'maintenance m { every day at 00:00 lasting 23h; covers item where item.tier == "a" }'), high, "r", "p"),
    "inhibition": ((f"detection d {{ for each item; {H}; when item.x > 5; inhibited by fault e }}\ndetection e {{ for each item; {H}; when item.x > 6 }}\n"
        'recovery r { on fault d; try a { exec ["/bin/a"]; verify within 5s }; limit 2 per 1h by item }'), high, "r", "p"),
    "unconfirmed": (f"detection d {{ for each item; {H}; when item.x > 5 }}", stale, "d", "p"),
    "aggregate that is too large": (f"detection d {{ for each item by tier; {H}; when count(item where item.x > 5) < 1 }}", high, "d", "a"),
    "aggregate that is another": (f"detection d {{ for each item by tier; {H}; when count(item where item.x > 5) == 3 }}", high, "d", "a"),
    "keep at least": (f"{AGENTS}{DOWN}".replace("; needs vault", "") + REVIVE.replace("limit", 'keep at least 2 agent where agent.status == "up"; limit'), down("api"), "revive", "api"),
    # what sets in motion
    "state whose limit is used up": ('orchestration o { for each item; when item.x > 5; limit 2 per 1h by item; then { exec ["/bin/a"] } }', high_twice, "o", "p"),
    "orchestration that waits for a sequence": ('orchestration o { on event deploy not followed by event rollback within 1m; limit 9 per 1h overall; then { exec ["/bin/a"] } }', nothing, "o", ""),
    "paused automation": ('automation a { every 1h; do { exec ["/bin/a"] } }', asked("pause", "a"), "a", ""),
    "automation that is not due": ('automation a { every 1h at minute 5; do { exec ["/bin/a"] } }', nothing, "a", ""),
    "guard of an automation": ('automation a { every 1h; only if host.load < 2; do { exec ["/bin/a"] } }', lambda f: f.report("host", "h", load=3.0), "a", ""),
    "automation that waits for resources": ('automation a { reserve cpu: 2; do { exec ["/bin/slow"] } }\nautomation b { reserve cpu: 3; do { exec ["/bin/a"] } }',
        then(lambda f: f.send(CapacityKnown(f.now, 4.0)), asked("run", "a"), asked("run", "b")), "b", ""),
    "maintenance that is not open": ("maintenance m { every day at 03:00 lasting 2h; covers item }", nothing, "m", ""),
    # who is told
    "acknowledged": (f"detection d {{ for each item; {H}; when item.x > 5 }}\nalert a {{ on fault d; notify c }}", acknowledged, "a", "p"),
    "acknowledged, of the detection": (f"detection d {{ for each item; {H}; when item.x > 5 }}", acknowledged, "d", "p"),
    "alert that gathers": (f"detection d {{ for each item; {H}; when item.x > 5 }}\nalert a {{ on fault d; group by fault.name within 5m; notify c }}", high, "a", "p"),
    "alert that selects": (f"detection d {{ for each item; {H}; when item.x > 5 }}\nalert a {{ on fault where fault.severity == \"critical\"; notify c }}", high, "a", "p"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_stands_in_the_way(case: str, snapshot: SnapshotAssertion) -> None:
    rules, happens, rule, subject = CASES[case]
    found = world(rules, 43200.0, **{"/bin/slow": Goes(None)})
    happens(found)
    reason = whynot(found.engine, rule, subject, found.now)
    assert [reason.verdict, *("  " * depth + line for depth, line in reason.lines)] == snapshot
