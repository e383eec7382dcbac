"""The words of the language by the colour in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from daemon.editor.words import words
from dsl.shape import Choice, Literal, Optional, Pattern, Repeated, Sequence, compiled
from dsl.vocabulary.facts import BUILT_IN

OPERATORS = ("and", "or", "not", "in", "contains", "matches", "mod")


@dataclass(frozen=True, slots=True)
class Words:
    """`clauses` may begin a clause; `between` stand among its values; `choices` are values of closed sets of the language itself."""

    declarations: tuple[str, ...]
    clauses: tuple[str, ...]
    between: tuple[str, ...]
    choices: tuple[str, ...]
    functions: tuple[str, ...]
    types: tuple[str, ...]


@cache
def coloured_words() -> Words:
    lexicon = words()
    declarations = set(lexicon.families["file"])
    forms = [form for family in lexicon.families.values() for of_word in family.values() for form in of_word]
    clauses = {form.name for form in forms} - declarations
    literals = {literal for form in forms for literal in _literals(compiled(form.shape))}
    calls = [form for of_function in lexicon.calls.values() for form in of_function]
    literals |= {literal for call in calls for literal in _literals(compiled(call.shape))}
    between = {literal.word for literal in literals if not literal.label}
    choices = {literal.word for literal in literals if literal.label} | {"true", "false"}
    return Words(
        *map(
            _sorted,
            (
                declarations,
                clauses,
                between,
                {choice for choice in choices - between if len(choice) > 1},
                {*lexicon.functions, *lexicon.calls},
                set(BUILT_IN),
            ),
        )
    )


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _literals(pattern: Pattern) -> Iterator[Literal]:
    match pattern:
        case Literal():
            yield pattern
        case Optional(inner=inner) | Repeated(inner=inner):
            yield from _literals(inner)
        case Sequence(parts=parts) | Choice(options=parts):
            for part in parts:
                yield from _literals(part)
