"""Forward chaining over discrete facts, by durable-rules' C engine: fault to recovery to outcome to what follows.

This is the only file that knows durable-rules exists, and it stays in the envelope in which that engine was measured to be exact
(docs/design.md): one thread, single-pattern rules of equalities on flat scalars, facts with dense counters as ids, one fact asserted
and drained before anything else happens, at most 50 matches of one fact, small sets that are rebuilt whole. What a token *means* never
enters it: a rule's name is handed in as a number, so nothing depends on how it hashes texts.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import finalize

import durable_rules_engine as durable

SHARDS = 64
MATCHES_OF_ONE_FACT = 50
PRODUCTIONS_OF_ONE_SET = 500
_names = iter(range(1, 1 << 62))  # rule sets of one process must not share a name


Said = tuple[str, str, str]  # a token, where nobody asks for its parts by their names


class Token(NamedTuple):
    """A discrete fact: `fault` of rule `agent_down`; `outcome` of rule `revive_agent` with detail `failed:0`."""

    kind: str
    rule: str
    detail: str = ""


class Production(NamedTuple):
    """When `on` becomes true, `then` follows, with `argument`. Earlier productions of the same token fire first."""

    on: Token
    then: str
    argument: str = ""


class Broken(NamedTuple):
    """A set that raised an error and was rebuilt from what is held."""

    error: str


class _Set:
    """One rule set of the C engine."""

    def __init__(self, productions: Mapping[int, tuple[int, int, Production]]) -> None:
        """`productions`: priority to (token number, page, production)."""
        self.productions = productions
        rules = {f"p{number}": _rule(*pattern[:2], number) for number, pattern in productions.items()}
        rules["boot"] = {"all": [{"m": {"$and": [{"boot": 1}]}}], "pri": 0}
        self.handle: int = durable.create_ruleset(f"volexd-{next(_names)}", json.dumps(rules))
        # A state on which no action ever ran cannot be deleted without aborting the process.
        self._drain(durable.assert_fact(self.handle, '{"id":"0","sid":"0","boot":1}')[1])
        self.delete = finalize(self, _delete, self.handle)

    def ask(self, identity: int, number: int, page: int) -> list[Production]:
        """Assert one fact, drain, and retract it. What matches nothing is not stored either."""
        fact = f'{{"id":"{identity}","sid":"0","s":{number % SHARDS},"n":{number},"g":{page}}}'
        code, state = durable.assert_fact(self.handle, fact)
        if code:
            return []
        follows = [self.productions[fired][2] for fired in self._drain(state)]
        durable.retract_fact(self.handle, f'{{"id":"{identity}","sid":"0"}}')
        return follows

    def _drain(self, state: int) -> list[int]:
        fired = []
        started = durable.start_action_for_state(self.handle, state)
        activation = started and started[1]
        while activation:
            name = activation[2 : activation.index('"', 2)]
            if name != "boot":
                fired.append(int(name[1:]))
            activation = durable.complete_and_start_action(self.handle, state)
        return sorted(fired)


def _rule(number: int, page: int, priority: int) -> dict[str, object]:
    return {"all": [{"m": {"$and": [{"s": number % SHARDS}, {"n": number}, {"g": page}]}}], "pri": priority}


def _delete(handle: int) -> None:
    durable.delete_state(handle, "0")
    durable.delete_ruleset(handle)


class Chain:
    """The productions of a program and the tokens that hold now. `broken` collects what went wrong inside, for the ledger.

    What follows from a token is the same for as long as the productions are: it is asked once, when the token comes first.
    """

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self._numbers: dict[Said, int] = {}
        self._sets: list[_Set] = []
        self._sources: list[tuple[Production, ...]] = []
        self._pages: dict[Said, int] = {}
        self._answers: dict[Said, list[Production]] = {}
        self._held: dict[int, tuple[Said, list[Production]]] = {}  # with what followed from it
        self._next_identity = 1

    def replace(self, productions: Sequence[Production]) -> list[tuple[int, Production]]:
        """Take new productions; sets whose productions are the same stay. Returns what newly follows from the tokens held."""
        count = len(productions) // PRODUCTIONS_OF_ONE_SET + 1
        sources: list[list[Production]] = [[] for _ in range(count)]
        for production in productions:
            sources[_place(production.on.rule, count)].append(production)
        changed = [
            index
            for index, source in enumerate(sources)
            if count != len(self._sets) or tuple(source) != self._sources[index]
        ]
        kept = self._sets if count == len(self._sets) else [None] * count
        retired = [
            old for index, old in enumerate(self._sets) if index in changed or count != len(self._sets)
        ]
        self._sources = [tuple(source) for source in sources]
        self._pages = _pages(productions)
        self._answers = {}
        self._sets = [
            self._build(source) if index in changed else kept[index]  # type: ignore[misc]
            for index, source in enumerate(self._sources)
        ]
        news = self._replay(set(changed))
        for old in retired:
            old.delete()
        return news

    def follows(self, token: Said) -> bool:
        """Whether anything follows from a token that says this."""
        return token in self._pages

    def put(self, key: int, token: Said) -> list[Production]:
        """A token became true; what follows from it, in order. `key` names it until `take`."""
        follows = self._answers.get(token)
        if follows is None:
            follows = self._asked(token)
        self._held[key] = token, follows
        return follows

    def take(self, key: int) -> None:
        """A token is no longer true."""
        self._held.pop(key, None)

    def close(self) -> None:
        """Free the memory of the C engine."""
        for old in self._sets:
            old.delete()
        self._sets, self._sources, self._held = [], [], {}

    def _asked(self, token: Said) -> list[Production]:
        pages = self._pages.get(token)
        if pages is None:
            return []
        try:
            follows = self._ask(token, pages)
        except Exception as error:  # noqa: BLE001 whatever the C engine raises poisons its set
            self._rebuild(_place(token[1], len(self._sets)), error)
            follows = self._ask(token, pages)
        self._answers[token] = follows
        return follows

    def _ask(self, token: Said, pages: int) -> list[Production]:
        one, number = self._sets[_place(token[1], len(self._sets))], self._number(token)
        first = self._next_identity
        self._next_identity += pages
        return [production for page in range(pages) for production in one.ask(first + page, number, page)]

    def _number(self, token: Said) -> int:
        return self._numbers.setdefault(token, len(self._numbers) + 1)

    def _build(self, source: Iterable[Production]) -> _Set:
        return _Set(dict(enumerate(self._numbered(source), start=1)))

    def _numbered(self, source: Iterable[Production]) -> Iterator[tuple[int, int, Production]]:
        seen: dict[Token, int] = {}
        for production in source:
            place = seen.get(production.on, 0)
            seen[production.on] = place + 1
            yield self._number(production.on), place // MATCHES_OF_ONE_FACT, production

    def _replay(self, changed: set[int]) -> list[tuple[int, Production]]:
        """Ask the rebuilt sets again of what is held; what followed before is known and dropped."""
        news: list[tuple[int, Production]] = []
        for key, (token, followed) in list(self._held.items()):
            if _place(token[1], len(self._sets)) in changed:
                known = {(production.then, production.argument) for production in followed}
                follows = self.put(key, token)
                news += [(key, p) for p in follows if (p.then, p.argument) not in known]
        return news

    def _rebuild(self, index: int, error: Exception) -> None:
        self.broken.append(Broken(f"{type(error).__name__}: {error}"))
        poisoned, self._sets[index] = self._sets[index], self._build(self._sources[index])
        poisoned.delete.detach()  # deleting a poisoned set may abort; its memory is given up


def _place(rule: str, count: int) -> int:
    """Chosen by the rule's name, so that an edit rebuilds one set, and the same in every process."""
    return zlib.crc32(rule.encode()) % count


def _pages(productions: Iterable[Production]) -> dict[Said, int]:
    counts: dict[Said, int] = {}
    for production in productions:
        counts[production.on] = counts.get(production.on, 0) + 1
    return {token: -(-count // MATCHES_OF_ONE_FACT) for token, count in counts.items()}
