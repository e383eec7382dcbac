"""Forward chaining over discrete facts, by durable-rules' C engine: fault to recovery to outcome to what follows.

This is the only file that knows durable-rules exists, and it stays in the envelope in which that engine was measured to be exact
(docs/design.md): one thread, single-pattern rules of equalities on flat scalars, facts with dense counters as ids, one fact asserted
and drained before anything else happens, at most 50 matches of one fact, small sets that are rebuilt whole.

What it is told are *forms*: which verbs follow from a token, one after the other, without whose and about whom. Ten thousand rules have a
handful of forms, so what they cost of durable-rules is a handful of rules. What a token means never enters it: a form is handed in as
a number, so nothing depends on how it hashes texts.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import finalize

import durable_rules_engine as durable

SHARDS = 64
MATCHES_OF_ONE_FACT = 50
RULES_OF_ONE_SET = 500
_names = iter(range(1, 1 << 62))  # rule sets of one process must not share a name


Said = tuple[str, str, str]  # a token, where nobody asks for its parts by their names
Form = tuple[str, ...]  # the verbs that follow


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
    """A set that raised an error and was built anew."""

    error: str


class _Set:
    """One rule set of the C engine: for each page as many rules as it has verbs."""

    def __init__(self, pages: Mapping[int, Form]) -> None:
        """`pages`: forms, or parts of them, as long as one fact may match; by their numbers."""
        self.pages = pages
        self._places = dict(
            enumerate(_places(pages), start=1)
        )  # priority to (number of the page, place in it)
        rules = {f"p{priority}": _rule(number, priority) for priority, (number, _) in self._places.items()}
        rules["boot"] = {"all": [{"m": {"$and": [{"boot": 1}]}}], "pri": 0}
        self.handle: int = durable.create_ruleset(f"volexd-{next(_names)}", json.dumps(rules))
        # A state on which no action ever ran cannot be deleted without aborting the process.
        self._drain(durable.assert_fact(self.handle, '{"id":"0","sid":"0","boot":1}')[1])
        self.delete = finalize(self, _delete, self.handle)

    def ask(self, identity: int, number: int) -> list[int]:
        """The places of a page in the order in which they fire: one fact is asserted, drained, and retracted."""
        fact = f'{{"id":"{identity}","sid":"0","s":{number % SHARDS},"n":{number}}}'
        code, state = durable.assert_fact(self.handle, fact)
        if code:
            raise RuntimeError(f"the fact of page {number} was not taken: {code}")
        fired = [self._places[priority][1] for priority in self._drain(state)]
        durable.retract_fact(self.handle, f'{{"id":"{identity}","sid":"0"}}')
        return fired

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


def _places(pages: Mapping[int, Form]) -> Iterator[tuple[int, int]]:
    for number, page in pages.items():
        for place in range(len(page)):
            yield number, place


def _rule(number: int, priority: int) -> dict[str, object]:
    return {"all": [{"m": {"$and": [{"s": number % SHARDS}, {"n": number}]}}], "pri": priority}


def _delete(handle: int) -> None:
    durable.delete_state(handle, "0")
    durable.delete_ruleset(handle)


class Chain:
    """The productions of a program. `broken` collects what went wrong inside, for the ledger.

    What follows from a form is the same for as long as there are productions of it: it is asked once, when it comes first.
    """

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self._productions: dict[Said, list[Production]] = {}
        self._answers: dict[Said, list[Production]] = {}
        self._numbers: dict[Form, int] = {}
        self._orders: dict[Form, list[int]] = {}
        self._sets: list[_Set] = []
        self._next_identity = 1

    def replace(
        self, productions: Iterable[Production], held: Iterable[Said] = ()
    ) -> dict[Said, list[Production]]:
        """Take new productions. Returns what newly follows from the tokens that hold, by token."""
        former, self._productions = self._productions, _by_token(productions)
        self._answers = {}
        forms = dict.fromkeys([_form(follows) for follows in self._productions.values()])
        pages = dict.fromkeys(page for form in forms for page in _pages(form))
        if not self._numbers.keys() >= pages.keys():
            self._build(pages)
        return {token: news for token in dict.fromkeys(held) if (news := self._news(token, former))}

    def follows(self, token: Said) -> bool:
        """Whether anything follows from a token that says this."""
        return token in self._productions

    def ask(self, token: Said) -> list[Production]:
        """What follows from a token that became true, in order."""
        answer = self._answers.get(token)
        if answer is None:
            productions = self._productions.get(token, [])
            answer = [productions[place] for place in self._order(_form(productions))]
            self._answers[token] = answer
        return answer

    def close(self) -> None:
        """Free the memory of the C engine."""
        for old in self._sets:
            old.delete()
        self._sets, self._numbers, self._productions, self._answers = [], {}, {}, {}

    def _news(self, token: Said, former: Mapping[Said, list[Production]]) -> list[Production]:
        known = {(production.then, production.argument) for production in former.get(token, ())}
        follows = self._productions.get(token, ())
        return [one for one in follows if (one.then, one.argument) not in known]

    def _order(self, form: Form) -> list[int]:
        order = self._orders.get(form)
        if order is None:
            pages = enumerate(_pages(form))
            order = [
                number * MATCHES_OF_ONE_FACT + place for number, page in pages for place in self._fired(page)
            ]
            self._orders[form] = order
        return order

    def _fired(self, page: Form) -> list[int]:
        place = self._place(page)
        try:
            return self._ask(place, page)
        except Exception as error:  # noqa: BLE001 whatever the C engine raises poisons its set
            self._mend(place, error)
            return self._ask(place, page)

    def _ask(self, place: int, page: Form) -> list[int]:
        identity, self._next_identity = self._next_identity, self._next_identity + 1
        return self._sets[place].ask(identity, self._numbers[page])

    def _place(self, page: Form) -> int:
        number = self._numbers[page]
        return next(place for place, one in enumerate(self._sets) if number in one.pages)

    def _build(self, pages: Iterable[Form]) -> None:
        """All sets anew: there are few forms, and those of former programs are gone with it."""
        retired = self._sets
        self._orders = {}
        self._numbers = {page: number for number, page in enumerate(pages, start=1)}
        self._sets = [_Set(some) for some in _cut(self._numbers)]
        for old in retired:
            old.delete()

    def _mend(self, place: int, error: Exception) -> None:
        self.broken.append(Broken(f"{type(error).__name__}: {error}"))
        poisoned, self._sets[place] = self._sets[place], _Set(self._sets[place].pages)
        poisoned.delete.detach()  # deleting a poisoned set may abort; its memory is given up


def _by_token(productions: Iterable[Production]) -> dict[Said, list[Production]]:
    found: defaultdict[Said, list[Production]] = defaultdict(list)
    for production in productions:
        found[production.on].append(production)
    return dict(found)


def _form(productions: Sequence[Production]) -> Form:
    return tuple([production.then for production in productions])


def _pages(form: Form) -> Iterator[Form]:
    """As much of it as one fact may match."""
    for begin in range(0, len(form), MATCHES_OF_ONE_FACT):
        yield form[begin : begin + MATCHES_OF_ONE_FACT]


def _cut(numbers: Mapping[Form, int]) -> Iterator[dict[int, Form]]:
    """Pages by their numbers, of each set no more than it may have rules."""
    some: dict[int, Form] = {}
    count = 0
    for page, number in numbers.items():
        if count + len(page) > RULES_OF_ONE_SET:
            yield some
            some, count = {}, 0
        some[number] = page
        count += len(page)
    if some:
        yield some
