"""The names in a declaration: what each means and where it stands. From its text alone, so it is worked out once for each text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from daemon.editor.words import words
from dsl.files import declared_name
from dsl.lexicon import Families
from dsl.match import Match, match_clause
from dsl.parser import parse_block, parse_expression
from dsl.shape import kinds_of
from dsl.syntax import (
    And,
    Call,
    Chain,
    Clause,
    Compare,
    List,
    Map,
    Named,
    Negative,
    Node,
    Not,
    Or,
    Path,
    Text,
    Word,
)
from dsl.template import pieces
from dsl.vocabulary.word import ActionWord, ProbeWord
from dsl.vocabulary.word import Word as VocabularyWord

TYPES = ("fact", "event", "derive")
# Kinds of values that are names of declarations, and the word of these declarations; "type" stands for all of TYPES.
DECLARED_BY = {
    "AGENT": "agent",
    "ALERT": "alert",
    "CHANNEL": "channel",
    "DETECTION": "detection",
    "RECOVERY": "recovery",
    "WORKFLOW": "workflow",
    "AUTOMATION": "automation",
    "ADAPTATION": "adaptation",
    "MAINTENANCE": "maintenance",
    "PROBE": "probe",
    "EVENT": "type",
    "TYPE": "type",
    "CALLED": "workflow",
}
_SELECTED = {"fault": "detection", "host": ""}


@dataclass(frozen=True, slots=True)
class Name:
    """`kind`: the word of a declaration; "type"; "value" (a constant or a type, whichever there is); "field" (`name` is then its whole
    path, the place that of its last part); "own action"; "step"; "function"; "" for what may name anything. Offsets into the block."""

    kind: str
    name: str
    start: int
    end: int
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A clause, the word that it says if it fits one, and the families of the braces in which it stands."""

    clause: Clause
    word: VocabularyWord | None
    families: Families


@dataclass(slots=True)
class Reading:
    """What was found in a block, in the order in which it stands there."""

    names: list[Name] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)


@lru_cache(maxsize=16384)
def read_names(text: str) -> Reading:
    """Of a block's text; what cannot be read in it is left out."""
    reading = Reading()
    clause = parse_block(text).clause
    _read_head(reading, clause)
    _read(reading, text, clause, ("file",))
    reading.names.sort(key=lambda name: (name.start, name.end))
    return reading


def kind_of(word: str) -> str:
    """The kind of name that a declaration with this word declares."""
    return "type" if word in TYPES else word


def inner_families(word: VocabularyWord) -> Families:
    """The families of the clauses in a word's braces."""
    own = (word.body,) if word.body else ()
    if isinstance(word, ActionWord):
        return (*own, "action body")
    return (*own, "check") if isinstance(word, ProbeWord) else own


def _read_head(reading: Reading, clause: Clause) -> None:
    name = declared_name(clause)
    if name and clause.word not in ("use", "language", "test"):
        start = clause.items[0].start
        reading.names.append(Name(kind_of(clause.word), name, start, start + len(name), True))


def _read(reading: Reading, text: str, clause: Clause, families: Families) -> None:
    word, match = fitting(clause, families)
    reading.said.append(Said(clause, word, families))
    taken: set[int] = {clause.items[0].start} if families == ("file",) and clause.items else set()
    inner: Families = ()
    if word is None:
        _read_own_action(reading, clause, families)
    elif match is not None:
        taken |= _read_bound(reading, text, clause, word, match)
    if word is not None:
        inner = inner_families(word)
    meant = None if match is None or word is None else _values(match, kinds_of(word.shape))
    for item in clause.items:
        if item.start not in taken and (meant is None or not isinstance(item, Word) or item.start in meant):
            _read_value(reading, text, item)
    read_on = match is None or "clause" not in match.bound
    for one in (clause.body or ()) if read_on else ():
        _read(reading, text, one, inner)


def _values(match: Match, kinds: Mapping[str, str]) -> set[int]:
    """Where values stand, as against the words of the shape."""
    return {node.start for label, kind in kinds.items() if kind for node in match.nodes(label)}


def fitting(clause: Clause, families: Families) -> tuple[VocabularyWord | None, Match | None]:
    """The form of its word that a clause fits; without a match the first there is."""
    forms = words().forms(clause.word, families)
    for word in forms:
        match = match_clause(word.shape, clause)
        if isinstance(match, Match):
            return word, match
    return (forms[0] if forms else None), None


def _read_own_action(reading: Reading, clause: Clause, families: Families) -> None:
    """A word that nobody knows, where things are done: what an agent can do for itself."""
    if "action" in words().members(families):
        reading.names.append(Name("own action", clause.word, clause.start, clause.word_end))
    for kind, name in _pairs(clause.items):
        if isinstance(kind, Word) and kind.name == "agent" and isinstance(name, Word):
            reading.names.append(_plain("agent", name))


