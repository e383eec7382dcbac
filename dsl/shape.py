"""Shapes: what a word of the vocabulary says about the values that follow it. `dsl.match` holds clauses against them.

The notation of a shape
    per by overall        lower case words stand for themselves
    NUMBER TEXT AGENT     a kind of value; the kinds are in KINDS below
    count:NUMBER          the same, bound as `count`; without a label by the kind's name in lower case
    [ … ]                 may be left out
    ( a | b )             one of these; `level:(low | high)` binds the word that was chosen; the parentheses may be
                          left out around the whole shape and, without blanks, around words: `method:get|post`
    NAME,…                one or more with commas between them (`NAMED…` is the same)
    = ,                   the signs
    not followed          the word with `not` before it
    <moment>              the rest of the line is a clause of the family `moment`, braces included; bound as `clause`

    limit:  count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from dsl.syntax import (
    And,
    Call,
    Chain,
    Compare,
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


class Kind(msgspec.Struct, frozen=True):
    """`phrase` is its name in a message. `nodes` are the nodes that may be one; `shape` instead, where it has parts.

    `reads` is how it stands in the form of a clause that people read, where its own name would not help them.
    """

    phrase: str
    nodes: tuple[type[Node], ...] = ()
    shape: str = ""
    reads: str = ""


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
    "CONDITION": Kind("a condition", _FLAGS),
    "VALUE": Kind("a value", (*_VALUES, Compare, Not, And, Or)),
    "DURATION": Kind("a duration", _AMOUNTS),
    "SIZE": Kind("a size", _AMOUNTS),
    "NUMBER": Kind("a number", _AMOUNTS),
    "PERCENT": Kind("a percentage", _AMOUNTS),
    "TEXT": Kind("a text in quotes", (Text, Raw, Path, Call, Word)),
    "TITLE": Kind("a text in quotes", (Text, Raw), reads="TEXT"),
    "ADDRESS": Kind('an address like "127.0.0.1:5432"', (Text, Raw, Path, Word)),
    "URL": Kind('a URL like "http://127.0.0.1:8080/health"', (Text, Raw, Path, Word)),
    "SECRET": Kind('a text or secret("env:NAME")', (Text, Raw, Call, Word)),
    "RAW": Kind("a text in single quotes", (Raw,)),
    "PATTERN": Kind("a regular expression in single quotes", (Raw,)),
    "FLAG": Kind("true or false", (Flag, Word)),
    "TIME": Kind("a time of day", (TimeOfDay, Word)),
    "LIST": Kind("a list in [brackets]", (List, Word, Path)),
    "NAME": Kind("a name", (Word,)),
    "TYPE": Kind("a fact type", (Word,)),
    "AGENT": Kind("an agent's name", (Word,)),
    "CHANNEL": Kind("a channel's name", (Word,)),
    "EVENT": Kind("an event type", (Word,)),
    "PROBE": Kind("a probe's name", (Word,)),
    "ALERT": Kind("an alert's name", (Word,)),
    "DETECTION": Kind("a detection's name", (Word,)),
    "RECOVERY": Kind("a recovery's name", (Word,)),
    "WORKFLOW": Kind("a workflow's name", (Word,)),
    "AUTOMATION": Kind("an automation's name", (Word,)),
    "ADAPTATION": Kind("an adaptation's name", (Word,)),
    "MAINTENANCE": Kind("a maintenance's name", (Word,)),
    "KEY": Kind("the name of one", (Word, Text, Path)),
    "PATH": Kind("a path like agent.labels.tier", (Path, Word)),
    "NAMED": Kind("a name and its value (`name: value`)", (Named,), reads="NAME: VALUE"),
    "SIGNATURE": Kind("a name with its parameters (`name(stream: text)`)", (Call, Word)),
    "CALLED": Kind(
        "what is run (`rebalance(symbols: [])`)", (Call, Word), reads="NAME or NAME(PARAMETER: VALUE, …)"
    ),
    "COUNTING": Kind("a count (`count(action restart) == 1`)", (Compare,)),
    "SELECTOR": Kind(
        "what is meant (`agent realtime`)",
        shape="kind:NAME [name:KEY] [where where:CONDITION]",
        reads="KIND NAME",
    ),
    "SUBJECT": Kind("a fact type", shape="type:TYPE [as name:NAME]", reads="TYPE [as NAME]"),
    "FIELD": Kind(
        "a field and its type (`name: text`)",
        shape="field:NAMED [of choices:LIST] [= value:VALUE] | field:NAME",
        reads="NAME: TYPE",
    ),
    "REST": Kind("values", (Node,)),
}


# What the rest of a line is, in a message and in the form of a clause, where it is a clause itself.
FAMILIES: Mapping[str, tuple[str, str]] = {
    "probe kind": (
        "a way to ask (http, tcp, exec, process)",
        "http URL | tcp ADDRESS | exec LIST | process TEXT",
    ),
    "moment": (
        "`set`, `lose`, `action`, `run` or `expect`",
        "set … | lose … | action … | run … | expect …",
    ),
}

# --- patterns ---------------------------------------------------------------------------------------------------------


class Literal(msgspec.Struct, frozen=True):
    word: str
    label: str
    negated: bool = False  # `not` stands before it


class Sign(msgspec.Struct, frozen=True):
    text: str


class Value(msgspec.Struct, frozen=True):
    kind: str
    label: str
    avoid: frozenset[str] = frozenset()  # words of the shape that an optional value must not take for its own


class Family(msgspec.Struct, frozen=True):
    name: str


class Optional(msgspec.Struct, frozen=True):
    inner: Pattern


class Repeated(msgspec.Struct, frozen=True):
    inner: Pattern


class Sequence(msgspec.Struct, frozen=True):
    parts: tuple[Pattern, ...]


class Choice(msgspec.Struct, frozen=True):
    options: tuple[Pattern, ...]


Pattern = Literal | Sign | Value | Family | Optional | Repeated | Sequence | Choice


# --- reading a shape ----------------------------------------------------------------------------------------------------

_SHAPE_TOKEN = re.compile(
    r"\s*(?:([a-z_]+):(?=[A-Za-z(])|(,?\s?…)|([A-Z]+)|([a-z_]+)|<([a-z ]+)>|([\[\]()|=,]))"
)


class BadShape(ValueError):
    """A word of the vocabulary has a shape that is not in the notation."""


class _Reader(msgspec.Struct):
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

    def choice(self, label: str, optional: bool) -> Pattern:
        options = [self.sequence(label, optional)]
        while self.peek() == ("sign", "|"):
            self.take()
            options.append(self.sequence(label, optional))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, label: str, optional: bool) -> Pattern:
        parts: list[Pattern] = []
        while self.peek() not in (("end", ""), ("sign", "|"), ("sign", ")"), ("sign", "]")):
            parts.append(self.element(label, optional and not parts))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def element(self, label: str, optional: bool) -> Pattern:
        one = self.single(label, optional)
        if self.peek()[0] == "repeat":
            self.take()
            return Repeated(one)
        return one

    def single(self, label: str, optional: bool) -> Pattern:
        kind, text = self.take()
        if kind == "label":
            return self.labelled(text, optional)
        if kind == "word":
            return Literal(self.take()[1], label, negated=True) if text == "not" else Literal(text, label)
        if kind == "kind" and text in KINDS:
            return Value(text, label or text.lower(), self.words if optional else frozenset())
        if kind == "family":
            return Family(text)
        if (kind, text) in (("sign", "="), ("sign", ",")):
            return Sign(text)
        if (kind, text) == ("sign", "["):
            return Optional(self.closed("]", "", True))
        if (kind, text) == ("sign", "("):
            return self.closed(")", label, optional)
        raise BadShape(f"`{text}` in the shape `{self.shape}`")

    def labelled(self, label: str, optional: bool) -> Pattern:
        first = self.single(label, optional)
        options = [first]
        while isinstance(first, Literal) and self.peek() == ("sign", "|"):
            self.take()
            options.append(self.single(label, optional))
        return first if len(options) == 1 else Choice(tuple(options))

    def closed(self, closer: str, label: str, optional: bool) -> Pattern:
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
def compiled(shape: str) -> Pattern:
    """The pattern of a shape. Raises BadShape."""
    tokens = _shape_tokens(shape)
    reader = _Reader(shape, tokens, words_of(shape))
    pattern = reader.choice("", False)
    if reader.peek()[0] != "end":
        raise BadShape(f"`{reader.peek()[1]}` in the shape `{shape}`")
    return pattern


@cache
def kinds_of(shape: str) -> Mapping[str, str]:
    """Label to the kind of value that is bound to it, in the order of the shape; a choice among words has the kind ""."""
    found: dict[str, str] = {}
    waiting = [compiled(shape)]
    while waiting:
        match waiting.pop(0):
            case Literal(_, label) if label:
                found.setdefault(label, "")
            case Value(kind, label):
                found[label] = kind if found.get(label, kind) == kind else "VALUE"
            case Optional(inner) | Repeated(inner):
                waiting.insert(0, inner)
            case Sequence(parts):
                waiting[:0] = parts
            case Choice(options):
                waiting[:0] = options
    return found


@cache
def words_of(shape: str) -> frozenset[str]:
    """The words that stand for themselves."""
    return frozenset(text for kind, text in _shape_tokens(shape) if kind == "word")


def readable(shape: str) -> str:
    """A shape as a person reads it: without labels and signs of the notation that say nothing to them."""
    plain = re.sub(r"\b[a-z_]+:(?=[A-Z(a-z])", "", shape)
    named = re.sub(r"\b[A-Z]+\b", lambda match: KINDS[match[0]].reads or match[0], plain)
    listed = re.sub(r",?…", ", …", named)
    return re.sub(r"<([a-z ]+)>", lambda match: FAMILIES[match[1]][1], listed)
