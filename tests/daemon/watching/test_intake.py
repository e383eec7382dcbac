"""From replies to facts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.probes.probe import ProbeFailure
from daemon.watching.intake import Taken, taken
from daemon.world.refusals import Refusal
from dsl.expressions import Arithmetic, Constant, Field
from dsl.program import FactField, FactType

STREAM = FactType(
    "stream",
    "",
    (FactField("name", "text"),),
    (
        FactField("connected", "flag"),
        FactField("last_update", "time"),
        FactField(
            "remaining", "duration", computed=Arithmetic("*", Field("item", ("hours",)), Constant(3600.0))
        ),
        FactField("side", 'one of ["buy", "sell"]', ("buy", "sell")),
        FactField("tags", "list"),
        FactField("more", "any"),
        FactField("rate", "size / duration"),
    ),
)


class Keeper:
    """A door that lets in so many keys, and writes down what is refused."""

    def __init__(self, most: int = 10_000) -> None:
        self.most = most
        self.keys: set[str] = set()
        self.arriving: list[str] = []
        self.refused: list[Refusal] = []

    def arrived(self, keys: Collection[str]) -> None:
        self.arriving += keys

    def admits(self, key: str) -> bool:
        if key not in self.keys and len(self.keys) >= self.most:
            return False
        self.keys.add(key)
        return True

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        self.refused += [refusal] * count


def take(
    found: object, *path: str | int, kind: FactType = STREAM, door: Keeper | None = None
) -> tuple[Taken, list[str]]:
    door = door or Keeper()
    result = taken({"body": found}, ("body", *path), kind, 1000.0, door)
    return result, [refusal.sentence for refusal in door.refused]


def test_a_list_gives_one_fact_an_item() -> None:
    result, warnings = take([{"name": "a", "connected": True}, {"name": "b", "connected": False}])
    assert {key: values["connected"] for key, values in result.facts.items()} == {"a": True, "b": False}
    assert warnings == []


def test_an_object_of_objects_gives_one_fact_a_member_with_its_name_in_the_key_field() -> None:
    result, _ = take({"deep": {"a": {"connected": True}, "b": {"connected": True, "name": "other"}}}, "deep")
    assert [values["name"] for values in result.facts.values()] == ["a", "b"]


def test_one_object_is_one_fact_and_an_empty_one_is_none() -> None:
    assert list(take({"name": "a", "hours": 1})[0].facts) == ["a"]
    assert take({})[0].facts == {}
    assert take([])[0].facts == {}


def test_items_that_are_no_objects_are_their_own_keys() -> None:
    assert list(take(["a", "b"])[0].facts) == ["a", "b"]


def test_values_have_the_units_of_their_fields() -> None:
    item = {
        "name": "a",
        "last_update": "2026-11-22T10:00:00.5Z",
        "hours": 2,
        "side": "buy",
        "tags": ["x"],
        "more": {"deep": [1]},
        "rate": 7,
    }
    values = take([item])[0].facts["a"]
    assert values == {
        "name": "a",
        "connected": None,
        "last_update": 1795341600.5,
        "remaining": 7200.0,
        "side": "buy",
        "tags": ["x"],
        "more": {"deep": [1]},
        "rate": 7.0,
    }
    assert isinstance(values["rate"], float)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T01:01:00+01:00", 60.0),
        ("1970-01-01T00:01:00", 60.0),
        ("1970-01-01 00:01:00.123456789+00:00", 60.123456),
        (60, 60.0),
        (60.5, 60.5),
    ],
)
def test_times_are_iso_8601_or_seconds(text: object, seconds: float) -> None:
    assert take([{"name": "a", "last_update": text}])[0].facts["a"]["last_update"] == seconds


@pytest.mark.parametrize(
    ("field", "value", "warning"),
    [
        ("connected", 1, "connected is a number, not true or false, and counts as unknown"),
        ("connected", None, "connected is null, and counts as unknown"),
        (
            "last_update",
            "soon",
            "last_update is a text that is no time (ISO-8601, or seconds since 1970), and counts as unknown",
        ),
        ("last_update", True, "last_update is true or false, not a number, and counts as unknown"),
        ("side", "hold", "side is a text that is none of buy, sell, and counts as unknown"),
        ("tags", "x", "tags is a text, not a list, and counts as unknown"),
        ("rate", "5", "rate is a text, not a number, and counts as unknown"),
        ("rate", 10**400, "rate is a number out of range, and counts as unknown"),
    ],
)
def test_a_value_of_the_wrong_type_is_unknown(field: str, value: object, warning: str) -> None:
    result, warnings = take([{"name": "a", field: value}])
    assert result.facts["a"][field] is None
    assert warnings == [warning]


def test_what_cannot_be_calculated_is_unknown() -> None:
    for hours in ("2", None, 10**400, {}):
        assert take([{"name": "a", "hours": hours}])[0].facts["a"]["remaining"] is None


def test_what_is_not_declared_is_counted_and_left_out() -> None:
    result, _ = take([{"name": "a", "hours": 1, "x": 1, "y": 2}])
    assert result.unknown == 3  # `hours` is read, but it is no field
    assert "x" not in result.facts["a"]


def test_keys_may_be_numbers_or_several() -> None:
    kind = FactType("fs", "", (FactField("host", "text"), FactField("port", "number")), ())
    assert list(take([{"host": "a", "port": 80}], kind=kind)[0].facts) == ["a, 80"]


def test_an_item_without_a_key_is_left_out_and_said() -> None:
    result, warnings = take([{"connected": True}, {"name": "a"}, {"name": 5}])
    assert (list(result.facts), result.unusable) == (["a"], 2)
    assert "an item has no usable name, and is left out" in warnings


def test_a_path_that_leads_nowhere_is_a_failure_of_the_probe() -> None:
    for found, path in (({"a": 1}, ("b",)), ("text", ()), (5, ()), ({"a": None}, ("a",))):
        with pytest.raises(ProbeFailure, match="the reply"):
            take(found, *path)


def test_new_keys_beyond_the_limit_are_refused_and_known_ones_go_on() -> None:
    door = Keeper(3)
    take(["a", "b", "c"], door=door)
    result, warnings = take([f"s{number}" for number in range(500)] + ["c", "a"], door=door)
    assert (list(result.facts), result.surplus) == (["c", "a"], 500)
    assert set(warnings) == {"there are too many stream: new ones are left out"}
    assert len(warnings) == 500


def test_two_items_with_one_key_are_told_of() -> None:
    result, warnings = take([{"name": "a", "hours": 1}, {"name": "a", "hours": 2}])
    assert result.facts["a"]["remaining"] == 7200.0
    assert warnings == ["several items have the same name: the last one is taken"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "connected", "last_update", "hours", "side", "rate", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_a_source_says_gives_facts_of_the_declared_types_or_a_failure(found: Any) -> None:
    try:
        result, _ = take(json.loads(json.dumps(found)))
    except ProbeFailure:
        return
    for key, values in result.facts.items():
        assert isinstance(key, str)
        assert values["name"] is not None
        assert values["connected"] in (None, True, False)
        assert values["side"] in (None, "buy", "sell")
        for name in ("last_update", "remaining", "rate"):
            assert values[name] is None or isinstance(values[name], float)
