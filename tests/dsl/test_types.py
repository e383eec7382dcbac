"""The arithmetic of units, by table."""

from __future__ import annotations

import pytest

from dsl import types
from dsl.types import (
    ANY,
    DURATION,
    FLAG,
    NUMBER,
    PERCENT,
    RATIO,
    SIZE,
    TEXT,
    TIME,
    Type,
    calculated,
    comparable,
    fits,
    format_of,
    named,
    one_of,
    ordered,
    text_of,
)

PER_SECOND = Type("quantity", seconds=-1)
SIZE_PER_DURATION = Type("quantity", seconds=-1, bytes=1)
STATUS = one_of(("up", "down"))


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (NUMBER, "+", NUMBER, NUMBER),
        (PERCENT, "+", PERCENT, PERCENT),
        (PERCENT, "+", NUMBER, None),
        (RATIO, "+", PERCENT, PERCENT),
        (NUMBER, "-", RATIO, NUMBER),
        (DURATION, "+", DURATION, DURATION),
        (DURATION, "+", SIZE, None),
        (DURATION, "+", NUMBER, None),
        (TIME, "-", TIME, DURATION),
        (TIME, "+", TIME, None),
        (TIME, "+", DURATION, TIME),
        (DURATION, "+", TIME, TIME),
        (DURATION, "-", TIME, None),
        (NUMBER, "*", DURATION, DURATION),
        (SIZE, "*", PERCENT, SIZE),
        (PERCENT, "*", NUMBER, NUMBER),
        (NUMBER, "*", PERCENT, PERCENT),
        (PERCENT, "*", PERCENT, PERCENT),
        (SIZE, "/", DURATION, SIZE_PER_DURATION),
        (SIZE_PER_DURATION, "*", DURATION, SIZE),
        (NUMBER, "/", DURATION, PER_SECOND),
        (PER_SECOND, "*", DURATION, NUMBER),
        (SIZE, "/", SIZE, RATIO),
        (NUMBER, "/", NUMBER, RATIO),
        (PERCENT, "/", PERCENT, RATIO),
        (SIZE, "/", NUMBER, SIZE),
        (PERCENT, "/", NUMBER, PERCENT),
        (DURATION, "/", RATIO, DURATION),
        (DURATION, "mod", DURATION, DURATION),
        (DURATION, "mod", SIZE, None),
        (TEXT, "+", TEXT, None),
        (FLAG, "*", NUMBER, None),
        (ANY, "*", DURATION, ANY),
        (TEXT, "/", ANY, ANY),
    ],
)
def test_arithmetic(left: Type, operator: str, right: Type, result: Type | None) -> None:
    assert calculated(operator, left, right) == result


@pytest.mark.parametrize(
    ("left", "right", "possible"),
    [
        (SIZE, SIZE, True),
        (SIZE, PERCENT, False),
        (SIZE, DURATION, False),
        (PERCENT, NUMBER, False),
        (RATIO, NUMBER, True),
        (RATIO, PERCENT, True),
        (STATUS, TEXT, True),
        (STATUS, one_of(("a",)), True),
        (TEXT, NUMBER, False),
        (FLAG, FLAG, True),
        (FLAG, TEXT, False),
        (TIME, DURATION, False),
        (ANY, SIZE, True),
        (SIZE_PER_DURATION, SIZE, False),
    ],
)
def test_comparing(left: Type, right: Type, possible: bool) -> None:
    assert comparable(left, right) is possible
    assert comparable(right, left) is possible


def test_what_has_an_order() -> None:
    assert [
        kind for kind in (NUMBER, PERCENT, RATIO, DURATION, SIZE, TIME, STATUS, ANY) if not ordered(kind)
    ] == []
    assert [kind for kind in (TEXT, FLAG, types.LIST, types.MAP, types.SECRET) if ordered(kind)] == []


def test_what_may_stand_for_what() -> None:
    assert fits(RATIO, PERCENT)
    assert fits(STATUS, TEXT)
    assert fits(ANY, DURATION)
    assert not fits(NUMBER, PERCENT)
    assert not fits(types.SECRET, TEXT)


@pytest.mark.parametrize("text", [*types.NAMED, 'one of ["up", "down"]'])
def test_the_text_of_a_type_names_it_again(text: str) -> None:
    assert text_of(named(text)) == text


def test_types_have_names_for_people() -> None:
    assert [str(kind) for kind in (DURATION, SIZE_PER_DURATION, PER_SECOND, STATUS, Type("quantity", 2))] == [
        "a duration",
        "a size per duration",
        "a number per duration",
        "one of up, down",
        "a duration by duration",
    ]


def test_how_values_are_written_out() -> None:
    kinds = (NUMBER, PERCENT, RATIO, DURATION, SIZE, TIME, TEXT, STATUS, FLAG, ANY, SIZE_PER_DURATION)
    assert (
        " ".join(map(format_of, kinds))
        == "number percent number duration size time text text text text number"
    )
