"""What this version does not run is read and typed like the rest, and then refused by name. The list of it is data."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.lexicon import Lexicon, lexicon
from dsl.shape import kinds_of, words_of
from dsl.source import Source

_FAMILIES = {family for word in vocabulary().words for family in (*word.inside, word.body or "file")}
_RULES = """\
channel c { url "log:" }
detection a {
    for each agent
    category agent
    when any(agent where agent.paused) and agent.since < now
    notify c after 5m
}
"""


def _checked(text: str, later: Mapping[str, str]) -> Checked:
    return check([Source("main.rules", text)], replace(vocabulary(), later=later))


def _found(text: str, later: Mapping[str, str]) -> list[tuple[int, int, str, str]]:
    return [(f.span.line, f.span.column, f.code, f.message) for f in _checked(text, later).findings]


def test_without_an_entry_it_runs() -> None:
    assert _checked(_RULES, {}).program is not None


@pytest.mark.parametrize(
    ("key", "line", "column", "form"),
    [
        ("any over members", 5, 10, "`any(…)`"),
        ("now", 5, 58, "`now`"),
        ("detection when", 5, 5, "`when …`"),
        ("detection notify after", 6, 5, "`notify … after …`"),
    ],
)
def test_with_one_it_is_refused_by_name(key: str, line: int, column: int, form: str) -> None:
    (found,) = _found(_RULES, {key: "an example"})
    assert found[:3] == (line, column, "V190")
    assert found[3].startswith(f"{form} (an example) is part of the language")


def test_what_is_wrong_in_it_is_said_all_the_same() -> None:
    wrong = _RULES.replace("agent.paused", "agent.pausd").replace("after 5m", "after 5")
    later = {"any over members": "an example", "detection notify after": "an example"}
    assert [one[2] for one in _found(wrong, later)] == ["V204", "V190", "V302"]


@pytest.mark.parametrize("key", vocabulary().later)
def test_every_entry_means_something(key: str) -> None:
    words = lexicon(vocabulary())
    name, over, what = key.partition(" over ")
    if over:
        assert any(form.over == what for form in words.calls[name])
    elif key not in words.values and not key.startswith("secret "):
        assert any(_is_form(words, key, family) for family in _FAMILIES)


def _is_form(words: Lexicon, key: str, family: str) -> bool:
    if not key.startswith(f"{family} "):
        return False
    name, _, said = key.removeprefix(f"{family} ").partition(" ")
    shapes = [word.shape for word in words.forms(name, (family,))]
    return any(not said or said in words_of(shape) | set(kinds_of(shape)) for shape in shapes)
