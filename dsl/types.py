"""Types and the arithmetic of units: what may be compared, added, multiplied, and what comes of it."""

from __future__ import annotations

import re

import msgspec

_ONE_OF = re.compile(r"one of \[(.*)\]")


class Type(msgspec.Struct, frozen=True, gc=False):
    """`kind` is one of KINDS. A `quantity` is seconds and bytes to these powers (a size per duration is -1 and 1)."""

    kind: str
    seconds: int = 0
    bytes: int = 0
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _written(self)


NUMBER = Type("number")
PERCENT = Type("percent")
RATIO = Type("ratio")  # a size by a size, a number by a number: may be compared with numbers and percentages
DURATION = Type("quantity", seconds=1)
SIZE = Type("quantity", bytes=1)
PER_DURATION = Type("quantity", seconds=-1)
SIZE_PER_DURATION = Type("quantity", seconds=-1, bytes=1)
TIME = Type("time")
TIME_OF_DAY = Type("time of day")
FLAG = Type("flag")
TEXT = Type("text")
LIST = Type("list")
MAP = Type("map")
ANY = Type("any")
SECRET = Type("secret")
HISTOGRAM = Type("histogram")  # how often values were at most so large; read by `quantile` only

NAMED = {
    "number": NUMBER,
    "percent": PERCENT,
    "duration": DURATION,
    "size": SIZE,
    "time": TIME,
    "flag": FLAG,
    "text": TEXT,
    "list": LIST,
    "map": MAP,
    "any": ANY,
    "histogram": HISTOGRAM,
}
_PLAIN = ("number", "percent", "ratio")


def named(text: str) -> Type:
    """The type of a declaration's text: `duration`, `one of ["up", "down"]`. Raises KeyError."""
    match = _ONE_OF.fullmatch(text)
    if match:
        return one_of(tuple(choice.strip().strip('"') for choice in match[1].split(",")))
    return NAMED[text]


def one_of(choices: tuple[str, ...]) -> Type:
    return Type("one of", choices=choices)


def text_of(kind: Type) -> str:
    """The declaration's text of a type that a field may have."""
    if kind.kind == "one of":
        return "one of [" + ", ".join(f'"{choice}"' for choice in kind.choices) + "]"
    return next((name for name, other in NAMED.items() if other == kind), "any")


def format_of(kind: Type) -> str:
    """How values of this type are written out in texts for people."""
    if kind == DURATION:
        return "duration"
    if kind == SIZE:
        return "size"
    return {
        "ratio": "number",
        "quantity": "number",
        "number": "number",
        "percent": "percent",
        "time": "time",
    }.get(kind.kind, "text")


def is_numeric(kind: Type) -> bool:
    return kind.kind in _PLAIN or kind.kind == "quantity"


def is_textual(kind: Type) -> bool:
    return kind.kind in ("text", "one of")


# --- what fits --------------------------------------------------------------------------------------------------------


def comparable(left: Type, right: Type) -> bool:
    """Whether `==` between them can ever mean anything."""
    if HISTOGRAM in (left, right):
        return False
    if ANY in (left, right):
        return True
    if is_textual(left) and is_textual(right):
        return True
    if left.kind in _PLAIN and right.kind in _PLAIN:
        return left == right or RATIO in (left, right)
    return left == right


def ordered(kind: Type) -> bool:
    """Whether `<` means anything."""
    return is_numeric(kind) or kind.kind in ("time", "time of day", "one of", "any")


def fits(given: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where the other is asked for."""
    if ANY in (given, wanted) or given == wanted:
        return True
    if is_textual(wanted) and given.kind in ("text", "one of", "secret"):
        return given.kind != "secret"
    return given == RATIO and wanted in (NUMBER, PERCENT)


# --- arithmetic ---------------------------------------------------------------------------------------------------------


def calculated(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`; None where it has no meaning."""
    if HISTOGRAM in (left, right):
        return None
    if ANY in (left, right):
        return ANY
    if operator in ("+", "-"):
        return _added(operator, left, right)
    if not (is_numeric(left) and is_numeric(right)):
        return None
    if operator == "*":
        return _multiplied(left, right)
    if operator == "/":
        return _divided(left, right)
    return left if comparable(left, right) else None  # mod


def _added(operator: str, left: Type, right: Type) -> Type | None:
    if left == TIME:
        if right == TIME:
            return DURATION if operator == "-" else None
        return TIME if right == DURATION else None
    if right == TIME:
        return TIME if left == DURATION and operator == "+" else None
    if not (is_numeric(left) and is_numeric(right) and comparable(left, right)):
        return None
    return right if left == RATIO else left


def _multiplied(left: Type, right: Type) -> Type:
    if left.kind in ("number", "percent", "ratio"):
        return _scaled(left, right)
    if right.kind in ("number", "percent", "ratio"):
        return left
    return _quantity(left.seconds + right.seconds, left.bytes + right.bytes, NUMBER)


def _scaled(factor: Type, other: Type) -> Type:
    """5% of something is of that thing's type; three times a percentage is a percentage."""
    if other.kind == "number":
        return NUMBER if factor == PERCENT else factor
    return other


def _divided(left: Type, right: Type) -> Type:
    if right.kind in ("percent", "ratio") and left.kind not in _PLAIN:
        return left
    if right == NUMBER and left != NUMBER:
        return left
    return _quantity(left.seconds - right.seconds, left.bytes - right.bytes, RATIO)


def _quantity(seconds: int, size: int, plain: Type) -> Type:
    return Type("quantity", seconds, size) if seconds or size else plain


# --- names for people ---------------------------------------------------------------------------------------------------

_NOUNS = {
    "number": "a number",
    "percent": "a percentage",
    "ratio": "a ratio",
    "time": "a time",
    "time of day": "a time of day",
    "flag": "true or false",
    "text": "a text",
    "list": "a list",
    "map": "a map",
    "any": "any value",
    "histogram": "a histogram",
    "secret": "a secret",
}


def _written(kind: Type) -> str:
    if kind.kind == "one of":
        return "one of " + ", ".join(kind.choices)
    if kind.kind != "quantity":
        return _NOUNS[kind.kind]
    above = _product(max(kind.bytes, 0), max(kind.seconds, 0))
    below = _product(max(-kind.bytes, 0), max(-kind.seconds, 0))
    article = "" if not above else "a "
    return f"{article}{above or 'a number'}{' per ' + below if below else ''}"


def _product(sizes: int, durations: int) -> str:
    return " by ".join(["size"] * sizes + ["duration"] * durations)
