"""No construct of the language is missing from its reference: every form of every clause, action, probe, function, declaration has an example."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.match import Match
from dsl.memory import Memory
from dsl.resolve import calls, clauses
from dsl.resolve.calls.asked import Asked
from dsl.shape import Choice, Literal, Optional, Pattern, Repeated, Sequence, compiled, kinds_of, words_of
from dsl.syntax import Clause
from dsl.vocabulary.word import FunctionForm
from dsl.vocabulary.word import Word as VocabularyWord
from tests.docs.examples import PAGES, examples
from tools.language import pages

Key = tuple[str, object, str]
Said = dict[Key, set[str]]


@pytest.fixture(scope="module")
def said() -> Said:
    """Which words of the vocabulary the examples use, and what of each: its own words, and the labels that something was bound to."""
    found: Said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clauses, "Said", _noting(found, clauses.Said))
        resolvers = {over: _resolving(found, resolve) for over, resolve in calls._RESOLVERS.items()}
        patch.setattr(calls, "_RESOLVERS", resolvers)
        for example in examples():
            if example.expected is None:
                check(example.sources, replace(vocabulary(), later={}), memory=Memory())
    return found


def _noting(found: Said, made: type[clauses.Said]) -> Callable[..., clauses.Said]:
    def note(word: VocabularyWord, clause: Clause, match: Match) -> clauses.Said:
        found.setdefault(_key(word), set()).update(_parts(word, match))
        return made(word, clause, match)

    return note


def _resolving(found: Said, resolve: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
    def note(asked: Asked) -> Any:
        found.setdefault(_key(asked.form), set()).update(_parts(asked.form, asked.match))
        return resolve(asked)

    return note


def _key(word: VocabularyWord | FunctionForm) -> Key:
    return word.name, word.over if isinstance(word, FunctionForm) else word.inside, word.shape


def _parts(word: VocabularyWord | FunctionForm, match: Match) -> set[str]:
    return {*match.said, *match.bound}


def _chosen(word: VocabularyWord) -> set[str]:
    """The words among which one is chosen, as `low | medium | high`: a closed set, which a page may tell of in its text."""
    return set(words_of(word.shape)) - _said_by_themselves(compiled(word.shape))


def _said_by_themselves(pattern: Pattern) -> set[str]:
    match pattern:
        case Literal(word, label):
            return set() if label else {word}
        case Optional(inner) | Repeated(inner):
            return _said_by_themselves(inner)
        case Sequence(several) | Choice(several):
            return {word for one in several for word in _said_by_themselves(one)}
    return set()


_MADE = set(pages())
_WRITTEN = "\n".join(
    page.read_text(encoding="utf-8") for page in PAGES.glob("*.md") if page.name not in _MADE
)
_WORDS = [word for word in vocabulary().words if word.name]
_NAMES = (*(one.name for one in vocabulary().functions), *(one.name for one in vocabulary().values))
_FORMS: tuple[FunctionForm, ...] = vocabulary().forms


@pytest.mark.parametrize("word", _WORDS, ids=lambda word: f"{word.inside[0]} {word.name} {word.shape[:20]}")
def test_every_form_of_a_clause_has_an_example(word: VocabularyWord, said: Said) -> None:
    assert _key(word) in said, "no example of docs/language uses it"
    alike = [parts for (name, _, shape), parts in said.items() if (name, shape) == (word.name, word.shape)]
    wanted = _said_by_themselves(compiled(word.shape)) | set(kinds_of(word.shape))
    assert wanted.difference(*alike) == set(), "no example of docs/language says this in it"
    assert [one for one in sorted(_chosen(word)) if not re.search(rf"\b{one}\b", _WRITTEN)] == []


@pytest.mark.parametrize("form", _FORMS, ids=lambda form: f"{form.name} over {form.over}")
def test_every_form_of_a_function_has_an_example(form: FunctionForm, said: Said) -> None:
    assert _key(form) in said, "no example of docs/language uses it"


@pytest.mark.parametrize("over", sorted({form.over for form in _FORMS}))
def test_every_part_of_such_calls_has_an_example(over: str, said: Said) -> None:
    """Parts mean the same in every function that ranges over the same."""
    forms = [form for form in _FORMS if form.over == over]
    wanted = {label for form in forms for shape in form.shape.split(", ") for label in kinds_of(shape)}
    assert wanted - {label for form in forms for label in said.get(_key(form), ())} == set()


@pytest.mark.parametrize("name", [*_NAMES])
def test_every_other_function_and_name_has_an_example(name: str) -> None:
    assert any(re.search(rf"\b{re.escape(name)}\b", example.text) for example in examples())
