"""The matcher: what a word's `shape` says becomes the check of a clause, its bindings, and the words for what is wrong.

The notation of a shape
    per by overall        lower case words stand for themselves
    NUMBER TEXT AGENT     a kind of value; the kinds are in KINDS below
    count:NUMBER          the same, bound as `count`; without a label by the kind's name in lower case
    [ … ]                 may be left out
    ( a | b )             one of these; `level:(low | high)` binds the word that was chosen; the parentheses may be
                          left out around the whole shape and, without blanks, around words: `method:get|post`
    NAME,…                one or more with commas between them (`NAMED…` is the same)
    =                     the sign
    <moment>              the rest of the line is a clause of the family `moment`, braces included; bound as `clause`

    limit:  count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)

A binding is a tuple of nodes, or of matches where a kind has parts of its own (SELECTOR, FIELD). No backtracking beyond `[…]` and `|`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from dsl.syntax import (
    And,
    Call,
    Chain,
    Clause,
    Comma,
    Compare,
    Equals,
    Flag,
    List,
    Map,
    Named,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Path,
    Percent,
    Quantity,
    Raw,
    Text,
    TimeOfDay,
    Word,
)

# --- kinds of values ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """`phrase` is its name in a message. `nodes` are the nodes that may be one; `shape` instead, where it has parts."""

    phrase: str
    nodes: tuple[type[Node], ...] = ()
    shape: str = ""


_VALUES = (
    Word,
    Path,
    Text,
    Raw,
    Number,
    Quantity,
    Percent,
    TimeOfDay,
    Flag,
    Call,
    List,
    Map,
    Chain,
    Negative,
)
_FLAGS = (Word, Path, Flag, Call, Compare, Not, And, Or)
_AMOUNTS = (Word, Path, Number, Quantity, Percent, Chain, Negative, Call)

KINDS: Mapping[str, Kind] = {
    "CONDITION": Kind("a condition", (*_FLAGS, *_VALUES)),
    "VALUE": Kind("a value", (*_VALUES, Compare, Not, And, Or)),
    "DURATION": Kind("a duration", _AMOUNTS),
    "SIZE": Kind("a size", _AMOUNTS),
    "NUMBER": Kind("a number", _AMOUNTS),
    "PERCENT": Kind("a percentage", _AMOUNTS),
    "TEXT": Kind("a text in quotes", (Text, Raw, Path, Call, Word)),
    "ADDRESS": Kind('an address like "127.0.0.1:5432"', (Text, Raw, Path, Word)),
    "URL": Kind('a URL like "http://127.0.0.1:8080/health"', (Text, Raw, Path, Word)),
    "SECRET": Kind('a text or secret("env:NAME")', (Text, Raw, Call, Word)),
    "RAW": Kind("a text in single quotes", (Raw,)),
    "FLAG": Kind("true or false", (Flag, Word)),
    "TIME": Kind("a time of day", (TimeOfDay, Word)),
    "LIST": Kind("a list in [brackets]", (List, Word, Path)),
    "NAME": Kind("a name", (Word,)),
    "TYPE": Kind("a fact type", (Word,)),
    "AGENT": Kind("an agent's name", (Word,)),
    "CHANNEL": Kind("a channel's name", (Word,)),
    "DETECTION": Kind("a detection's name", (Word,)),
    "RECOVERY": Kind("a recovery's name", (Word,)),
    "KEY": Kind("the name of one", (Word, Text, Path)),
    "PATH": Kind("a path like agent.labels.tier", (Path, Word)),
    "NAMED": Kind("a name and its value (`name: value`)", (Named,)),
    "SIGNATURE": Kind("a name with its parameters (`name(stream: text)`)", (Call, Word)),
    "COUNTING": Kind("a count (`count(action restart) == 1`)", (Compare,)),
    "SELECTOR": Kind(
        "what is meant (`agent realtime`)", shape="kind:NAME [name:KEY] [where where:CONDITION]"
    ),
    "FIELD": Kind(
        "a field and its type (`name: text`)",
        shape="field:NAMED [of choices:LIST] [= value:VALUE] | field:NAME",
    ),
    "REST": Kind("values", (Node,)),
}


# --- what a match gives ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """Which nodes were bound to the labels of a shape, and which of its words were said."""

    start: int
    end: int
    bound: Mapping[str, tuple[Node | Match, ...]]
    said: frozenset[str] = frozenset()  # the words of the shape without a label that were there

    def has(self, word: str) -> bool:
        return word in self.said

    def nodes(self, label: str) -> tuple[Node, ...]:
        return tuple(one for one in self.bound.get(label, ()) if isinstance(one, Node))

    def parts(self, label: str) -> tuple[Match, ...]:
        return tuple(one for one in self.bound.get(label, ()) if isinstance(one, Match))

    def node(self, label: str) -> Node | None:
        return next(iter(self.nodes(label)), None)

    def part(self, label: str) -> Match | None:
        return next(iter(self.parts(label)), None)

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


# --- patterns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Literal:
    word: str
    label: str


@dataclass(frozen=True, slots=True)
class _Sign:
    pass


@dataclass(frozen=True, slots=True)
class _Value:
    kind: str
    label: str
    avoid: frozenset[str] = frozenset()  # words of the shape that an optional value must not take for its own


@dataclass(frozen=True, slots=True)
class _Family:
    name: str


@dataclass(frozen=True, slots=True)
class _Optional:
    inner: _Pattern


@dataclass(frozen=True, slots=True)
class _Repeated:
    inner: _Pattern


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Pattern, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[_Pattern, ...]


_Pattern = _Literal | _Sign | _Value | _Family | _Optional | _Repeated | _Sequence | _Choice


# --- reading a shape ----------------------------------------------------------------------------------------------------

_SHAPE_TOKEN = re.compile(
    r"\s*(?:([a-z_]+):(?=[A-Za-z(])|(,?\s?…)|([A-Z]+)|([a-z_]+)|<([a-z ]+)>|([\[\]()|=]))"
)


class BadShape(ValueError):
    """A word of the vocabulary has a shape that is not in the notation."""


@dataclass(slots=True)
class _Reader:
    """Recursive descent over the tokens of one shape; shapes are short and our own."""

    shape: str
    tokens: list[tuple[str, str]]
    words: frozenset[str]
    at: int = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def choice(self, label: str, optional: bool) -> _Pattern:
        options = [self.sequence(label, optional)]
        while self.peek() == ("sign", "|"):
            self.take()
            options.append(self.sequence(label, optional))
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def sequence(self, label: str, optional: bool) -> _Pattern:
        parts: list[_Pattern] = []
        while self.peek() not in (("end", ""), ("sign", "|"), ("sign", ")"), ("sign", "]")):
            parts.append(self.element(label, optional and not parts))
        return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))

    def element(self, label: str, optional: bool) -> _Pattern:
        one = self.single(label, optional)
        if self.peek()[0] == "repeat":
            self.take()
            return _Repeated(one)
        return one

    def single(self, label: str, optional: bool) -> _Pattern:
        kind, text = self.take()
        if kind == "label":
            return self.labelled(text, optional)
        if kind == "word":
            return _Literal(text, label)
        if kind == "kind" and text in KINDS:
            return _Value(text, label or text.lower(), self.words if optional else frozenset())
        if kind == "family":
            return _Family(text)
        if (kind, text) == ("sign", "="):
            return _Sign()
        if (kind, text) == ("sign", "["):
            return _Optional(self.closed("]", "", True))
        if (kind, text) == ("sign", "("):
            return self.closed(")", label, optional)
        raise BadShape(f"`{text}` in the shape `{self.shape}`")

    def labelled(self, label: str, optional: bool) -> _Pattern:
        first = self.single(label, optional)
        options = [first]
        while isinstance(first, _Literal) and self.peek() == ("sign", "|"):
            self.take()
            options.append(self.single(label, optional))
        return first if len(options) == 1 else _Choice(tuple(options))

    def closed(self, closer: str, label: str, optional: bool) -> _Pattern:
        inner = self.choice(label, optional)
        if self.take() != ("sign", closer):
            raise BadShape(f"`{closer}` is missing in the shape `{self.shape}`")
        return inner


def _shape_tokens(shape: str) -> list[tuple[str, str]]:
    names = ("label", "repeat", "kind", "word", "family", "sign")
    tokens, at = [], 0
    while at < len(shape.rstrip()):
        match = _SHAPE_TOKEN.match(shape, at)
        if match is None:
            raise BadShape(f"`{shape[at:]}` in the shape `{shape}`")
        index = next(i for i, text in enumerate(match.groups()) if text is not None)
        tokens.append((names[index], match.groups()[index] or ""))
        at = match.end()
    return tokens


@cache
def compiled(shape: str) -> _Pattern:
    """The pattern of a shape. Raises BadShape."""
    tokens = _shape_tokens(shape)
    reader = _Reader(shape, tokens, words_of(shape))
    pattern = reader.choice("", False)
    if reader.peek()[0] != "end":
        raise BadShape(f"`{reader.peek()[1]}` in the shape `{shape}`")
    return pattern


def kinds_of(shape: str) -> dict[str, str]:
    """Label to the kind of value that is bound to it, in the order of the shape; a choice among words has the kind ""."""
    found: dict[str, str] = {}
    waiting = [compiled(shape)]
    while waiting:
        match waiting.pop(0):
            case _Literal(_, label) if label:
                found.setdefault(label, "")
            case _Value(kind, label):
                found[label] = kind if found.get(label, kind) == kind else "VALUE"
            case _Optional(inner) | _Repeated(inner):
                waiting.insert(0, inner)
            case _Sequence(parts):
                waiting[:0] = parts
            case _Choice(options):
                waiting[:0] = options
    return found


@cache
def words_of(shape: str) -> frozenset[str]:
    """The words that stand for themselves."""
    return frozenset(text for kind, text in _shape_tokens(shape) if kind == "word")


def readable(shape: str) -> str:
    """A shape as a person reads it: without labels and signs of the notation that say nothing to them."""
    return re.sub(r"\b[a-z_]+:(?=[A-Z(a-z])", "", shape).replace("<", "").replace(">", "")


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


def _match(pattern: _Pattern, attempt: _Attempt, at: int) -> int | None:
    return _MATCHERS[type(pattern)](pattern, attempt, at)


def _match_literal(pattern: _Literal, attempt: _Attempt, at: int) -> int | None:
    item = attempt.items[at] if at < len(attempt.items) else None
    if isinstance(item, Word) and item.name == pattern.word:
        if pattern.label:
            attempt.bind(pattern.label, item)
        else:
            attempt.said.add(pattern.word)
        return at + 1
    attempt.fail(at, f"`{pattern.word}`")
    return None


def _match_sign(_: _Sign, attempt: _Attempt, at: int) -> int | None:
    if at < len(attempt.items) and isinstance(attempt.items[at], Equals):
        return at + 1
    attempt.fail(at, "`=`")
    return None


def _match_value(pattern: _Value, attempt: _Attempt, at: int) -> int | None:
    kind = KINDS[pattern.kind]
    if kind.shape:
        return _match_parts(pattern, kind, attempt, at)
    if pattern.kind == "REST":
        return _match_rest(pattern, attempt, at)
    item = attempt.items[at] if at < len(attempt.items) else None
    avoided = isinstance(item, Word) and item.name in pattern.avoid
    if item is None or avoided or not isinstance(item, kind.nodes):
        attempt.fail(at, kind.phrase)
        return None
    attempt.bind(pattern.label, item)
    return at + 1


def _match_rest(pattern: _Value, attempt: _Attempt, at: int) -> int:
    for item in attempt.items[at:]:
        attempt.bind(pattern.label, item)
    return len(attempt.items)


def _match_parts(pattern: _Value, kind: Kind, attempt: _Attempt, at: int) -> int | None:
    outer, attempt.bound = attempt.bound, {}
    end = _match(compiled(kind.shape), attempt, at)
    inner, attempt.bound = attempt.bound, outer
    if end is None:
        return None
    attempt.bind(pattern.label, Match(attempt.items[at].start, attempt.items[end - 1].end, inner))
    return end


def _match_family(pattern: _Family, attempt: _Attempt, at: int) -> int | None:
    head = attempt.items[at] if at < len(attempt.items) else None
    if not isinstance(head, Word):
        attempt.fail(at, f"what comes next ({pattern.name})")
        return None
    clause = attempt.clause
    attempt.bind("clause", Clause(head.start, clause.end, head.name, attempt.items[at + 1 :], clause.body))
    return len(attempt.items)


def _match_optional(pattern: _Optional, attempt: _Attempt, at: int) -> int | None:
    before, said = dict(attempt.bound), set(attempt.said)
    end = _match(pattern.inner, attempt, at)
    if end is None:
        attempt.bound, attempt.said = before, said
        return at
    return end


def _match_repeated(pattern: _Repeated, attempt: _Attempt, at: int) -> int | None:
    end = _match(pattern.inner, attempt, at)
    while end is not None and end < len(attempt.items) and isinstance(attempt.items[end], Comma):
        end = _match(pattern.inner, attempt, end + 1)
    return end


def _match_sequence(pattern: _Sequence, attempt: _Attempt, at: int) -> int | None:
    end: int | None = at
    for part in pattern.parts:
        end = _match(part, attempt, end)
        if end is None:
            return None
    return end


def _match_choice(pattern: _Choice, attempt: _Attempt, at: int) -> int | None:
    for option in pattern.options:
        before, said = dict(attempt.bound), set(attempt.said)
        end = _match(option, attempt, at)
        if end is not None:
            return end
        attempt.bound, attempt.said = before, said
    return None


_MATCHERS: dict[type, Callable[..., int | None]] = {
    _Literal: _match_literal,
    _Sign: _match_sign,
    _Value: _match_value,
    _Family: _match_family,
    _Optional: _match_optional,
    _Repeated: _match_repeated,
    _Sequence: _match_sequence,
    _Choice: _match_choice,
}
