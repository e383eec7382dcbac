"""Which regular expressions are let in."""

from __future__ import annotations

import re

import pytest

from dsl.pattern import objection


@pytest.mark.parametrize(
    "pattern",
    [
        "5..",
        "[a-z]+",
        "(foo|bar)*",
        "(\\d+\\.){3}\\d+",
        "(?i)warn.*",
        "(?P<name>\\w+)-\\d{1,5}",
        "a{,5}",
        "x{a}",
        "[[]]+",
        "[^]]*",
        ".*a.*b.*",
        "\\w+@\\w+\\.com",
        "^a$",
        "",
    ],
)
def test_let_in(pattern: str) -> None:
    assert objection(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+", "inside a repetition"),
        ("(a|a)*", "inside a repetition"),
        ("(a|ab)*c", "inside a repetition"),
        ("(a*)*", "inside a repetition"),
        ("(x?){20}", "inside a repetition"),
        ("([a-z]+\\d?){10,}", "inside a repetition"),
        ("(?=x)", "look-around"),
        ("(?<!x)a", "look-around"),
        ("(a)\\1", "back references"),
        ("(?P<a>b)(?P=a)", "not supported"),
        ("(?:a)++", "possessive"),
        ("a{2000}", "more than 1000 times"),
        (".*.*.*.*.*.*.*x", "unlimited repetitions"),
        ("(" * 30 + ")" * 30, "nested"),
        ("a" * 1001, "longer than 1000"),
        ("(", "unterminated"),
        ("[z-a]", "bad character range"),
        ("*a", "nothing to repeat"),
    ],
)
def test_refused(pattern: str, reason: str) -> None:
    assert reason in (objection(pattern) or "")


def test_what_is_let_in_is_understood_as_python_does() -> None:
    for pattern in ("[]a]+", "[^]]", "\\[x\\]", "a{2}", "a{2", "[a\\]b]*"):
        assert objection(pattern) is None
        re.compile(pattern)
