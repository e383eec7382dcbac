"""Termination: rule sets that end, and ones that do not by one token; a round that is shown goes on in the engine."""

from __future__ import annotations

from itertools import permutations

import pytest

from dsl.proofs.termination import Termination, termination
from dsl.proofs.wording import in_words
from engine.effects import Do
from tests.dsl.proofs.proving import rules, understood
from tests.engine.world import World

THINGS = """
fact switch { key name: text; field on: flag, level: number, mode: one of ["a", "b", "c"] }
agent a { health tcp "127.0.0.1:1" }
agent b { health tcp "127.0.0.1:2" }
"""
DOWN = """
detection down { for each agent; category agent; when agent.status == "down" }
"""


def found(text: str) -> Termination:
    return termination(rules(THINGS + text))


def flip(first: str = "not switch.on", second: str = "switch.on", to: str = "false") -> str:
    return f"""
orchestration one {{ for each switch; when {first}; then {{ set switch.on = true }} }}
orchestration two {{ for each switch; when {second}; then {{ set switch.on = {to} }} }}
"""


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (flip(), "circle"),
        (flip(to="true"), "ends"),
        (flip(second="not switch.on", to="true"), "ends"),
        (flip(first="not switch.on and switch.level > 5", second="switch.on and switch.level < 5"), "ends"),
        (flip(first="not switch.on and switch.level > 5", second="switch.on and switch.level < 6"), "circle"),
        (flip().replace("} }\n", "}; limit 1 per 1h overall }\n", 1), "bounded"),
        (flip().replace("} }\n", "}; limit 1 at once overall }\n", 1), "circle"),
        (flip().replace("orchestration two {", "orchestration two { off;"), "ends"),
        (flip().replace("orchestration two {", "orchestration two { shadow;"), "ends"),
        ('orchestration o { for each agent; when agent.status == "down"; then { restart agent } }', "open"),
        ('orchestration o { for each agent; when agent.status == "down"; then { stop agent } }', "ends"),
        ('orchestration o { for each agent; when agent.latency > 2s; then { restart agent } }', "ends"),
        ('orchestration o { when host.cpu > 90%; then { exec ["x"] } }', "assuming"),
        ('orchestration o { when host.cpu > 90%; then { exec ["x"]; affects host.memory } }', "ends"),
        ('orchestration o { when host.cpu > 90%; then { exec ["x"]; affects host.cpu } }', "open"),
        ('orchestration o { when host.cpu > 90%; then { exec ["x"]; affects host.cpu }; limit 1 per 1h overall }', "bounded"),
        ('orchestration o { every 1h; then { exec ["x"] } }', "ends"),
        (DOWN + "recovery r { on fault down; try x { restart agent }; limit 1 per 1h overall }", "bounded"),
        (DOWN + "recovery r { on fault down; try x { stop agent }; limit 1 per 1h overall }", "ends"),
        (DOWN + "recovery r { on fault down; try x { restart agent }; limit 1 at once overall }", "open"),
        (DOWN + "recovery r { on fault down; try x { restart agent }; limit 1 at once overall; cooldown 10s }", "bounded"),
        (DOWN + "orchestration o { on fault down; then { restart agent } }", "open"),
        (DOWN + "orchestration o { on fault down; then { stop agent } }", "ends"),
        ("automation m { overlap queue; do { run n } }\nautomation n { overlap queue; do { run m } }", "circle"),
        ("automation m { overlap skip; do { run n } }\nautomation n { overlap skip; do { run m } }", "ends"),
        ("automation m { overlap queue; do { run n } }\nautomation n { overlap queue; do { log \"x\" } }", "ends"),
    ],
)  # fmt: skip
def test_verdicts(text: str, verdict: str) -> None:
    assert found(text).verdict == verdict


@pytest.mark.parametrize("limit", ["limit 1 per 1h overall", "limit 1 at once overall"])
def test_the_verdict_is_that_of_any_order(limit: str) -> None:
    steps = [
        "try x { restart agent }",
        "try y { stop agent }",
        'try z { exec ["x"] { affects agent.latency } }',
    ]
    verdicts = {
        found(f"{DOWN}recovery r {{ on fault down; order {how}; {'; '.join(order)}; {limit} }}").verdict
        for how in ("written", "learned")
        for order in permutations(steps)
    }
    assert len(verdicts) == 1


