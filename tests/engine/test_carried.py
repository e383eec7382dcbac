"""What a reload says of everything that was under way: how much goes on, what does not, and why."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from engine.carried import Carried
from tests.engine.meanings.saying import happen, item, said, world
from tests.engine.work.work_world import Goes, WorkWorld

HEAD = "severity error; category agent; notify c"
RULES = f"""
detection held {{ for each item; {HEAD}; when item.x > 5 for 1h }}
detection open {{ for each item; {HEAD}; when item.x > 6 }}
detection tiers {{ for each item; category agent; notify c; severity warning when item.x > 1 for 30m; severity error when item.x > 5 for 2h }}
detection window {{ for each item; {HEAD}; when avg(item.x over 5m) > 100 }}
detection odd {{ for each item; {HEAD}; when anomaly(item.x over 1d) > 2 }}
detection group {{ for each item by tier; {HEAD}; when sum(item.x) > 1000 }}
detection pair {{ for each item, other matching tier; {HEAD}; when item.x > other.y + 1000 }}
detection many {{ for each item; {HEAD}; when count(event deploy where deploy.item == item.name over 1h) >= 9 }}
detection paced {{ for each item; {HEAD}; when item.note == "bad" }}
recovery help {{ on fault open; try run {{ exec ["/bin/slow"]; verify within 1h }}; limit 9 per 1d by item; cooldown 2h }}
recovery soon {{ on fault paced; try run {{ exec ["/bin/quick"]; verify within 5s }}; try again {{ exec ["/bin/slow"] }}; limit 9 per 1d by item; cooldown 2h }}
derive sick {{ for each item where item.x > 4; field level = item.x * 2 }}
orchestration busy {{ for each item; when item.x > 7; then {{ pause automation hourly }}; afterwards {{ resume automation }} }}
orchestration after_deploy {{ on event deploy followed by event rollback where rollback.item == deploy.item within 1h; limit 99 per 1h overall; then {{ exec ["/bin/x", deploy.item] }} }}
orchestration each_day {{ every day at 02:00; limit 99 per 1h overall; then {{ exec ["/bin/x"] }} }}
workflow build {{ step first {{ exec ["/bin/quick"] }}; step slow {{ after first; exec ["/bin/slow"] {{ timeout 2h }} }} }}
automation hourly {{ every 1h; run build; overlap queue }}
adaptation lean {{ of workflow build; when steps.slow.duration > 1h for 30m; then {{ set steps.slow.timeout = 3h }} }}
adaptation wide {{ of workflow build; when host.load > 3 for 1h; then {{ set steps.slow.timeout = 3h }} }}
maintenance now {{ every day at 00:00 lasting 23h; covers item where item.tier == "z" }}
alert all {{ on fault where fault.severity != "info"; group by fault.name within 5s; notify c }}
"""


def under_way() -> WorkWorld:
    """Something of every kind is."""
    found = world(RULES, at=43200.0, **{"/bin/slow": Goes(None)})
    found.report("host", "h", load=4.0)
    found.run("hourly")
    found.report("other", "o", id="o", tier="a", y=1.0)
    for name in ("p", "q"):
        item(found, name, x=9.0, tier="a")
        happen(found, "deploy", item=name)
    item(found, "r", x=0.5, tier="b", note="bad")
    found.at(found.now + 60)
    item(found, "p", x=8.0, tier="a")
    return found


def lines(carried: Carried) -> list[str]:
    kept = [f"kept: {count} {what}" for what, count in carried.kept.items()]
    return [*kept, *(f"reset: {one.said()}" for one in carried.resets)]


def edited(*changes: tuple[str, str]) -> str:
    text = RULES
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def without(*names: str) -> str:
    return "\n".join(line for line in RULES.splitlines() if not any(f" {name} {{" in line for name in names))


def test_of_the_same_rules_everything_goes_on(snapshot: SnapshotAssertion) -> None:
    found = under_way()
    found.load(said(RULES))
    assert found.engine.carried.resets == ()
    assert lines(found.engine.carried) == snapshot


@pytest.mark.parametrize(
    "changes",
    [
        [("item.x > 5 for 1h", "item.x > 4 for 1h")],
        [("item.x > 5 for 1h", "item.x > 5 for 10m")],
        [("when item.x > 5 for 1h", "unless item.on; when item.x > 5 for 1h")],
        [("detection held { for each item;", 'detection held { for each item where item.tier == "a";')],
        [("detection held {", "detection held { off;")],
        [("avg(item.x over 5m)", "avg(item.x over 1h)")],
        [("anomaly(item.x over 1d) > 2", "item.x > 10000"), ("avg(item.x over 5m) > 100", "item.x > 9999")],
        [("item.x > 1 for 30m", "item.x > 2 for 30m")],
        [("for each item by tier", "for each item by note")],
        [("over 1h) >= 9", "over 2h) >= 9")],
        [("limit 9 per 1d by item; cooldown 2h", "limit 9 per 1d overall; cooldown 1h")],
        [("for each item; when item.x > 7;", "for each item; when item.x > 700;")],
        [("rollback.item == deploy.item within 1h", "rollback.item == deploy.item within 2h")],
        [("every 1h; run build", "every 2h; run build"), ("every day at 02:00", "every day at 03:00")],
        [
            ("duration > 1h for 30m", "duration > 1h for 20m"),
            ("host.load > 3 for 1h", "host.load > 2 for 1h"),
        ],
        [("lasting 23h", "lasting 22h")],
        [("item.x * 2", "item.x * 3")],
    ],
    ids=lambda changes: changes[0][1][:40] if changes else "nothing",
)
def test_what_an_edit_resets(changes: list[tuple[str, str]], snapshot: SnapshotAssertion) -> None:
    found = under_way()
    found.load(said(edited(*changes)))
    assert [one.said() for one in found.engine.carried.resets] == snapshot


def test_what_goes_with_its_rules(snapshot: SnapshotAssertion) -> None:
    found = under_way()
    found.load(
        said(without("held", "open", "tiers", "window", "odd", "group", "pair", "many", "help", "all"))
    )
    assert [one.said() for one in found.engine.carried.resets] == snapshot


def test_an_adaptation_that_means_something_else_now_begins_its_hold_anew() -> None:
    """Its condition was true for a minute under the former text; that counts for nothing under the new one."""
    rules = """
workflow build { step slow { exec ["/bin/slow"] { timeout 2h } } }
adaptation lean { of workflow build; when steps.slow.duration > 10s for 1m; then { set steps.slow.timeout = 3h } }
"""
    found = world(rules, 0.0, **{"/bin/slow": Goes(None)})
    found.run("build")
    found.at(51)
    found.load(said(rules.replace("> 10s", "> 9s")))
    found.at(80)
    assert found.table("adaptation") == []
    found.at(112)
    assert [row["outcome"] for row in found.table("adaptation")] == ["applied"]
