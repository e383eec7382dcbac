"""Asks lark for the tables of a grammar. Only where the kept ones are out of date, and where they are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lark import Lark
from lark.parsers.lalr_analysis import Shift

from dsl.tables import Lexer, Reduction, Tables, digest

STARTS = ["block", "expression"]


def lark_of(grammar: str) -> Lark:
    return Lark(grammar, parser="lalr", lexer="contextual", start=STARTS, maybe_placeholders=False)


def tabulate(grammar: str) -> Tables:
    """Everything that lark's analysis found, as plain data, and always the same for the same grammar."""
    lark = lark_of(grammar)
    frontend: Any = lark.parser
    table = frontend.parser._parse_table
    order = _in_order(table)
    states = {state: number for number, state in enumerate(order)}
    rules = {rule: number for number, rule in enumerate(lark.rules)}
    lexers = list(dict.fromkeys(frontend.lexer.lexers[state] for state in order))
    return Tables(
        digest(grammar),
        tuple(sorted(map(str, frontend.lexer.root_lexer.ignore_types))),
        tuple(_lexer(one) for one in lexers),
        tuple(lexers.index(frontend.lexer.lexers[state]) for state in order),
        tuple(_actions(table.states[state], states, rules) for state in order),
        tuple(_reduction(rule, _single_parts(lark.rules)) for rule in lark.rules),
        {start: states[table.start_states[start]] for start in STARTS},
        {start: states[table.end_states[start]] for start in STARTS},
    )


def _in_order(table: Any) -> list[int]:
    """The states as they are met from the starts on: lark numbers them otherwise in every process."""
    met = dict.fromkeys(table.start_states[start] for start in STARTS)
    waiting = list(met)
    for state in waiting:
        for _, (action, arg) in sorted(table.states[state].items()):
            if action is Shift and arg not in met:
                met[arg] = None
                waiting.append(arg)
    return list(met)


def _actions(state: Any, states: dict[int, int], rules: dict[Any, int]) -> dict[str, int]:
    return {
        str(symbol): states[arg] if action is Shift else ~rules[arg]
        for symbol, (action, arg) in sorted(state.items())
    }


def _lexer(lexer: Any) -> Lexer:
    terminals = tuple((str(one.name), one.pattern.to_regexp()) for one in lexer.scanner.terminals)
    words = {
        str(name): {word.pattern.value: str(word.name) for word in callback.scanner.terminals}
        for name, callback in sorted(lexer.callback.items())
    }
    return Lexer(terminals, words)


def _single_parts(rules: Iterable[Any]) -> set[str]:
    """Rules without a name that are always one part: they need no run to stand in."""
    names = {rule.origin.name for rule in rules if rule.origin.name.startswith("_")}
    return names - {rule.origin.name for rule in rules if not _is_one_part(rule)}


def _is_one_part(rule: Any) -> bool:
    return len(rule.expansion) == 1 and not rule.expansion[0].name.startswith("_")


def _reduction(rule: Any, single: set[str]) -> Reduction:
    kept = tuple(
        (index, not symbol.is_term and symbol.name.startswith("_") and symbol.name not in single)
        for index, symbol in enumerate(rule.expansion)
        if not (symbol.is_term and symbol.filter_out)
    )
    origin = str(rule.origin.name)
    build = "" if origin.startswith("_") else str(rule.alias or origin)
    alone = origin in single or (rule.options.expand1 and not rule.alias)
    return Reduction(origin, len(rule.expansion), kept, build, alone)