def test_a_longer_round() -> None:
    chain = "".join(
        f'orchestration {a} {{ for each switch; when switch.mode == "{a}"; then {{ set switch.mode = "{b}" }} }}\n'
        for a, b in ("ab", "bc", "ca")
    )
    (circle,) = found(chain).circles
    assert circle.round is not None
    assert [step.rpartition(" ")[2] for step in circle.round.steps] == ['"b"', '"c"', '"a"']
    assert found(chain.replace('"a" }', '"c" }')).verdict == "ends"


def test_by_way_of_a_fault() -> None:
    text = """
detection lost { for each switch; category agent; when not switch.on }
orchestration o { on fault lost; then { set switch.on = true } }
orchestration p { for each switch; when switch.on; then { set switch.on = false } }
"""
    assert found(text).verdict in ("circle", "open")
    assert found(text.replace("switch.on = false", "switch.on = true")).verdict == "ends"


def test_bounds_name_the_limit() -> None:
    text = DOWN + "recovery r { on fault down; try x { restart agent }; limit 3 per 1h by agent }"
    (bound,) = found(text).bounds
    assert bound.limits == (("recovery r", "limit 3 per 1h by agent"),)
    assert bound.way == ("recovery r", "field agent.status", "fault down", "recovery r")


def test_what_is_assumed_is_named() -> None:
    (assumed,) = found('orchestration o { when host.cpu > 90%; then { exec ["x"] } }').assumptions
    assert (assumed.rule, [action.text for action in assumed.actions]) == ("orchestration o", ['exec ["x"]'])


def test_through_what_is_derived() -> None:
    text = """
derive calm { for each switch; field loud = switch.on }
orchestration o { for each calm; when not calm.loud; then { set switch "s" on: true } }
orchestration p { for each switch; when switch.on; then { set switch.on = false } }
"""
    assert found(text).verdict in ("open", "circle")


# --- the engine says the same -----------------------------------------------------------------------------------------


def acted(text: str, seconds: float, **values: object) -> int:
    """How often the rules act by themselves: what is set is reported, and nothing else happens."""
    world = World(understood(THINGS + text))
    world.behaves["set"] = None
    world.report("switch", "s", **values)
    count = 0
    while world.now < seconds:
        waiting = [effect for effect in world.effects if isinstance(effect, Do) and effect.kind == "set"][
            count:
        ]
        for effect in waiting:
            world.finish(effect.action)
            world.report("switch", str(effect.arguments["key"]), **effect.arguments["values"])
        count += len(waiting)
        world.at(world.now + 1.0)
    return count


def test_a_round_goes_on_in_the_engine() -> None:
    (circle,) = found(flip()).circles
    assert circle.round is not None
    assert circle.round.facts is not None
    assert in_words(circle.round.facts, circle.round.world) in ("switch.on is false", "switch.on is true")
    assert acted(flip(), 60.0, on=False) >= 50


def test_what_ends_ends_in_the_engine() -> None:
    assert acted(flip(to="true"), 60.0, on=False) <= 2


def test_through_a_fault_that_follows_another() -> None:
    text = (
        DOWN
        + """
detection again { on fault down; category agent; until agent.status == "up" }
recovery r { on fault again; try x { restart agent }; limit 1 at once overall }
"""
    )
    assert found(text).verdict == "open"
    assert found(text.replace("restart agent", "stop agent")).verdict in ("ends", "open")


def test_through_a_recovery_that_gave_up() -> None:
    text = (
        DOWN
        + """
recovery one { on fault down; try x { log "x" }; limit 1 at once overall }
recovery two { on exhausted one; try x { restart agent }; limit 1 at once overall }
"""
    )
    assert found(text).verdict == "open"


def test_what_something_else_may_hold_back_is_not_played() -> None:
    """`keep at least` may keep the rule from acting: that it goes on for ever cannot be shown."""
    held = flip().replace("when not switch.on;", "when not switch.on; keep at least 1 agent;")
    assert found(held).verdict == "open"
