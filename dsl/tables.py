"""The tables by which blocks are parsed: what lark makes of the grammar, kept beside it.

Making them takes longer than checking a small set of rules, so `make tables` writes them to `grammar.json`, and a test keeps that current.
The grammar stays the one truth: tables that were made of another text of it are not used, but made anew.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

import msgspec

NAME = "grammar.json"


class Lexer(msgspec.Struct, frozen=True):
    """The terminals that may stand in a state: names and regular expressions, in the order in which they are tried.

    `words`: of a terminal, those texts that are another one (`and` is no WORD where an operator may follow).
    """

    terminals: tuple[tuple[str, str], ...]
    words: dict[str, dict[str, str]]


class Reduction(msgspec.Struct, frozen=True):
    """A rule of the grammar: its `size` parts become one.

    `kept` are the parts that the tree gets, and whether each is a run of parts. `build` is the method of the builder; "": the rule is
    a run of parts itself, which becomes part of what holds it. `single`: one part alone stands for itself.
    """

    origin: str
    size: int
    kept: tuple[tuple[int, bool], ...]
    build: str
    single: bool


class Tables(msgspec.Struct, frozen=True):
    """`actions`: of each state, terminal or rule to the next state, or (below zero) to the reduction `~number`."""

    digest: str  # of the grammar
    ignored: tuple[str, ...]
    lexers: tuple[Lexer, ...]
    lexer_of: tuple[int, ...]  # state to lexer
    actions: tuple[dict[str, int], ...]
    reductions: tuple[Reduction, ...]
    starts: dict[str, int]
    ends: dict[str, int]


def grammar() -> str:
    return resources.files("dsl").joinpath("grammar.lark").read_text("utf-8")


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@cache
def tables() -> Tables:
    """Those that are kept, if they were made of this very grammar."""
    text = grammar()
    file = resources.files("dsl").joinpath(NAME)
    if file.is_file():
        kept = msgspec.json.decode(file.read_bytes(), type=Tables)
        if kept.digest == digest(text):
            return kept
    from dsl.tabulate import tabulate

    return tabulate(text)
