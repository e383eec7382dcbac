"""What sources say that their types do not allow: bounded, counted, told as facts about the source, never a crash, never left out in silence."""

from __future__ import annotations

import asyncio
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.probes.prometheus import NEWEST, OLDEST, read
from daemon.watching.fitting import DEEPEST, LONGEST_KEY, LONGEST_TEXT, MOST_PARTS, Unfit, fitted
from daemon.watching.intake import taken_of
from daemon.watching.probe import ProbePlan, ProbeWatch
from daemon.watching.scraped import facts_of, scraped
from daemon.world.bounds import Bounds
from daemon.world.refusals import REASONS
from dsl.expressions import Arithmetic, Constant, Field
from dsl.program import FactField, FactType
from engine.events import Looked, Reported, Withdrawn
from tests.daemon.watching.test_intake import Keeper
from tests.daemon.watching.test_watches import Scripted, probe_watch
from tests.daemon.worlds import Events, a_world

TYPES = (
    "number",
    "percent",
    "duration",
    "size",
    "size / duration",
    "time",
    "flag",
    "text",
    "list",
    "map",
    "any",
    "histogram",
)
CHOICE = FactField("side", 'one of ["buy", "sell"]', ("buy", "sell"))
KIND = FactType(
    "thing",
    "",
    (FactField("name", "text"),),
    (
        *(FactField(f"f{number}", kind) for number, kind in enumerate(TYPES)),
        CHOICE,
        FactField("sum", "number", computed=Arithmetic("*", Field("item", ("f0",)), Constant(1e300))),
    ),
)
DEEP: Any = []
for _ in range(2000):
    DEEP = [DEEP]


def why_not(kind: str, value: object) -> str:
    with pytest.raises(Unfit) as unfit:
        fitted(CHOICE if kind == "choice" else FactField("f", kind), value)
    return unfit.value.reason


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("number", math.nan, "not_finite"),
        ("number", math.inf, "not_finite"),
        ("size", -math.inf, "not_finite"),
        ("duration", 10**400, "not_finite"),
        ("list", [1.0, math.nan], "not_finite"),
        ("map", {"a": {"b": math.inf}}, "not_finite"),
        ("any", math.nan, "not_finite"),
        ("number", "5", "wrong_type"),
        ("number", True, "wrong_type"),
        ("number", None, "wrong_type"),
        ("number", {}, "wrong_type"),
        ("flag", 1, "wrong_type"),
        ("text", 5, "wrong_type"),
        ("text", b"x", "wrong_type"),
        ("text", "\ud800", "wrong_type"),
        ("list", "ab", "wrong_type"),
        ("map", [], "wrong_type"),
        ("map", {1: 2}, "wrong_type"),
        ("any", {1, 2}, "wrong_type"),
        ("time", "soon", "wrong_type"),
        ("histogram", {"x": 1}, "wrong_type"),
        ("histogram", {"NaN": 1}, "wrong_type"),
        ("size", "5MiB", "wrong_unit"),
        ("percent", "85 %", "wrong_unit"),
        ("duration", "1.5s", "wrong_unit"),
        ("time", 1_763_800_000_000, "wrong_unit"),
        ("time", -1e30, "wrong_unit"),
        ("size", -1, "out_of_bounds"),
        ("histogram", {"0.1": -1}, "out_of_bounds"),
        ("choice", "hold", "not_a_choice"),
        ("text", "x" * (LONGEST_TEXT + 1), "too_long"),
        ("any", ["x" * LONGEST_TEXT, "y"], "too_long"),
        ("list", [0] * MOST_PARTS, "too_long"),
        ("map", {"x" * (LONGEST_TEXT + 1): 1}, "too_long"),
        ("histogram", {str(bound): 1 for bound in range(MOST_PARTS + 1)}, "too_long"),
        ("list", DEEP, "too_deep"),
        ("any", DEEP, "too_deep"),
    ],
)
def test_what_does_not_fit_has_a_reason(kind: str, value: object, reason: str) -> None:
    assert why_not(kind, value) == reason
    assert reason in REASONS


