"""The matcher: a clause's items against the shape of its word; what comes of it is bindings, or where and why it does not fit.

A binding is a tuple of nodes, or of matches where a kind has parts of its own (SELECTOR, FIELD). No backtracking beyond `[…]` and `|`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from dsl.shape import (
    FAMILIES,
    KINDS,
    Choice,
    Family,
    Kind,
    Literal,
    Optional,
    Pattern,
    Repeated,
    Sequence,
    Sign,
    Value,
    compiled,
)
from dsl.syntax import Clause, Comma, Equals, Node, Not, Word

# --- what a match gives ---------------------------------------------------------------------------------------------


class Match(msgspec.Struct, frozen=True):
    """Which nodes were bound to the labels of a shape, and which of its words were said."""

    start: int
    end: int
    bound: Mapping[str, tuple[Node | Match, ...]]
    said: frozenset[str] = frozenset()  # the words of the shape without a label that were there

    def has(self, word: str) -> bool:
        return word in self.said

    def nodes(self, label: str) -> tuple[Node, ...]:
        return tuple([one for one in self.bound.get(label, ()) if isinstance(one, Node)])

    def parts(self, label: str) -> tuple[Match, ...]:
        return tuple(one for one in self.bound.get(label, ()) if isinstance(one, Match))

    def node(self, label: str) -> Node | None:
        for one in self.bound.get(label, ()):
            if isinstance(one, Node):
                return one
        return None

    def part(self, label: str) -> Match | None:
        for one in self.bound.get(label, ()):
            if isinstance(one, Match):
                return one
        return None

    def word(self, label: str) -> str | None:
        node = self.node(label)
        return node.name if isinstance(node, Word) else None

    def clause(self) -> Clause | None:
        node = self.node("clause")
        return node if isinstance(node, Clause) else None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where the furthest attempt stopped: `found` is the item there (None: the clause ends), `after` the one before it.

    `words` are the words that would have fitted, `phrases` what else would. `surplus`: everything had been matched already.
    """

    at: int
    found: Node | None
    after: Node | None
    words: tuple[str, ...]
    phrases: tuple[str, ...]
    surplus: bool = False


# --- matching -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Attempt:
    """The items of one clause, what is bound so far, and the furthest place at which something else was expected."""

    clause: Clause
    items: tuple[Node, ...]
    bound: dict[str, tuple[Node | Match, ...]] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    furthest: int = 0
    expected: dict[str, None] = field(default_factory=dict)

    def fail(self, at: int, what: str) -> None:
        if at > self.furthest:
            self.furthest, self.expected = at, {}
        if at == self.furthest:
            self.expected[what] = None

    def bind(self, label: str, value: Node | Match) -> None:
        self.bound[label] = (*self.bound.get(label, ()), value)


def match_clause(shape: str, clause: Clause) -> Match | Mismatch:
    """The clause's items against the shape of its word."""
    attempt = _Attempt(clause, clause.items)
    end = _match(compiled(shape), attempt, 0)
    if end is not None and end >= len(clause.items):
        return Match(clause.start, clause.line_end, attempt.bound, frozenset(attempt.said))
    if end is not None and end >= attempt.furthest:
        return _mismatch(attempt, end, surplus=True)
    return _mismatch(attempt, attempt.furthest, surplus=False)


def _mismatch(attempt: _Attempt, at: int, surplus: bool) -> Mismatch:
    items = attempt.items
    found = items[at] if at < len(items) else None
    after = items[at - 1] if at > 0 else None
    expected = attempt.expected if at == attempt.furthest else {}
    words = tuple(one[1:-1] for one in expected if one.startswith("`"))
    phrases = tuple(one for one in expected if not one.startswith("`"))
    return Mismatch(at, found, after, words, phrases, surplus)


def _match(pattern: Pattern, attempt: _Attempt, at: int) -> int | None:
    return _MATCHERS[type(pattern)](pattern, attempt, at)


def _match_literal(pattern: Literal, attempt: _Attempt, at: int) -> int | None:
    item = attempt.items[at] if at < len(attempt.items) else None
    if pattern.negated:
        return _match_negated(pattern, attempt, at, item)
    if isinstance(item, Word) and item.name == pattern.word and _is_bare(item):
        if pattern.label:
            attempt.bind(pattern.label, item)
        else:
            attempt.said.add(pattern.word)
        return at + 1
    attempt.fail(at, f"`{pattern.word}`")
    return None


