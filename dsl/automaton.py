"""Parses a text by the tables of the grammar: the loop of a contextual lexer and of an LALR parser in one.

It does what lark's own does, and builds the same tree (a property test holds the two against each other); only it makes nothing on the
way that nobody asks for, neither tokens with lines nor lists that stand for one part.
What is wrong with a text that does not parse is lark's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from dsl.builder import Builder, Sign
from dsl.tables import Lexer, Reduction, tables

_END = "$END"
_BLANKS = " \t"
_BLANK = f"[{_BLANKS}]+"

Parts = list[Any]
Make = Callable[[Parts], Any]
Scan = Callable[[str, int], re.Match[str] | None]


class _Machine(NamedTuple):
    """`scans`: of each state, what matches its next token, from when it was first needed.

    `reductions`: origin, size, and what makes one of so many parts; None: the one part stands for itself. `chains`: most reductions are of
    that kind, one after the other; of the state below, the state and the terminal, where they end.
    """

    scans: list[Scan | None]
    lexers: list[Lexer]
    ignored: frozenset[str | None]
    actions: tuple[dict[str, int], ...]
    reductions: list[tuple[str, int, Make | None]]
    chains: dict[tuple[int, int, str], tuple[int, int | None]]
    tokens: dict[str, Callable[[str, int, int], Any]]
    starts: dict[str, int]
    ends: dict[str, int]


class Seen(NamedTuple):
    """A token: its name in the grammar, and where it stands."""

    name: str
    start: int
    end: int


def parse_seeing(text: str, start: str) -> tuple[Any, list[Seen]]:
    """The same as `parse`, and the tokens of which the text is made."""
    seen: list[Seen] = []
    machine = _machine()
    tokens = {name: _noting(name, machine.tokens.get(name, _sign), seen) for name in _terminals()}
    return parse(text, start, machine._replace(tokens=tokens)), seen


@cache
def _terminals() -> frozenset[str]:
    lexers = tables().lexers
    names = {name for lexer in lexers for name, _ in lexer.terminals}
    return frozenset(names.union(*(words.values() for lexer in lexers for words in lexer.words.values())))


def _sign(piece: str, start: int, end: int) -> Sign:
    return Sign(start, end, piece)


def _noting(
    name: str, make: Callable[[str, int, int], Any], seen: list[Seen]
) -> Callable[[str, int, int], Any]:
    def noted(piece: str, start: int, end: int) -> Any:
        seen.append(Seen(name, start, end))
        return make(piece, start, end)

    return noted


def parse(text: str, start: str, machine: _Machine | None = None) -> Any:
    """The node that the builder made of the text; None where it does not parse."""
    machine = machine or _machine()
    scans, lexers, ignored, actions, reductions, chains, tokens, starts, ends = machine
    state, last = starts[start], ends[start]
    states = [state]
    values: Parts = []
    at, length = 0, len(text.rstrip(_BLANKS))
    while True:
        if at < length:
            match = (scans[state] or _scan(machine, state))(text, at)
            if match is None:
                return None
            name, end = match.lastgroup or "", match.end()
            if name in ignored:
                at = end
                continue
            at = match.start(name)
            piece = text[at:end]
            words = lexers[state].words
            if name in words:
                name = words[name].get(piece, name)
        else:
            end, piece, name = at, "", _END
        action = actions[state].get(name)
        while action is not None and action < 0:
            origin, size, make = reductions[~action]
            if make is None and name != _END:
                below = states[-2]
                found = chains.get((below, state, name)) or _chain(machine, below, state, name)
                state, action = found
                states[-1] = state
                continue
            parts = values[-size:]
            del values[-size:], states[-size:]
            values.append(make(parts) if make else parts[0])
            state = actions[states[-1]][origin]
            states.append(state)
            if name == _END and state == last:
                return values[-1]
            action = actions[state].get(name)
        if action is None:
            return None
        token = tokens.get(name)
        values.append(token(piece, at, end) if token else Sign(at, end, piece))
        state, at = action, end
        states.append(state)


def _chain(machine: _Machine, below: int, state: int, name: str) -> tuple[int, int | None]:
    """Where the reductions end that only give one part other names, and what is done there."""
    place = below, state, name
    action = machine.actions[state].get(name)
    while action is not None and action < 0:
        origin, _, make = machine.reductions[~action]
        if make is not None:
            break
        state = machine.actions[below][origin]
        action = machine.actions[state].get(name)
    machine.chains[place] = state, action
    return state, action


@cache
def _machine() -> _Machine:
    known = tables()
    builder = Builder()
    return _Machine(
        [None] * len(known.lexer_of),
        [known.lexers[number] for number in known.lexer_of],
        frozenset(known.ignored),
        known.actions,
        [(one.origin, one.size, _make(one, builder)) for one in known.reductions],
        {},
        {name: getattr(builder, name) for name in dir(builder) if name.isupper()},
        known.starts,
        known.ends,
    )


def _scan(machine: _Machine, state: int) -> Scan:
    """Where blanks mean nothing they are passed over with the token behind them: no token but the end of a clause begins with one, and that
    is the same without."""
    lexer = machine.lexers[state]
    pattern = "|".join(f"(?P<{name}>{expression})" for name, expression in lexer.terminals)
    blanks = any(name in machine.ignored and expression == _BLANK for name, expression in lexer.terminals)
    scan = re.compile(f"{_BLANK[:-1]}*+(?:{pattern})" if blanks else pattern).match
    for number, other in enumerate(machine.lexers):
        if other is lexer:
            machine.scans[number] = scan
    return scan


def _make(reduction: Reduction, builder: Builder) -> Make | None:
    whole = len(reduction.kept) == reduction.size
    runs = any(is_run for _, is_run in reduction.kept)
    if whole and reduction.size == 1 and (not reduction.build if runs else reduction.single):
        return None
    build: Make = getattr(builder, reduction.build) if reduction.build else _run
    if whole and not runs and not reduction.single:
        return build
    return _gathering(reduction.kept, reduction.single, build)


def _run(parts: Parts) -> Parts:
    return parts


def _gathering(kept: tuple[tuple[int, bool], ...], single: bool, build: Make) -> Make:
    """Takes the parts that are kept; a run that stands first is continued in place, so that a long one costs what it is long."""

    def make(parts: Parts) -> Any:
        found: Parts = []
        for index, is_run in kept:
            if not is_run:
                found.append(parts[index])
            elif found:
                found += parts[index]
            else:
                found = parts[index]
        return found[0] if single and len(found) == 1 else build(found)

    return make
