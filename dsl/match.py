"""The matcher: a clause's items against the shape of its word; what comes of it is bindings, or where and why it does not fit.

A binding is a tuple of nodes, or of matches where a kind has parts of its own (SELECTOR, FIELD). No backtracking beyond `[…]` and `|`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

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


class Match(msgspec.Struct, frozen=True, gc=False):
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


class Mismatch(msgspec.Struct, frozen=True, gc=False):
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


class _Attempt(msgspec.Struct):
    """The items of one clause, what is bound so far, and the furthest place at which something else was expected.

    What was bound and said last can be taken back: `was_bound` are labels and what they were bound to before, `was_said` are words.
    """

    clause: Clause
    items: tuple[Node, ...]
    bound: dict[str, tuple[Node | Match, ...]] = msgspec.field(default_factory=dict)
    said: list[str] = msgspec.field(default_factory=list)
    furthest: int = 0
    expected: dict[str, None] = msgspec.field(default_factory=dict)
    was_bound: list[tuple[str, tuple[Node | Match, ...] | None]] = msgspec.field(default_factory=list)

    def fail(self, at: int, what: str) -> None:
        if at > self.furthest:
            self.furthest, self.expected = at, {}
        if at == self.furthest:
            self.expected[what] = None

    def bind(self, label: str, value: Node | Match) -> None:
        before = self.bound.get(label)
        self.was_bound.append((label, before))
        self.bound[label] = (value,) if before is None else (*before, value)

    def take_back(self, bound: int, said: int) -> None:
        """All but so many of what was bound and said."""
        while len(self.was_bound) > bound:
            label, before = self.was_bound.pop()
            if before is None:
                del self.bound[label]
            else:
                self.bound[label] = before
        del self.said[said:]


def match_clause(shape: str, clause: Clause) -> Match | Mismatch:
    """The clause's items against the shape of its word."""
    attempt = _Attempt(clause, clause.items)
    end = _run(shape)(attempt, 0)
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


# Each pattern becomes a function from where it begins to where it ends, or None; that costs half of looking at patterns again and again.
Run = Callable[[_Attempt, int], int | None]


@cache
def _run(shape: str) -> Run:
    return _run_of(compiled(shape))


def _run_of(pattern: Pattern) -> Run:
    return _RUNS[type(pattern)](pattern)


def _literal(pattern: Literal) -> Run:
    if pattern.negated:
        return _negated(pattern)
    word, label, expected = pattern.word, pattern.label, f"`{pattern.word}`"

    def run(attempt: _Attempt, at: int) -> int | None:
        item = attempt.items[at] if at < len(attempt.items) else None
        if isinstance(item, Word) and item.name == word and _is_bare(item):
            if label:
                attempt.bind(label, item)
            else:
                attempt.said.append(word)
            return at + 1
        attempt.fail(at, expected)
        return None

    return run


def _negated(pattern: Literal) -> Run:
    """`not followed`, which is read as the negation of a name."""

    def run(attempt: _Attempt, at: int) -> int | None:
        item = attempt.items[at] if at < len(attempt.items) else None
        if isinstance(item, Not) and isinstance(item.operand, Word) and item.operand.name == pattern.word:
            attempt.said += ("not", pattern.word)
            return at + 1
        attempt.fail(at, f"`not {pattern.word}`")
        return None

    return run


def _is_bare(word: Word) -> bool:
    """Whether it stands without parentheses: `restart (agent)` is no way to name something."""
    return word.end - word.start == len(word.name)


def _sign(pattern: Sign) -> Run:
    def run(attempt: _Attempt, at: int) -> int | None:
        if at < len(attempt.items) and isinstance(attempt.items[at], _SIGNS[pattern.text]):
            return at + 1
        attempt.fail(at, f"`{pattern.text}`")
        return None

    return run


_SIGNS: Mapping[str, type[Node]] = {"=": Equals, ",": Comma}


def _value(pattern: Value) -> Run:
    kind, label, avoid = KINDS[pattern.kind], pattern.label, pattern.avoid
    if kind.shape:
        return _parts(pattern, kind)
    if pattern.kind == "REST":
        return _rest(pattern)
    nodes, phrase, bare = kind.nodes, kind.phrase, kind.nodes == (Word,)

    def run(attempt: _Attempt, at: int) -> int | None:
        item = attempt.items[at] if at < len(attempt.items) else None
        avoided = isinstance(item, Word) and (item.name in avoid or (bare and not _is_bare(item)))
        if item is not None and not avoided and isinstance(item, nodes):
            attempt.bind(label, item)
            return at + 1
        attempt.fail(at, phrase)
        return None

    return run


def _rest(pattern: Value) -> Run:
    def run(attempt: _Attempt, at: int) -> int | None:
        for item in attempt.items[at:]:
            attempt.bind(pattern.label, item)
        return len(attempt.items)

    return run


def _parts(pattern: Value, kind: Kind) -> Run:
    def run(attempt: _Attempt, at: int) -> int | None:
        outer, was_bound = attempt.bound, attempt.was_bound
        attempt.bound, attempt.was_bound = {}, []
        end = _run(kind.shape)(attempt, at)
        inner = attempt.bound
        attempt.bound, attempt.was_bound = outer, was_bound
        if end is None:
            return None
        attempt.bind(pattern.label, Match(attempt.items[at].start, attempt.items[end - 1].end, inner))
        return end

    return run


def _family(pattern: Family) -> Run:
    def run(attempt: _Attempt, at: int) -> int | None:
        head = attempt.items[at] if at < len(attempt.items) else None
        if not isinstance(head, Word):
            attempt.fail(at, FAMILIES[pattern.name][0])
            return None
        clause, rest = attempt.clause, attempt.items[at + 1 :]
        attempt.bind("clause", Clause(head.start, clause.end, head.name, rest, clause.body))
        return len(attempt.items)

    return run


def _optional(pattern: Optional) -> Run:
    inner = _run_of(pattern.inner)

    def run(attempt: _Attempt, at: int) -> int | None:
        bound, said = len(attempt.was_bound), len(attempt.said)
        end = inner(attempt, at)
        if end is None:
            attempt.take_back(bound, said)
            return at
        return end

    return run


def _repeated(pattern: Repeated) -> Run:
    inner = _run_of(pattern.inner)

    def run(attempt: _Attempt, at: int) -> int | None:
        end = inner(attempt, at)
        while end is not None and end < len(attempt.items) and isinstance(attempt.items[end], Comma):
            end = inner(attempt, end + 1)
        return end

    return run


def _sequence(pattern: Sequence) -> Run:
    parts = [_run_of(part) for part in pattern.parts]

    def run(attempt: _Attempt, at: int) -> int | None:
        end: int | None = at
        for part in parts:
            if end is not None:
                end = part(attempt, end)
        return end

    return run


def _choice(pattern: Choice) -> Run:
    options = [_run_of(option) for option in pattern.options]

    def run(attempt: _Attempt, at: int) -> int | None:
        for option in options:
            bound, said = len(attempt.was_bound), len(attempt.said)
            end = option(attempt, at)
            if end is not None:
                return end
            attempt.take_back(bound, said)
        return None

    return run


_RUNS: dict[type, Callable[..., Run]] = {
    Literal: _literal,
    Sign: _sign,
    Value: _value,
    Family: _family,
    Optional: _optional,
    Repeated: _repeated,
    Sequence: _sequence,
    Choice: _choice,
}
