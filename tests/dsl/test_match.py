"""Shapes and the matcher."""

from __future__ import annotations

import pytest

from daemon.vocabulary import vocabulary
from dsl.lexicon import lexicon
from dsl.match import Match, Mismatch, match_clause
from dsl.parser import parse_block
from dsl.shape import BadShape, compiled, kinds_of, readable
from dsl.syntax import Clause
from dsl.vocabulary.word import Word

_LIMIT = "count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)"


def _clause(text: str) -> Clause:
    parsed = parse_block(text)
    assert not parsed.mistakes
    return parsed.clause


def _bound(shape: str, text: str) -> dict[str, list[str]]:
    """Label to the pieces of the text that were bound."""
    match = match_clause(shape, _clause(text))
    assert isinstance(match, Match), match
    return {label: [text[one.start : one.end] for one in values] for label, values in match.bound.items()}


@pytest.mark.parametrize(
    ("shape", "text", "bound"),
    [
        (_LIMIT, "limit 3 per 1h by agent", {"count": ["3"], "per": ["1h"], "scope": ["agent"]}),
        (_LIMIT, "limit 1 at once overall", {"count": ["1"]}),
        ("level:(low | high)", "x high", {"level": ["high"]}),
        ("method:get|post url:URL", 'http post "u"', {"method": ["post"], "url": ['"u"']}),
        ("[method:get|post] url:URL", 'http "u"', {"url": ['"u"']}),
        (
            "state:CONDITION [for hold:DURATION]",
            "when a.b == 1 for 5s",
            {"state": ["a.b == 1"], "hold": ["5s"]},
        ),
        ("names:NAME,…", "without a, b, c", {"names": ["a", "b", "c"]}),
        ("NAMED…", "labels a: 1, b: 2", {"named": ["a: 1", "b: 2"]}),
        ("path:PATH = value:VALUE", "set a.b = 1", {"path": ["a.b"], "value": ["1"]}),
        ("SELECTOR", "restart agent vault", {"selector": ["agent vault"]}),
        ("SELECTOR", "restart agent where agent.x", {"selector": ["agent where agent.x"]}),
        ("", "shadow", {}),
        (
            "channel:CHANNEL [after after:DURATION] [text:TEXT]",
            'n c "t"',
            {"channel": ["c"], "text": ['"t"']},
        ),
        ("<moment>", "at set x y: 1", {"clause": ["set x y: 1"]}),
        ("REST", "x a, b == 3", {"rest": ["a", ",", "b == 3"]}),
    ],
)
def test_what_fits_is_bound(shape: str, text: str, bound: dict[str, list[str]]) -> None:
    assert _bound(shape, text) == bound


@pytest.mark.parametrize(
    ("shape", "text", "at", "expected"),
    [
        (_LIMIT, "limit", 0, {"a number"}),
        (_LIMIT, "limit 3 per", 2, {"a duration"}),
        (_LIMIT, "limit 3 per 1h", 3, {"by", "overall"}),
        (_LIMIT, "limit 3 every 1h", 1, {"per", "at"}),
        ("level:(low | high)", "x middle", 0, {"low", "high"}),
        ("names:NAME,…", "without a,b, 3", 4, {"a name"}),
    ],
)
def test_what_does_not_fit_says_what_would(shape: str, text: str, at: int, expected: set[str]) -> None:
    miss = match_clause(shape, _clause(text))
    assert isinstance(miss, Mismatch)
    assert (miss.at, {*miss.words, *miss.phrases}, miss.surplus) == (at, expected, False)


def test_surplus_is_told_apart_from_what_is_missing() -> None:
    miss = match_clause("NAME", _clause("x a b"))
    assert isinstance(miss, Mismatch)
    assert (miss.at, miss.surplus) == (1, True)


def test_said_words_are_known() -> None:
    match = match_clause(
        "[no] fault [fault:NAME] [on subject:SELECTOR]", _clause("expect no fault on agent a")
    )
    assert isinstance(match, Match)
    assert match.has("no")
    assert match.node("fault") is None
    assert match.part("subject") is not None


@pytest.mark.parametrize("shape", ["NUMBRE", "( a", "a ]", "a $ b", "<a"])
def test_a_shape_that_is_not_in_the_notation_is_refused(shape: str) -> None:
    with pytest.raises(BadShape):
        compiled(shape)


def test_labels_and_their_kinds() -> None:
    assert kinds_of("method:get|post url:URL [text:TEXT] values:NAMED…") == {
        "method": "",
        "url": "URL",
        "text": "TEXT",
        "values": "NAMED",
    }


def test_a_shape_reads_well() -> None:
    assert readable(_LIMIT) == "NUMBER (per DURATION | at once) (by PATH | overall)"
    assert readable("method:get|post url:URL") == "get|post URL"


# --- the words themselves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", vocabulary().words, ids=lambda word: f"{word.inside[0]}-{word.name}")
def test_every_word_fits_its_own_example(word: Word) -> None:
    assert word.doc
    text = word.example
    if not text.startswith(word.name):  # a moment of a test is shown behind its time
        text = text[text.index(word.name) :]
    clause = _clause(text)
    assert clause.word == word.name
    assert isinstance(match_clause(word.shape, clause), Match)


def test_every_family_of_braces_has_words() -> None:
    words = lexicon(vocabulary())
    for word in vocabulary().words:
        if word.body:
            assert words.names((word.body,)), word.body