def test_what_is_just_within_the_bounds_is_taken() -> None:
    deep: Any = 1.0
    for _ in range(DEEPEST):
        deep = [deep]
    assert fitted(FactField("f", "any"), deep) == deep
    assert fitted(FactField("f", "text"), "x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert len(fitted(FactField("f", "list"), [0] * (MOST_PARTS - 1))) == MOST_PARTS - 1  # type: ignore[arg-type]


def test_the_good_fields_of_an_item_are_taken() -> None:
    door = Keeper()
    found = taken_of([{"name": "a", "f0": math.nan, "f6": True, "side": "hold", "more": 1}], KIND, 0.0, door)
    assert (found.facts["a"]["f6"], found.facts["a"]["f0"], found.facts["a"]["side"]) == (True, None, None)
    assert found.unknown == 1
    assert [(one.reason, one.about) for one in door.refused] == [
        ("not_finite", "f0"),
        ("not_a_choice", "side"),
        ("not_calculable", "sum"),
    ]


@pytest.mark.parametrize("key", ["", "x" * LONGEST_KEY, 5, True, 0.5])
def test_a_key_is_a_single_value(key: object) -> None:
    kind = FactType("k", "", (FactField("id", "any"),), ())
    assert len(taken_of([{"id": key}], kind, 0.0, Keeper()).facts) == 1


@pytest.mark.parametrize("key", [None, [], {}, "x" * (LONGEST_KEY + 1), "a\0b", math.nan, "\ud800"])
def test_what_cannot_be_a_key_is_left_out(key: object) -> None:
    kind, door = FactType("k", "", (FactField("id", "any"),), ()), Keeper()
    found = taken_of([{"id": key}, {"id": "b"}], kind, 0.0, door)
    assert (list(found.facts), found.unusable) == (["b"], 1)
    assert "unusable_key" in [one.reason for one in door.refused]


# --- whatever comes ---------------------------------------------------------------------------------------------------

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**330)
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["5MiB", "80%", "2026-11-22T10:00:00Z", "9999-12-31T23:59:59-14:00", "buy"])
)
VALUE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=12
)  # fmt: skip
NAMES = st.sampled_from(["name", "side", "sum", "x", *(f"f{number}" for number in range(len(TYPES)))])
ITEM = st.dictionaries(NAMES, VALUE, max_size=8) | VALUE


def conforms(kind: str, value: object) -> bool:
    match kind:
        case _ if value is None:
            return True
        case "flag":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str) and len(value) <= LONGEST_TEXT and bool(value.encode() or True)
        case "list":
            return isinstance(value, list) and sound(value)
        case "map":
            return isinstance(value, dict) and sound(value)
        case "histogram":
            return isinstance(value, dict) and all(float(bound) == float(bound) for bound in value)
        case "any":
            return sound(value)
        case "size":
            return isinstance(value, float) and math.isfinite(value) and value >= 0
        case _:
            return isinstance(value, float) and math.isfinite(value)


def sound(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and sound(part) for name, part in value.items())
    if isinstance(value, list):
        return all(map(sound, value))
    if isinstance(value, str):
        return bool(value.encode() or True)
    return value is None or isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value))


@given(st.lists(ITEM, max_size=8), st.integers(0, 4))
@settings(max_examples=60)
def test_what_is_accepted_conforms_and_nothing_is_left_out_in_silence(items: list[Any], most: int) -> None:
    door = Keeper(most)
    found = taken_of(items, KIND, 0.0, door)
    of_items = sum(not one.about for one in door.refused)
    assert len(found.facts) + of_items == len(items)
    assert len(found.facts) <= most
    declared = {one.name: one for one in (*KIND.keys, *KIND.fields)}
    for values in found.facts.values():
        assert values.keys() == declared.keys()
        for name, value in values.items():
            assert conforms("text" if declared[name].choices else declared[name].type, value), (name, value)
    assert {one.reason for one in door.refused} <= REASONS.keys()