def _read_bound(reading: Reading, text: str, clause: Clause, word: VocabularyWord, match: Match) -> set[int]:
    """Names that stand where the shape of the clause asks for them; the offsets of what was read."""
    taken: set[int] = set()
    kinds = kinds_of(word.shape)
    for label, values in match.bound.items():
        for value in values:
            if label == "clause" and isinstance(value, Clause):
                taken.update(item.start for item in clause.items)
                _read(reading, text, value, _inner_family(word))
            elif isinstance(value, Match):
                taken |= _read_parts(reading, value, kinds.get(label, ""))
            elif isinstance(value, (Word, Call)) and kinds.get(label) in DECLARED_BY:
                kind = DECLARED_BY[kinds[label]]
                reading.names.append(Name(kind, value.name, value.start, value.start + len(value.name)))
                taken |= {value.start} if isinstance(value, Word) else set()
            elif isinstance(value, Word) and (word.name, label) in _OTHERS:
                reading.names.append(_plain(_OTHERS[word.name, label], value))
                taken.add(value.start)
            elif isinstance(value, (Word, Call)) and (word.name, label) in _DECLARES:
                kind = _DECLARES[word.name, label]
                reading.names.append(
                    Name(kind, value.name, value.start, value.start + len(value.name), declares=True)
                )
                taken.add(value.start)
    if word.name in ("key", "field"):
        taken |= _read_fields(reading, clause)
    return taken


# Names of which the shape only says that they are names.
_OTHERS = {
    ("without", "names"): "",
    ("log", "type"): "type",
    ("journal", "type"): "type",
    ("webhook", "type"): "type",
    ("after", "steps"): "step",
    ("before", "steps"): "step",
    ("skip", "step"): "step",
    ("move", "step"): "step",
    ("move", "after"): "step",
    ("move", "before"): "step",
    ("replace", "step"): "step",
    ("retry", "step"): "step",
    ("action", "action"): "own action",
}
_DECLARES = {("step", "name"): "step", ("add", "name"): "step", ("action", "signature"): "own action"}


def _inner_family(word: VocabularyWord) -> Families:
    match = re.search(r"<([a-z ]+)>", word.shape)
    return (match[1],) if match else ()


def _read_parts(reading: Reading, match: Match, kind: str) -> set[int]:
    """`agent realtime`, `stream as s`."""
    first, name = match.node("kind") or match.node("type"), match.node("name")
    taken: set[int] = set()
    if isinstance(first, Word):
        taken.add(first.start)
        if kind == "SUBJECT":
            reading.names.append(_plain("type", first))
        elif isinstance(name, Word):
            reading.names.append(_plain(_SELECTED.get(first.name, first.name), name))
        if kind != "SUBJECT" and first.name not in DECLARED_BY.values():
            reading.names.append(_plain("type", first))
    if isinstance(name, Word):
        taken.add(name.start)
    return taken


def _read_fields(reading: Reading, clause: Clause) -> set[int]:
    for item in clause.items:
        if isinstance(item, Named):
            reading.names.append(Name("field", item.name, item.start, item.name_end, declares=True))
    return {item.start for item in clause.items if isinstance(item, Named)}


def _plain(kind: str, word: Word) -> Name:
    return Name(kind, word.name, word.start, word.start + len(word.name))


# --- expressions ----------------------------------------------------------------------------------------------------------


def _read_value(reading: Reading, text: str, node: Node) -> None:
    match node:
        case Word():
            reading.names.append(_plain("value", node))
        case Path():
            reading.names.extend(_path(text, node))
        case Text():
            _read_text(reading, text, node)
        case Call():
            _read_call(reading, text, node)
        case _:
            for part in _parts(node):
                _read_value(reading, text, part)


def _parts(node: Node) -> Iterable[Node]:
    match node:
        case And(operands=operands) | Or(operands=operands):
            return operands
        case Not(operand=operand) | Negative(operand=operand):
            return (operand,)
        case Compare():
            return (node.left, node.right)
        case Chain():
            return (node.first, *(operand for _, operand in node.rest))
        case List():
            return node.elements
        case Map():
            return (member.value for member in node.members)
        case Named():
            return (node.value,)
    return ()


def _path(text: str, node: Path) -> Iterator[Name]:
    """Its first part, and every field of it that is written as a name."""
    said = ""
    at = node.start
    for part in node.parts:
        if not isinstance(part, str):
            continue
        at = text.find(part, at, node.end)
        if at < 0:
            return
        said = f"{said}.{part}" if said else part
        yield Name("field" if "." in said else "value", said, at, at + len(part))
        at += len(part)


def _read_text(reading: Reading, text: str, node: Text) -> None:
    found = pieces(node)
    for piece in found if isinstance(found, list) else ():
        if isinstance(piece, tuple):
            inner = parse_expression(text, *piece)
            if isinstance(inner, Node):
                _read_value(reading, text, inner)


def _read_call(reading: Reading, text: str, node: Call) -> None:
    reading.names.append(Name("function", node.name, node.start, node.start + len(node.name)))
    for argument in node.arguments:
        taken: set[int] = set()
        for kind, name in _pairs(argument):
            named = isinstance(name, Word) and name.name not in _BETWEEN
            if isinstance(kind, Word) and isinstance(name, Word) and named and kind.name in _SELECTING:
                reading.names.append(_plain(_SELECTING[kind.name], name))
                taken |= {kind.start, name.start}
        first = argument[0] if argument else None
        if node.name == "during" and isinstance(first, Word):
            reading.names.append(_plain("calendar", first))
            taken.add(first.start)
        for item in argument:
            if item.start not in taken and not (isinstance(item, Word) and item.name in _BETWEEN):
                _read_value(reading, text, item)


_BETWEEN = frozenset({"where", "as", "over", "ending", "ago", "satisfy", "of", "after"})
_SELECTING = {
    "event": "type",
    "fault": "detection",
    "action": "own action",
    **{
        kind: kind
        for kind in ("workflow", "automation", "recovery", "agent", "step", "adaptation", "maintenance")
    },
}


def _pairs(items: tuple[Node, ...]) -> Iterator[tuple[Node, Node]]:
    return pairwise(items)