def _match_negated(pattern: Literal, attempt: _Attempt, at: int, item: Node | None) -> int | None:
    """`not followed`, which is read as the negation of a name."""
    if isinstance(item, Not) and isinstance(item.operand, Word) and item.operand.name == pattern.word:
        attempt.said.update(("not", pattern.word))
        return at + 1
    attempt.fail(at, f"`not {pattern.word}`")
    return None


def _is_bare(word: Word) -> bool:
    """Whether it stands without parentheses: `restart (agent)` is no way to name something."""
    return word.end - word.start == len(word.name)


def _match_sign(pattern: Sign, attempt: _Attempt, at: int) -> int | None:
    if at < len(attempt.items) and isinstance(attempt.items[at], _SIGNS[pattern.text]):
        return at + 1
    attempt.fail(at, f"`{pattern.text}`")
    return None


_SIGNS: Mapping[str, type[Node]] = {"=": Equals, ",": Comma}


def _match_value(pattern: Value, attempt: _Attempt, at: int) -> int | None:
    kind = KINDS[pattern.kind]
    if kind.shape:
        return _match_parts(pattern, kind, attempt, at)
    if pattern.kind == "REST":
        return _match_rest(pattern, attempt, at)
    item = attempt.items[at] if at < len(attempt.items) else None
    avoided = isinstance(item, Word) and item.name in pattern.avoid
    if kind.nodes == (Word,) and isinstance(item, Word) and not _is_bare(item):
        avoided = True
    if item is None or avoided or not isinstance(item, kind.nodes):
        attempt.fail(at, kind.phrase)
        return None
    attempt.bind(pattern.label, item)
    return at + 1


def _match_rest(pattern: Value, attempt: _Attempt, at: int) -> int:
    for item in attempt.items[at:]:
        attempt.bind(pattern.label, item)
    return len(attempt.items)


def _match_parts(pattern: Value, kind: Kind, attempt: _Attempt, at: int) -> int | None:
    outer, attempt.bound = attempt.bound, {}
    end = _match(compiled(kind.shape), attempt, at)
    inner, attempt.bound = attempt.bound, outer
    if end is None:
        return None
    attempt.bind(pattern.label, Match(attempt.items[at].start, attempt.items[end - 1].end, inner))
    return end


def _match_family(pattern: Family, attempt: _Attempt, at: int) -> int | None:
    head = attempt.items[at] if at < len(attempt.items) else None
    if not isinstance(head, Word):
        attempt.fail(at, FAMILIES[pattern.name][0])
        return None
    clause = attempt.clause
    attempt.bind("clause", Clause(head.start, clause.end, head.name, attempt.items[at + 1 :], clause.body))
    return len(attempt.items)


def _match_optional(pattern: Optional, attempt: _Attempt, at: int) -> int | None:
    before, said = dict(attempt.bound), set(attempt.said)
    end = _match(pattern.inner, attempt, at)
    if end is None:
        attempt.bound, attempt.said = before, said
        return at
    return end


def _match_repeated(pattern: Repeated, attempt: _Attempt, at: int) -> int | None:
    end = _match(pattern.inner, attempt, at)
    while end is not None and end < len(attempt.items) and isinstance(attempt.items[end], Comma):
        end = _match(pattern.inner, attempt, end + 1)
    return end


def _match_sequence(pattern: Sequence, attempt: _Attempt, at: int) -> int | None:
    end = at
    for part in pattern.parts:
        found = _match(part, attempt, end)
        if found is None:
            return None
        end = found
    return end


def _match_choice(pattern: Choice, attempt: _Attempt, at: int) -> int | None:
    for option in pattern.options:
        before, said = dict(attempt.bound), set(attempt.said)
        end = _match(option, attempt, at)
        if end is not None:
            return end
        attempt.bound, attempt.said = before, said
    return None


_MATCHERS: dict[type, Callable[..., int | None]] = {
    Literal: _match_literal,
    Sign: _match_sign,
    Value: _match_value,
    Family: _match_family,
    Optional: _match_optional,
    Repeated: _match_repeated,
    Sequence: _match_sequence,
    Choice: _match_choice,
}