@given(st.lists(st.dictionaries(NAMES, PLAIN, min_size=1, max_size=6), max_size=5))
def test_of_every_value_that_is_offered_it_is_said_what_became_of_it(items: list[dict[str, Any]]) -> None:
    for number, item in enumerate(items):
        item["name"] = f"n{number}"
    door = Keeper()
    found = taken_of(items, KIND, 0.0, door)
    written = [one for one in KIND.fields if one.computed is None]
    offered = sum(one.name in item for item in items for one in written)
    accepted = sum(values[one.name] is not None for values in found.facts.values() for one in written)
    refused = sum(bool(one.about) and one.about != "sum" for one in door.refused)
    assert accepted + refused == offered


# --- samples with a time of their own ---------------------------------------------------------------------------------


def test_scraped_samples_of_another_time_are_told_of() -> None:
    now = 1_000_000.0
    times = {
        "fresh": now,
        "old": now - OLDEST - 1,
        "ahead": now + NEWEST + 1,
        "within": now - OLDEST,
        "close": now + NEWEST,
    }
    text = "".join(f'load{{host="{name}"}} 1 {at * 1000:.0f}\n' for name, at in times.items())
    samples, left_out = read(text + 'load{host="none"} 1\nload{host="nan"} NaN\nload{host="inf"} +Inf\n', now)
    kind = FactType("load", "", (FactField("host", "text"),), (FactField("load", "number"),))
    plan, door = scraped(kind), Keeper()
    found = facts_of(samples, plan, now, door)
    assert list(found.facts) == ["fresh", "within", "close", "none"]
    assert left_out == {("load", "late"): 1, ("load", "early"): 1}
    assert {one.reason: count for one, count in plan.refusals(left_out).items()} == {"late": 1, "early": 1}
    assert [one.reason for one in door.refused] == ["null", "not_finite"]


# --- told as facts about the source -----------------------------------------------------------------------------------


def told(events: Events) -> list[dict[str, Any]]:
    return [dict(one.values) for one in events.sources if isinstance(one, Reported)]


async def watched(*script: object, bounds: Bounds | None = None) -> Events:
    async with a_world(bounds=bounds) as (world, events):
        watch = probe_watch(Scripted(*script), world)
        for _ in script:
            await watch.look()
        return events


def test_what_a_source_gets_wrong_is_a_fact_about_it() -> None:
    bad = [{"name": "a", "connected": 1, "x": 0, "y": 0}, {"connected": True}, "b"]
    events = asyncio.run(watched(bad, bad))
    before, first, second = told(events)
    assert (before["name"], before["type"], before["rejected"], before["limit"]) == (
        "streams",
        "stream",
        0.0,
        10_000.0,
    )
    assert (first["rejected"], first["unknown_fields"], first["keys"], first["full"]) == (
        2.0,
        2.0,
        2.0,
        False,
    )
    assert second["reasons"] == {"unusable_key": 2, "wrong_type": 2}
    assert second["last_reason"] == "an item has no usable name, and is left out"
    assert {one.key for one in events.sources} == {"streams, stream"}
    assert events.sources[1] in events.posted[1].seen, "in the event of the look that it is about"


def test_a_source_of_which_nothing_new_is_to_be_said_is_not_told_of() -> None:
    assert len(told(asyncio.run(watched(["a"], ["a"], ["b"])))) == 2


