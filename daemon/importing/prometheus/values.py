"""What a PromQL expression comes to in the rule language, while it is put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.importing.prometheus.amounts import duration, number


class Untranslatable(Exception):
    """The rule language cannot say it; the text says what, and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and when there is one.

    `seconds` is the power of seconds in its unit: a rate has -1. `reads` are the fields that it needs, `filters` what must be true of the
    labels, `conditions` of values. `about`: "" for a number, `fact` for each series, `group` for each combination of `labels`, `all` for
    everything together. `guards` say that there is something, where an aggregate of nothing would be a number.
    """

    text: str
    about: str = ""
    labels: tuple[str, ...] = ()
    seconds: int = 0
    constant: float | None = None
    is_loose: bool = False  # it needs parentheses beside an operator
    is_absolute: bool = False  # meant is its distance from 0
    is_difference: bool = False  # something that is missing would not make it missing
    reads: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    shown: str = ""  # what stands for the value in a message, where there is only a condition

    def inside(self) -> str:
        return f"({self.text})" if self.is_loose else self.text


def constant(value: float) -> Value:
    text = number(value)
    if text is None:
        raise Untranslatable("a number that is not finite")
    return Value(text, constant=value, is_loose=value < 0)


def in_unit(value: Value, seconds: int) -> Value:
    """The same amount in another unit: a number beside a duration is meant in seconds."""
    power = seconds - value.seconds
    if power == 0:
        return value
    if value.constant is not None:
        return replace(value, text=_amount(value, power), seconds=seconds, is_loose=power != 1)
    sign = "*" if power > 0 else "/"
    return replace(value, text=value.inside() + f" {sign} 1s" * abs(power), seconds=seconds, is_loose=True)


def _amount(value: Value, power: int) -> str:
    assert value.constant is not None
    if power == 1 and value.constant >= 0:
        return duration(value.constant)
    sign = "*" if power > 0 else "/"
    return value.inside() + f" {sign} 1s" * abs(power)


def merged(left: Value, right: Value, **more: object) -> Value:
    """What both need, about what both are about. Raises Untranslatable."""
    about, labels = _common(left, right)
    found = Value(
        "",
        about=about,
        labels=labels,
        reads=_both(left.reads, right.reads),
        filters=_both(left.filters, right.filters),
        conditions=_both(left.conditions, right.conditions),
        guards=_both(left.guards, right.guards),
        is_difference=left.is_difference or right.is_difference,
    )
    return replace(found, **more)  # type: ignore[arg-type]


def _common(left: Value, right: Value) -> tuple[str, tuple[str, ...]]:
    if not left.about or not right.about:
        return left.about or right.about, left.labels or right.labels
    if left.about != right.about or set(left.labels) != set(right.labels):
        raise Untranslatable(f"one side is about {_told(left)}, the other about {_told(right)}")
    return left.about, left.labels


def _told(value: Value) -> str:
    if value.about == "group":
        return f"each {', '.join(value.labels)}"
    return "each series" if value.about == "fact" else "all series together"


def _both(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))


def joined(conditions: tuple[str, ...] | list[str]) -> str:
    """All of them."""
    if len(conditions) == 1:
        return conditions[0]
    return " and ".join(f"({one})" if " or " in one and not _is_wrapped(one) else one for one in conditions)


def _is_wrapped(text: str) -> bool:
    """Whether one pair of parentheses, or one call, holds all of it."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and at < len(text) - 1 and " " in text[at : at + 2]:
            return False
    return True
