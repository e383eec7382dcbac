"""Order, pauses, schedules, adaptations, undo: meanings 21 to 25 of the language. Much more of each is in tests/engine/work."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from tests.dsl.checking import checked
from tests.engine.meanings.saying import GROUND, happen, item, said, watch, world
from tests.engine.work.work_world import Goes, WorkWorld, name_of

ON = "on event deploy; limit 99 per 1h overall"


def orchestration(name: str, body: str, more: str = "") -> str:
    return f"orchestration {name} {{ {ON}; {more}; then {{ {body} }} }}\n"


def commands(found: WorkWorld) -> list[str]:
    return [name_of(do) for do in found.done if do.kind in ("exec", "http")]


def test_21_higher_priority_first_then_place() -> None:
    recovery = 'recovery {0} {{ on fault d; {1}; try x {{ exec ["/bin/{0}"]; verify within 9s }}; limit 1 at once overall; limit 9 per 1h overall }}\n'
    rules = watch("item.x > 5") + watch("item.x > 5").replace("detection d", "detection e")
    rules += recovery.format("low", "priority low") + recovery.format("high", "priority high").replace(
        "fault d", "fault e"
    )
    found = world(rules)
    item(found, x=9.0)
    assert commands(found)[0] == "/bin/high"


def test_21_rules_of_one_moment_act_in_the_order_in_which_they_are_written() -> None:
    found = world(orchestration("z", 'exec ["/bin/1"]') + orchestration("a", 'exec ["/bin/2"]'))
    happen(found, "deploy", item="p")
    assert commands(found) == ["/bin/1", "/bin/2"]


def test_21_files_come_by_their_names() -> None:
    texts = {
        "b.rules": orchestration("one", 'exec ["/bin/b"]'),
        "a.rules": GROUND + orchestration("two", 'exec ["/bin/a"]'),
    }
    from msgspec.structs import replace

    words = replace(vocabulary(), later={})
    for names in (("a.rules", "b.rules"), ("b.rules", "a.rules")):
        found = check([Source(name, texts[name]) for name in names], words)
        assert found.program is not None
        ground = WorkWorld(found.program)
        happen(ground, "deploy", item="p")
        assert commands(ground) == ["/bin/a", "/bin/b"]


JOB = 'automation job { every 1m; do { exec ["/bin/job"] } }\n'
SHED = "orchestration {0} {{ when item.{1}; for each item; then {{ pause automation job }}; afterwards {{ resume automation job }} }}\n"


def test_22_pause_stops_starts_and_what_runs_goes_on() -> None:
    found = world(JOB + SHED.format("shed", "on"), exec=Goes(90.0))
    found.at(61)
    item(found, on=True)
    found.at(400)
    assert commands(found) == ["/bin/job"]
    assert found.cancelled == []


def test_22_cancel_ends_what_runs() -> None:
    found = world(JOB + orchestration("o", "cancel automation job"), exec=Goes(None))
    found.at(61)
    happen(found, "deploy", item="p")
    assert len(found.cancelled) == 1


def test_22_a_pause_is_lifted_by_none_but_its_holder() -> None:
    rules = JOB + SHED.format("one", "on") + SHED.format("two", "x > 5").replace("item.x", "item.x")
    found = world(rules)
    item(found, on=True, x=9.0)
    item(found, on=False)
    found.at(200)
    assert commands(found) == []
    item(found, x=1.0)
    found.at(400)
    assert len(commands(found)) >= 3


def _at(*when: int, zone: str = "UTC") -> float:
    return datetime(*when, tzinfo=ZoneInfo(zone)).timestamp()  # type: ignore[arg-type,misc]


def _daily(at: str, zone: str, begin: float, days: int, more: str = "") -> list[str]:
    timezone = f'; timezone "{zone}"' if zone else ""
    found = world(
        f'automation a {{ every day at {at}{timezone}{more}; do {{ exec ["/bin/a"] }} }}\n', at=begin
    )
    found.at(begin + days * 86400)
    instants = [at for at, kind, _ in found.did() if kind == "exec"]
    return [datetime.fromtimestamp(at, UTC).strftime("%d %H:%M") for at in instants]


def test_23_schedules_are_utc_unless_said() -> None:
    assert _daily("02:00", "", _at(2026, 3, 27), 2) == ["27 02:00", "28 02:00"]
    assert _daily("02:00", "Europe/Berlin", _at(2026, 3, 26), 2) == ["26 01:00", "27 01:00"]


def test_23_a_time_that_does_not_exist_runs_at_the_next_instant_and_a_doubled_one_once() -> None:
    assert _daily("02:30", "Europe/Berlin", _at(2026, 3, 28, 12), 1) == ["29 01:00"]
    assert len(_daily("02:30", "Europe/Berlin", _at(2026, 10, 24, 12), 1)) == 1


@pytest.mark.parametrize(("more", "ran"), [("", 0), ("; catch up once", 1)])
def test_23_what_was_missed_while_down_is_skipped_and_recorded(more: str, ran: int) -> None:
    rules = said(f'automation a {{ every 1h{more}; do {{ exec ["/bin/a"] }} }}\n')
    found = WorkWorld(rules, at=0.0)
    found.at(100)
    new = found.crashed(rules, after=3 * 3600.0)
    new.at(new.now + 60)
    assert len(commands(new)) == ran
    assert ("schedule", "skipped") in new.automation_runs("a") or ran == 1


FLOW = """workflow w {{
    step one {{ exec ["/bin/one"]; {one} }}
    step two {{ after one; exec ["/bin/two"]; {two} }}
    step three {{ after two; exec ["/bin/three"] }}
}}
"""


def flow(one: str = "", two: str = "", more: str = "") -> str:
    return FLOW.format(one=one, two=two) + "automation go { every 1h; run w }\n" + more


def test_24_skip_needs_an_optional_step() -> None:
    rule = "adaptation a { of workflow w; when steps.one.duration > 0s; then { skip step two } }\n"
    assert checked(GROUND + flow(more=rule), all_runs=True).program is None
    found = world(flow(two="optional", more=rule), **{"/bin/one": Goes(5.0)})
    found.run("w")
    found.at(60)
    assert found.steps() == {"one": "succeeded", "two": "skipped", "three": "succeeded"}


def test_24_a_failed_step_is_seen_before_the_run_fails() -> None:
    rule = 'adaptation a { of workflow w; when step.status == "failed"; then { replace step { exec ["/bin/other"] } } }\n'
    found = world(flow(more=rule), **{"/bin/one": Goes(1.0, "failed")})
    found.run("w")
    found.at(60)
    assert commands(found) == ["/bin/one", "/bin/other", "/bin/two", "/bin/three"]
    assert found.workflow_run()["status"] == "succeeded"


def test_24_duration_is_what_has_elapsed_and_a_running_step_may_get_more_time() -> None:
    rule = "adaptation a { of workflow w; when steps.one.duration > 10s; then { set steps.one.timeout = 60s } }\n"
    found = world(flow(one="timeout 20s", more=rule), **{"/bin/one": Goes(40.0)})
    found.run("w")
    found.at(90)
    assert found.step("one")["status"] == "succeeded"


def test_24_too_late_is_recorded() -> None:
    rule = "adaptation a { of workflow w; when steps.three.duration > 2s; then { skip step two } }\n"
    found = world(flow(two="optional", more=rule), **{"/bin/three": Goes(5.0)})
    found.run("w")
    found.at(60)
    assert found.steps()["two"] == "succeeded"
    (row,) = found.table("adaptation")
    assert "too late" in str(row) or row.get("outcome") not in (None, "done", "applied")


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_25_undo_runs_in_reverse_on_failure_and_cancel(how: str) -> None:
    undo = 'undo {{ exec ["/bin/un{0}"] }}'
    third = Goes(1.0, "failed") if how == "failed" else Goes(None)
    found = world(flow(one=undo.format("one"), two=undo.format("two")), **{"/bin/three": third})
    found.run("w")
    found.at(30)
    if how == "cancelled":
        found.command("cancel", found.workflow_run()["id"])
    found.at(60)
    assert commands(found) == ["/bin/one", "/bin/two", "/bin/three", "/bin/untwo", "/bin/unone"]
