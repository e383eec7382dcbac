"""Recovery is a contract: meanings 15 to 20 of the language. What survives a crash is in tests/engine/test_restart.py too."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.events import ActionFinished
from tests.dsl.checking import checked
from tests.engine.meanings.saying import GROUND, item, outcomes, said, told, watch, world
from tests.engine.work.work_world import Goes, WorkWorld

D = watch("item.x > 5").replace("notify c ", "")


def recovery(body: str, name: str = "r", on: str = "fault d", limit: str = "limit 9 per 1h overall") -> str:
    return f"recovery {name} {{ on {on}; {body}; {limit} }}\n"


RUN = 'try run { exec ["/bin/run", item.name]; verify within 30s }'
TWO = 'try one { exec ["/bin/one"]; verify within 10s }; try two { exec ["/bin/two"]; verify within 10s }'


def commands(found: WorkWorld) -> list[str]:
    return [str(do.arguments["command"][0]) for do in found.done if do.kind == "exec"]


def attempts(found: WorkWorld) -> list[str | None]:
    return [row.get("outcome") for row in found.table("attempt")]


def test_15_it_binds_fault_recovery_and_the_subject_by_its_type() -> None:
    body = 'try run { exec ["/bin/run", "{fault.name} {fault.subject} {item.x} {recovery.attempt}"]; verify within 30s }'
    found = world(watch("i.x > 5", each="for each item as i") + recovery(body))
    item(found, x=9.0)
    (done,) = [do for do in found.done if do.kind == "exec"]
    assert str(done.arguments["command"][1]).startswith("d p 9")


def test_15_of_several_detections_only_what_all_bind() -> None:
    other = "detection e { for each other; severity error; category agent; when other.y > 5 }\n"
    rule = recovery(RUN, on="fault d, e")
    assert checked(GROUND + D + other + rule, all_runs=True).program is None


def test_15_the_next_step_then_otherwise_once_for_a_fault() -> None:
    found = world(D + recovery(TWO + "; otherwise { notify c }"))
    item(found, x=9.0)
    found.at(100)
    assert commands(found) == ["/bin/one", "/bin/two"]
    assert attempts(found) == ["failed", "failed"]
    assert len([channel for _, channel in told(found) if channel == "c"]) >= 1
    found.at(1000)
    assert len(commands(found)) == 2


def test_15_exit_status_0_is_no_success_and_a_symptom_that_went_is() -> None:
    found = world(D + recovery(TWO))
    item(found, x=9.0)
    found.at(13)
    assert attempts(found) == ["failed", None]
    found.at(16)
    item(found, x=1.0)
    assert attempts(found) == ["failed", "succeeded"]


def test_15_only_samples_after_the_action_prove_something() -> None:
    found = world(D + recovery(RUN), exec=Goes(10.0))
    item(found, x=9.0)
    found.at(5)
    item(found, x=1.0)
    assert attempts(found) == [None]
    found.at(20)
    item(found, x=1.0)
    assert attempts(found) == ["unneeded"] or attempts(found) == ["succeeded"]


def test_15_a_written_condition_is_additional() -> None:
    body = 'try run { exec ["/bin/run"]; verify item.on within 30s }'
    found = world(D + recovery(body))
    item(found, x=9.0, on=False)
    found.at(5)
    item(found, x=1.0)
    assert attempts(found) == [None]
    item(found, on=True)
    found.at(6)
    assert attempts(found) == ["succeeded"]


def test_15_within_counts_from_the_end_of_the_action() -> None:
    found = world(D + recovery(RUN), exec=Goes(40.0))
    item(found, x=9.0)
    began = found.now
    found.at(began + 69)
    assert attempts(found) == [None]
    found.at(began + 71)
    assert attempts(found) == ["failed"]


def test_16_a_recovery_without_a_limit_is_an_error_and_so_is_a_limit_without_a_scope() -> None:
    for limit in ("", "limit 3 per 1h"):
        assert checked(GROUND + D + recovery(RUN, limit=limit), all_runs=True).program is None


def _again_and_again(found: WorkWorld, times: int, subject: str = "p") -> None:
    for _ in range(times):
        item(found, subject, x=9.0)
        found.at(found.now + 2)
        item(found, subject, x=1.0)
        found.at(found.now + 2)


def test_16_limits_slide_and_exhaustion_is_a_moment() -> None:
    rules = D + recovery(RUN, limit="limit 2 per 1m by item") + (
        'orchestration o { on exhausted r; limit 9 per 1h overall; then { exec ["/bin/help"] } }\n'
    )  # fmt: skip
    found = world(rules)
    _again_and_again(found, 3)
    assert commands(found) == ["/bin/run", "/bin/run", "/bin/help"]
    _again_and_again(found, 1, "q")
    assert commands(found)[3:] == ["/bin/run"]
    found.at(found.now + 61)
    _again_and_again(found, 1)
    assert commands(found)[4:] == ["/bin/run"]


def test_16_no_edit_is_a_way_round_a_limit() -> None:
    rule = D + recovery(RUN, limit="limit 1 per 1h by item")
    found = world(rule)
    _again_and_again(found, 1)
    found.load(said("# edited\n" + D.replace("> 5", "> 6") + recovery(TWO, limit="limit 1 per 1h by item")))
    _again_and_again(found, 2)
    assert commands(found) == ["/bin/run"]


def test_16_a_missing_label_is_one_common_bucket() -> None:
    found = world(D + recovery(RUN, limit="limit 1 per 1h by item.tier"))
    _again_and_again(found, 1, "p")
    _again_and_again(found, 1, "q")
    assert commands(found) == ["/bin/run"]


AGENTS = 'agent a { health tcp "127.0.0.1:1" { every 5s } }\n'
DOWN = 'detection down { for each agent; severity error; category agent; when agent.status == "down" }\n'
SICK = "detection sick { for each item; severity error; category agent; when item.x > 5 }\n"


def test_17_two_recoveries_never_act_on_one_thing() -> None:
    one = "recovery one { on fault down; try restart { restart agent; verify within 20s }; limit 9 per 1h overall }\n"
    two = "recovery two { on fault sick; try restart { restart agent a; verify within 20s }; limit 9 per 1h overall }\n"
    found = world(AGENTS + DOWN + SICK + one + two, restart=Goes(5.0))
    found.status("a", "up")
    found.status("a", "down")
    item(found, x=9.0)
    found.at(20)
    spans = sorted((row["started_at"], row.get("ended_at") or 1e9) for row in found.table("attempt"))
    assert len(found.did("restart")) >= 1
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_17_one_recovery_owns_a_fault_and_the_next_only_when_it_gave_up() -> None:
    by_category = recovery(
        'try c { exec ["/bin/c"]; verify within 5s }', "c_first", 'fault where fault.category == "agent"'
    )
    named = recovery('try n { exec ["/bin/n"]; verify within 5s }', "named")
    urgent = recovery('priority high; try u { exec ["/bin/u"]; verify within 5s }', "urgent")
    found = world(D + by_category + named + urgent)
    item(found, x=9.0)
    found.at(60)
    assert commands(found) == ["/bin/u", "/bin/n", "/bin/c"]


def test_18_a_fault_that_ends_by_itself_leaves_the_action_unneeded() -> None:
    found = world(watch("item.x > 5", unless="item.on") + recovery(RUN), exec=Goes(10.0))
    item(found, x=9.0)
    item(found, on=True)
    assert outcomes(found) == ["suppressed"]
    found.at(30)
    assert attempts(found) == ["unneeded"]
    assert [row["outcome"] for row in found.table("recovery")] == ["unneeded"]


def test_19_learned_order_is_as_written_at_first() -> None:
    found = world(D + recovery("order learned; " + TWO))
    item(found, x=9.0)
    found.at(60)
    assert commands(found) == ["/bin/one", "/bin/two"]


def test_20_what_is_about_to_be_done_is_recorded_first_and_its_outcome_after() -> None:
    """That the intent comes first and is durable is held of every step of every test: `World._believe`."""
    found = world(D + recovery(RUN), exec=Goes(None))
    item(found, x=9.0)
    (row,) = found.table("action", kind="exec")
    assert row.get("outcome") is None
    found.send(ActionFinished(found.now, row["id"], "succeeded"))
    assert found.table("action", kind="exec")[0]["outcome"] == "succeeded"


@pytest.mark.parametrize("action", ['http post "http://127.0.0.1:1/x"'])
def test_20_only_what_is_repeatable_is_done_again(action: str) -> None:
    workflow = "workflow w { step s { ACTION; retry 2 backoff 1s } }\nautomation a { every 1h; run w }\n"
    assert checked(GROUND + workflow.replace("ACTION", action), all_runs=True).program is None
    assert said(workflow.replace("ACTION", action + " { repeatable }"))
