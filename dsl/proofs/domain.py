"""What one value may be: unknown, a number of an interval, a flag, a text, or something with members. Frozen; each step narrows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf

import msgspec
from msgspec.structs import replace

BOTH = frozenset({True, False})
_NOTHING: frozenset[object] = frozenset()
_NO_FLAGS: frozenset[bool] = frozenset()
_NO_TEXTS: frozenset[str] = frozenset()


class Test(msgspec.Struct, frozen=True):
    """`contains`, `matches` and `inside` (a part of a text) are held against whole values only."""

    operator: str
    constant: object
    truth: bool


class Domain(msgspec.Struct, frozen=True):
    """`texts` None is any text. `excluded` are numbers and texts that it is not. `other`: a list or a map."""

    unknown: bool = True
    numbers: bool = True
    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    flags: frozenset[bool] = BOTH
    texts: frozenset[str] | None = None
    other: bool = True
    excluded: frozenset[object] = _NOTHING
    tests: tuple[Test, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.unknown or self.flags or self.other or self.has_number or self.has_text)

    @property
    def has_number(self) -> bool:
        if not self.numbers or self.low > self.high:
            return False
        single = self.low == self.high
        return not (single and (self.low_open or self.high_open or self.low in self.excluded))

    @property
    def has_text(self) -> bool:
        return self.texts is None or bool(self.texts)

    @property
    def single(self) -> object | None:
        """The one value that it is, where only one is left."""
        if self.unknown or self.other or self.flags or self.has_number + self.has_text != 1:
            return None
        if self.has_number:
            return self.low if self.low == self.high else None
        return next(iter(self.texts)) if self.texts is not None and len(self.texts) == 1 else None

    def admits(self, value: object) -> bool:
        """Whether it may be this value; what has members is not looked into."""
        if value is None:
            return self.unknown
        if isinstance(value, bool):
            return value in self.flags
        if isinstance(value, str):
            return (self.texts is None or value in self.texts) and _passes(self, value)
        if isinstance(value, (int, float)):
            above = value > self.low or (value == self.low and not self.low_open)
            below = value < self.high or (value == self.high and not self.high_open)
            return self.numbers and above and below and value not in self.excluded
        return self.other


ANYTHING = Domain()
NOTHING = Domain(
    unknown=False, numbers=False, flags=_NO_FLAGS, texts=_NO_TEXTS, other=False, low=inf, high=-inf
)
NUMBER = replace(NOTHING, unknown=True, numbers=True, low=-inf, high=inf)
FLAG = replace(NOTHING, unknown=True, flags=BOTH)
TEXT = replace(NOTHING, unknown=True, texts=None)
MEMBERS = replace(NOTHING, unknown=True, other=True)


def between(low: float, high: float) -> Domain:
    return replace(NUMBER, low=low, high=high)


def one_of(texts: Iterable[str]) -> Domain:
    return replace(TEXT, texts=frozenset(texts))


# --- narrowing ------------------------------------------------------------------------------------------------------


def known(domain: Domain) -> Domain:
    return replace(domain, unknown=False) if domain.unknown else domain


def unknown(domain: Domain) -> Domain:
    return replace(NOTHING, unknown=domain.unknown)


def number(domain: Domain) -> Domain:
    return replace(domain, unknown=False, flags=_NO_FLAGS, texts=_NO_TEXTS, other=False)


def text(domain: Domain) -> Domain:
    return replace(domain, unknown=False, flags=_NO_FLAGS, numbers=False, other=False)


def flag(domain: Domain, truth: bool) -> Domain:
    return replace(NOTHING, flags=domain.flags & {truth})


def equal_to(domain: Domain, value: object) -> Domain:
    """Its values that are equal to this one."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return flag(domain, value)
    if isinstance(value, str):
        return replace(NOTHING, texts=frozenset({value}) if domain.admits(value) else _NO_TEXTS)
    if isinstance(value, (int, float)):
        return replace(NOTHING, numbers=domain.admits(value), low=float(value), high=float(value))
    return replace(NOTHING, other=domain.other)


def different_from(domain: Domain, value: object) -> Domain:
    """Its values that are known and differ from this one."""
    return NOTHING if value is None else without(known(domain), value)


def without(domain: Domain, value: object) -> Domain:
    """It is not this value, perhaps unknown."""
    if isinstance(value, bool):
        return replace(domain, flags=domain.flags - {value})
    if isinstance(value, str) and domain.texts is not None:
        return replace(domain, texts=domain.texts - {value})
    if isinstance(value, (str, int, float)):
        return replace(domain, excluded=domain.excluded | {value})
    return domain  # of a list or map there are always others


def ordered(domain: Domain, operator: str, bound: float) -> Domain:
    """Its numbers that stand so to the bound: `<`, `<=`, `>`, `>=`."""
    found = number(domain)
    return limited(found, operator, bound)


def limited(domain: Domain, operator: str, bound: float) -> Domain:
    """The interval narrowed, and nothing else."""
    is_open = operator in ("<", ">")
    if operator in ("<", "<="):
        if bound < domain.high or (bound == domain.high and is_open):
            return replace(domain, high=bound, high_open=is_open)
    elif bound > domain.low or (bound == domain.low and is_open):
        return replace(domain, low=bound, low_open=is_open)
    return domain


def among(domain: Domain, texts: Iterable[str]) -> Domain:
    """Its texts that are among these."""
    return replace(NOTHING, texts=frozenset(one for one in texts if domain.admits(one)))


def tested(domain: Domain, test: Test) -> Domain:
    """Its texts and things with members for which the test comes out so."""
    if Test(test.operator, test.constant, not test.truth) in domain.tests:
        return NOTHING
    texts, other = domain.texts, domain.other and test.operator == "contains"
    if texts is not None:
        texts = frozenset(one for one in texts if outcome(test, one) is test.truth)
    tests = domain.tests if test in domain.tests else (*domain.tests, test)
    return replace(
        domain, unknown=False, numbers=False, flags=_NO_FLAGS, texts=texts, other=other, tests=tests
    )


def outcome(test: Test, value: str) -> bool | None:
    """What the test says of a text; None where it says nothing."""
    constant = test.constant
    if not isinstance(constant, str):
        return None
    if test.operator == "contains":
        return constant in value
    if test.operator == "inside":
        return value in constant
    try:
        return re.compile(constant, re.ASCII).fullmatch(value) is not None
    except re.error:
        return None


def _passes(domain: Domain, value: str) -> bool:
    return value not in domain.excluded and all(outcome(test, value) is test.truth for test in domain.tests)


def met(one: Domain, other: Domain) -> Domain:
    """What both may be, and is known: two values that are equal."""
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, high_closed = min((one.high, not one.high_open), (other.high, not other.high_open))
    texts = _common(one.texts, other.texts)
    found = Domain(
        unknown=False,
        numbers=one.numbers and other.numbers,
        low=low,
        high=high,
        low_open=low_open,
        high_open=not high_closed,
        flags=one.flags & other.flags,
        texts=texts,
        other=one.other and other.other,
        excluded=one.excluded | other.excluded,
        tests=tuple(dict.fromkeys((*one.tests, *other.tests))),
    )
    return found if texts is None else replace(found, texts=frozenset(t for t in texts if _passes(found, t)))


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