def test_beyond_the_limit_known_keys_go_on_and_those_that_are_gone_make_room() -> None:
    many = [f"k{number}" for number in range(1000)]
    events = asyncio.run(watched(["a", "b"], ["b", *many], ["b", *many], many, ["x"], bounds=Bounds(keys=3)))
    looks = [look for look in events.posted if isinstance(look, Looked)]
    keys = [
        {one.key for one in look.seen if isinstance(one, Reported) and one.type == "stream"} for look in looks
    ]
    assert [found for found in keys if found] == [
        {"a", "b"},
        {"b", "k0", "k1"},
        {"b", "k0", "k1"},
        {"k0", "k1", "k2"},
        {"x"},
    ]
    full = [(one["full"], one["keys"], one["rejected"]) for one in told(events)[1:]]
    assert full == [
        (False, 2.0, 0.0),
        (True, 3.0, 998.0),
        (True, 3.0, 1996.0),
        (True, 3.0, 2993.0),
        (False, 1.0, 2993.0),
    ]
    assert (
        events.of(Reported, type="probe")[1].values["last_error"]
        == "998 items beyond the 3 that there may be are left out"
    )


def test_two_sources_of_one_type_share_its_keys() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(keys_of={"stream": 2})) as (world, events):
            one, two = (
                probe_watch(Scripted(["a"]), world),
                probe_watch(Scripted(["b", "c"], ["b", "c"]), world),
            )
            await one.look()
            await two.look()
            assert [event.key for event in events.of(Reported, type="stream")] == ["a", "b"]
            one.forget()
            await two.look()
            assert [event.key for event in events.of(Reported, type="stream")] == ["a", "b", "b", "c"]

    asyncio.run(scenario())


def test_a_look_that_is_given_up_gives_back_what_it_let_in() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            watch = probe_watch(Scripted([f"k{number}" for number in range(5_000)]), world)
            looking = asyncio.create_task(watch.look())
            for _ in range(
                35
            ):  # turns of the loop: 25 slices are read for their keys, then as many for their values
                await asyncio.sleep(0)
            assert world.keys.count("stream") > 0
            assert not looking.done()
            looking.cancel()
            watch.forget()
            assert world.keys.count("stream") == 0
            assert not events.of(Reported, type="stream")
            assert [one.key for one in events.sources if isinstance(one, Withdrawn)] == ["streams, stream"]

    asyncio.run(scenario())


def test_a_long_reply_lets_others_have_their_turn() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            watch = probe_watch(Scripted([f"k{number}" for number in range(5_000)]), world)
            looking, turns = asyncio.create_task(watch.look()), 0
            while not looking.done():
                await asyncio.sleep(0)
                turns += 1
            assert turns > 40

    asyncio.run(scenario())


def test_the_reasons_are_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/language/sources.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page.partition("## Reasons")[2], re.MULTILINE))
    assert found == REASONS


@pytest.mark.parametrize("many", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_names_without_end_cost_no_more_than_their_keys(many: int) -> None:
    door = Keeper(10)
    taken_of([f"known{number}" for number in range(10)], KIND, 0.0, door)
    found = taken_of([f"s{number}" for number in range(many)] + ["known7"], KIND, 0.0, door)
    assert (list(found.facts), found.surplus, len(door.keys)) == (["known7"], many, 10)
    assert [one.reason for one in door.refused] == ["too_many_keys"] * many


@pytest.mark.slow
def test_a_hundred_thousand_keys_of_one_look() -> None:
    kind = FactType("load", "", (FactField("host", "text"),), (FactField("load", "number"),))
    text = "".join(f'load{{host="h{number}"}} {number}\n' for number in range(100_000))

    async def scenario() -> None:
        async with a_world(bounds=Bounds(keys_of={"load": 60_000})) as (world, events):
            probe = probe_watch(Scripted(), world).plan.probe
            watch = ProbeWatch(ProbePlan(probe, None, (scraped(kind),)), Scripted(), world)
            samples, left_out = read(text, 0.0)
            facts, complaint = await watch._facts({"samples": samples, "left out": left_out})
            assert (len(facts), world.keys.count("load")) == (60_000, 60_000)
            assert complaint == "40000 items beyond the 60000 that there may be are left out"
            assert not events.of(Reported, type="load")

    asyncio.run(scenario())
