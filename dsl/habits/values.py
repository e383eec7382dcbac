"""Texts, numbers, units and types: Jinja, Python, shells, SQL."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.habits.written import Written

_TEXTS: tuple[Written, ...] = (
    ("V101 V116", r"(?P<at>\{\{\s*([^{}]*?)\s*\}\})", "an expression in a text stands in single braces",
     r"write `{\2}`", r"{\2}"),
    ("V109", r"[\"']\s*(?P<at>%)", "texts are not put together with `%`",
     'put the value into the text: `"{agent.name} is down"`'),
    ("V112", r"(?<![\w\"'])(?P<at>[bfru])(?=[\"'])", "no letter stands before a text",
     "take it away; every text in double quotes takes {expressions}", ""),
    ("V112", r"(?P<at>\"\"\"|''')", "a text stands in one pair of quotes, on one line",
     r"write `\\n` for a line break in it"),
)  # fmt: skip

_NUMBERS: tuple[Written, ...] = (
    ("V109", r"(?P<at>(\d+(?:\.\d+)?)\s+%)(?!\s*[\w(\"'])", "a percentage has no space in it", r"write `\2%`", r"\2%"),
    ("V109", r"(?P<at>(\d+(?:\.\d+)?)\s+%)(?=\s*(?:and|or|for)\b)", "a percentage has no space in it", r"write `\2%`",
     r"\2%"),
    ("V101", r"(?<!\w)(?P<at>\.\d+)", "a number begins with a digit", r"write `0\g<at>`", r"0\g<at>"),
    ("V101", r"(?P<at>\d+(?:_\d+)+)", "", "write its digits without `_`"),
    ("V101", r"(?P<at>\d+(?:\.\d+)?[eE]\d+)", "", "write it out, without an exponent"),
)  # fmt: skip

_UNITS = {
    "ms": "ms|msec|milliseconds?",
    "s": "s|secs?|seconds?",
    "m": "m|mins?|minutes?",
    "h": "h|hrs?|hours?",
    "d": "d|days?",
    "w": "w|weeks?",
    "%": "percent|pct",
    "KiB": "KiB",
    "MiB": "MiB",
    "GiB": "GiB",
    "KB": "KB",
    "MB": "MB",
    "GB": "GB",
}


def _units() -> Iterator[Written]:
    """`5 min`: what follows the number is taken for something else."""
    for unit, spellings in _UNITS.items():
        pattern = rf"(?P<at>\b(\d+(?:\.\d+)?)\s+(?:{spellings})\b)"
        yield "V112", pattern, "a unit stands right behind its number", rf"write `\2{unit}`", rf"\2{unit}"


_TYPES = {
    "number": "int|integer|float|double|long|num",
    "text": "string|str|varchar|char",
    "flag": "bool|boolean",
    "map": "dict|object|json|hash",
    "list": "array|seq|set",
    "time": "datetime|timestamp|date|instant",
    "duration": "timedelta|interval|seconds",
    "size": "bytes",
    "percent": "percentage|ratio",
}


def _types() -> Iterator[Written]:
    for name, spellings in _TYPES.items():
        yield "V203 V111", rf":\s*(?P<at>{spellings})\b", "", rf"write `{name}`", name


_ENUM = (
    "V112",
    r"(?P<at>enum)\s*(?=\[)",
    "a closed set is written with `one of`",
    'write `one of ["a", "b"]`',
    "one of",
)

VALUES: tuple[Written, ...] = (*_TEXTS, *_NUMBERS, *_units(), *_types(), _ENUM)
