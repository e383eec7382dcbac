"""Turns the text of one block into a tree, and its mistakes of shape into findings.

A pure function of the text. Where something cannot be read, its line is blanked and the rest is read: one mistake, one finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dsl import automaton, structure
from dsl.automaton import Seen
from dsl.diagnostics import Mistake
from dsl.moulds import Moulds
from dsl.repair import Repair, first_repair
from dsl.syntax import Clause, Node, Word, moved

if TYPE_CHECKING:
    from dsl.stopped import Stopped

MAX_LENGTH = 64 * 1024
MAX_MISTAKES = 10
MAX_REPAIRS = 2 * MAX_MISTAKES  # a second repair of one mistake says nothing new

_HEAD = re.compile(r"([A-Za-z_]\w*)(?:[ \t]+([A-Za-z_]\w*))?")
_BRACE_ON_NEXT_LINE = re.compile(r"([ \t]*(#[^\n]*)?\n)+[ \t]*\{")


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """`clause` is the declaration; what could not be read in it is marked as broken."""

    clause: Clause
    mistakes: tuple[Mistake, ...] = ()


def parse_block(text: str, moulds: Moulds | None = None) -> Parsed:
    """The tree of a block whose text begins with a word. `moulds` are those of blocks that were parsed before."""
    refusal = _refusal(text)
    if refusal:
        return Parsed(head_only(text), (refusal,))
    clause = _block(text) if moulds is None else moulds.tree(text)
    return Parsed(clause) if clause else _recover(text)


def parse_tokens(text: str) -> tuple[Clause, list[Seen]] | None:
    """The tree of a block and the tokens it was read from. None: it has a mistake of shape, which `parse_block` tells."""
    if _refusal(text):
        return None
    clause, seen = automaton.parse_seeing(text, "block")
    return None if clause is None else (clause, seen)


def parse_expression(text: str, start: int, end: int) -> Node | Mistake:
    """The expression between two offsets of a block's text; its nodes have the block's offsets."""
    found = _expression(text[start:end])
    if isinstance(found, Node):
        return moved(found, start)
    return replace(found, start=found.start + start, end=found.end + start)


@lru_cache(maxsize=1024)  # many texts name the same few things
def _expression(text: str) -> Node | Mistake:
    if structure.depth(text) > structure.MAX_DEPTH:
        return Mistake("V105", "this is nested too deep", 0, len(text))
    tree = automaton.parse(text, "expression")
    return tree if isinstance(tree, Node) else _stopped(text, "expression").mistake()


def _block(text: str) -> Clause | None:
    tree = automaton.parse(text, "block")
    assert tree is None or isinstance(tree, Clause)
    return tree


def _stopped(text: str, start: str) -> Stopped:
    from dsl.stopped import stopped  # lark itself takes longer to start than a small set of rules to check

    return stopped(text, start)


# --- what is refused unread ---------------------------------------------------------------------------------------------


def _refusal(text: str) -> Mistake | None:
    head = len(text.split("\n", 1)[0])
    if len(text) > MAX_LENGTH:
        message = f"this declaration has {len(text)} characters; {MAX_LENGTH} is the most for one"
        return Mistake("V106", message, 0, head, help="divide it into several declarations")
    brackets = text.count("(") + text.count("[") + text.count("{")
    if brackets > structure.MAX_DEPTH and structure.depth(text) > structure.MAX_DEPTH:
        message = f"brackets are nested more than {structure.MAX_DEPTH} deep in this declaration"
        return Mistake(
            "V105", message, 0, head, help="bring parts of it under names with `let`, or divide it"
        )
    return None


def head_only(text: str) -> Clause:
    """The word and the name of a declaration of which nothing else can be read, so that its name is known all the same."""
    match = _HEAD.match(text)
    if match is None:
        return Clause(0, 0, "", (), (), broken=True)
    items = (Word(match.start(2), match.end(2), match[2]),) if match[2] else ()
    return Clause(0, match.end(), match[1], items, (), broken=True)


# --- recovery ---------------------------------------------------------------------------------------------------------------


def _recover(text: str) -> Parsed:
    mistakes: list[Mistake] = []
    broken: set[int] = set()
    for _ in range(MAX_REPAIRS):
        if len(mistakes) >= MAX_MISTAKES:
            break
        repair = first_repair(text) or _repair_at(_stopped(text, "block"), broken)
        if repair.mistake not in mistakes:
            mistakes.append(repair.mistake)
        if repair.broken_at is not None:
            broken.add(_word_at(text, repair.broken_at))
        if repair.text == text:
            return Parsed(head_only(text), tuple(mistakes))
        text = repair.text
        clause = _block(text)
        if clause is not None:
            return Parsed(_marked(clause, broken), tuple(mistakes))
    mistakes.append(Mistake("V107", "the rest of this declaration was not read: too many mistakes", 0, 1))
    return Parsed(head_only(text), tuple(mistakes))


def _repair_at(stop: Stopped, broken: Collection[int]) -> Repair:
    """Blanks the clause in which the parser stopped, save its word and its braces."""
    text, at = stop.text, stop.at
    if text[at : at + 1] == "{":
        joined = _brace_joined(text, at)
        if joined:
            return joined
    mistake = stop.mistake()
    starts = structure.clause_starts(text)
    start = max((s for s in starts if s <= at), default=0)
    end = min((s for s in starts if s > at), default=len(text))
    kept = start if _word_at(text, start) in broken else structure.head_end(text, start)
    if kept == start and text[end - 1 : end] == "{":
        return Repair(mistake, structure.blank(text, start, structure.closing(text, end - 1)), start)
    return Repair(mistake, _blank_but_braces(text, min(kept, end), end), start)


def _blank_but_braces(text: str, start: int, end: int) -> str:
    """A brace at the end of what is blanked opens or closes a body; it stays. Those of a map go with it."""
    piece = text[start:end]
    tail = re.search(r";$" if structure.is_whole(piece) else r"[{}][ \t]*$|;$", piece)
    return structure.blank(text, start, start + tail.start() if tail else end)


def _brace_joined(text: str, brace: int) -> Repair | None:
    """Inside a declaration it may have been another clause that lost its word, so nothing is concluded about the one before."""
    for match in _BRACE_ON_NEXT_LINE.finditer(text):
        if match.end() - 1 == brace:
            mistake = Mistake(
                "V115",
                "the brace stands on a line of its own",
                brace,
                brace + 1,
                help="put it on the line of its clause",
            )
            joined = text[: match.start()] + " " * (len(match[0]) - 1) + text[brace:]
            start = max(one for one in structure.clause_starts(text) if one <= match.start())
            return Repair(mistake, joined, start or None)
    return None


def _word_at(text: str, offset: int) -> int:
    match = re.compile(r"[\s;]*").match(text, offset)
    return match.end() if match else offset


def _marked(clause: Clause, broken: Collection[int]) -> Clause:
    inner = clause.body or ()
    lost = [
        at
        for at in broken
        if clause.start < at < clause.end and not any(i.start <= at < i.end for i in inner)
    ]
    body = None if clause.body is None else tuple(_marked(one, broken) for one in inner)
    return msgspec.structs.replace(clause, body=body, broken=clause.start in broken, incomplete=bool(lost))
