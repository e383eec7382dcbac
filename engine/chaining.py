"""Forward chaining over discrete facts, by durable-rules' C engine: fault to recovery to outcome to what follows.

This is the only file that knows durable-rules exists, and it stays in the envelope in which that engine was measured to be exact
(docs/design.md): one thread, single-pattern rules of equalities on flat scalars, facts with dense counters as ids, one fact asserted
and drained before anything else happens, at most 50 matches of one fact, small sets.

What it is told are *forms*: which verbs follow from a token, one after the other, without whose and about whom. Ten thousand rules have a
handful of forms, so what they cost of durable-rules is a handful of rules. What a token means never enters it, so nothing depends on
how it hashes texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from weakref import finalize

import durable_rules_engine as durable

MATCHES_OF_ONE_FACT = 50
MOST_SETS = 500  # there are a few in practice; what is no longer asked for is not looked for before
_names = iter(range(1, 1 << 62))  # rule sets of one process must not share a name


Said = tuple[str, str, str]  # a token, where nobody asks for its parts by their names
Form = tuple[str, ...]  # the verbs that follow


class Token(NamedTuple):
    """A discrete fact: `fault` of rule `agent_down`; `outcome` of rule `revive_agent` with detail `failed:0`."""

    kind: str
    rule: str
    detail: str = ""


class Production(NamedTuple):
    """From a token that became true, `then` follows, with `argument`."""

    then: str
    argument: str = ""


Follows = Callable[[Said], Sequence[Production]]  # what follows from a token, as it is written


class Broken(NamedTuple):
    """A set that raised an error and was built anew."""

    error: str


class _Set:
    """One rule set of the C engine: a rule for each verb of a form, which is no longer than one fact may match."""

    def __init__(self, form: Form) -> None:
        rules = {f"p{place}": _rule("asked", place + 1) for place in range(len(form))}
        rules["boot"] = _rule("boot", 0)
        self.handle: int = durable.create_ruleset(f"volexd-{next(_names)}", json.dumps(rules))
        # A state on which no action ever ran cannot be deleted without aborting the process.
        self._drain(durable.assert_fact(self.handle, '{"id":"0","sid":"0","boot":1}')[1])
        self.delete = finalize(self, _delete, self.handle)

    def ask(self, identity: int) -> list[int]:
        """The places of the form in the order in which they fire: one fact is asserted, drained, and retracted."""
        code, state = durable.assert_fact(self.handle, f'{{"id":"{identity}","sid":"0","asked":1}}')
        if code:
            raise RuntimeError(f"a fact was not taken: {code}")
        fired = self._drain(state)
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
        return fired


def _rule(said: str, priority: int) -> dict[str, object]:
    return {"all": [{"m": {"$and": [{said: 1}]}}], "pri": priority}


def _delete(handle: int) -> None:
    durable.delete_state(handle, "0")
    durable.delete_ruleset(handle)


def _nothing(token: Said) -> Sequence[Production]:
    return ()


class Chain:
    """What follows from tokens. `broken` collects what went wrong inside, for the ledger.

    A form always fires in the same order: it is asked once, when it comes first.
    """

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self._follows: Follows = _nothing
        self._answers: dict[Said, list[Production]] = {}
        self._orders: dict[Form, list[int]] = {}
        self._sets: dict[Form, _Set] = {}
        self._next_identity = 1

    def replace(self, follows: Follows, held: Iterable[Said] = ()) -> dict[Said, list[Production]]:
        """Take what follows under a new program. Returns what newly follows from the tokens that hold, by token."""
        former, self._follows = self._follows, follows
        self._answers = {}
        return {token: news for token in dict.fromkeys(held) if (news := self._news(token, former))}

    def rename(self, renamed: Callable[[Follows], Follows]) -> None:
        """Rules are called otherwise, and nothing else is changed. `replace` comes next."""
        self._follows = renamed(self._follows)
        self._answers = {}

    def ask(self, token: Said) -> list[Production]:
        """What follows from a token that became true, in order."""
        answer = self._answers.get(token)
        if answer is None:
            productions = self._follows(token)
            form = tuple([production.then for production in productions])
            answer = self._answers[token] = [productions[place] for place in self._order(form)]
        return answer

    def close(self) -> None:
        """Free the memory of the C engine."""
        for one in self._sets.values():
            one.delete()
        self._sets, self._orders = {}, {}

    def _news(self, token: Said, former: Follows) -> list[Production]:
        known = set(former(token))
        return [production for production in self._follows(token) if production not in known]

    def _order(self, form: Form) -> list[int]:
        order = self._orders.get(form)
        if order is None:
            order = [begin + place for begin, page in _pages(form) for place in self._fired(page)]
            self._orders[form] = order
        return order

    def _fired(self, page: Form) -> list[int]:
        one = self._sets.get(page) or self._built(page)
        try:
            return self._ask(one)
        except Exception as error:  # noqa: BLE001 whatever the C engine raises poisons its set
            self.broken.append(Broken(f"{type(error).__name__}: {error}"))
            one.delete.detach()  # deleting a poisoned set may abort; its memory is given up
            return self._ask(self._built(page))

    def _ask(self, one: _Set) -> list[int]:
        identity, self._next_identity = self._next_identity, self._next_identity + 1
        return one.ask(identity)

    def _built(self, page: Form) -> _Set:
        if len(self._sets) >= MOST_SETS:
            self.close()
        one = self._sets[page] = _Set(page)
        return one


def _pages(form: Form) -> Iterator[tuple[int, Form]]:
    """As much of it as one fact may match, and where that begins."""
    for begin in range(0, len(form), MATCHES_OF_ONE_FACT):
        yield begin, form[begin : begin + MATCHES_OF_ONE_FACT]
