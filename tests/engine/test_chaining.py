"""The chaining fires what a slow and obvious matcher fires, in its order; whatever durable-rules' limits are."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import psutil
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.agenda import Agenda
from engine.chaining import Chain, Follows, Production, Token
from tests.engine.matcher import Matcher, Written

KINDS = ("situation", "fault", "outcome")
# `costarring` and `liquid` have one 32-bit FNV hash, which durable-rules takes for equality; so does `1 == "1" == true`.
RULES = ("agent_down", "costarring", "liquid", "1", "true", "ü", "", "é")
tokens = st.builds(
    Token, st.sampled_from(KINDS), st.sampled_from(RULES), st.sampled_from(["", "failed:0", "1"])
)
verbs = st.sampled_from(["notify", "offer"])


@st.composite
def productions(draw: st.DrawFn) -> list[Written]:
    """Several tokens, some with more productions than durable-rules could match of one fact."""
    found = [
        (token, Production(draw(verbs), str(number)))
        for token in draw(st.lists(tokens, max_size=6))
        for number in range(draw(st.sampled_from([1, 2, 3, 51, 130])))
    ]
    return list(dict.fromkeys(draw(st.permutations(found)) if len(found) < 60 else found))


def following(given: Sequence[Written]) -> Follows:
    """What follows from tokens, as an engine hands it in."""
    return lambda token: [production for on, production in given if on == token]


class Chaining(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.chain, self.matcher = Chain(), Matcher()

    @initialize(given=productions())
    def begin(self, given: list[Written]) -> None:
        self.replace(given, [])

    @rule(given=productions(), held=st.lists(tokens))
    def replace(self, given: list[Written], held: list[Token]) -> None:
        assert self.chain.replace(following(given), held) == self.matcher.replace(given, held)

    @rule(token=tokens)
    def ask(self, token: Token) -> None:
        assert self.chain.ask(token) == self.matcher.ask(token)

    @rule()
    def ask_of_all(self) -> None:
        for token in {token for token, _ in self.matcher.written}:
            self.ask(token)

    @invariant()
    def nothing_broke(self) -> None:
        assert self.chain.broken == []

    def teardown(self) -> None:
        self.chain.close()


TestChaining = Chaining.TestCase
TestChaining.settings = settings(max_examples=60, stateful_step_count=25)


def many(count: int, salt: str = "") -> list[Written]:
    """`count` rules, of hundreds of forms."""
    return [
        (Token("fault", f"rule{number}{salt}"), Production(f"verb{verb}{salt}", str(number)))
        for number in range(count)
        for verb in range(10)
        if number >> verb & 1 or verb == 0
    ]


def test_thousands_of_rules() -> None:
    chain, matcher = Chain(), Matcher()
    chain.replace(following(many(3000)))
    matcher.replace(many(3000), [])
    for number in range(0, 3000, 7):
        token = Token("fault", f"rule{number}")
        assert chain.ask(token) == matcher.ask(token)
    assert chain.broken == []
    chain.close()


def test_an_error_inside_rebuilds_the_set() -> None:
    chain, matcher = Chain(), Matcher()
    chain.replace(following(many(20)))
    matcher.replace(many(20), [])
    chain.ask(Token("fault", "rule3"))
    chain._orders.clear()  # what it was asked already, it would not be asked again
    for one in chain._sets.values():
        one.handle = -1  # every call fails
    for number in range(20):
        token = Token("fault", f"rule{number}")
        assert chain.ask(token) == matcher.ask(token)
    assert len(chain.broken) == 1
    chain.close()


def agenda(given: Sequence[Written]) -> tuple[Agenda, list[tuple[str, str]]]:
    """What is told is written down."""
    told: list[tuple[str, str]] = []
    made = Agenda(broken=lambda broken: pytest.fail(broken.error))
    made.verbs = {f"verb{verb}": lambda about, argument: told.append((about, argument)) for verb in range(10)}
    made.replace(following(given))
    return made, told


FAULT = Token("fault", "down")


def of_it(*arguments: str) -> list[Written]:
    return [(FAULT, Production("verb0", argument)) for argument in arguments]


def test_what_follows_newly_follows_from_what_is_held_and_nothing_twice() -> None:
    made, told = agenda(of_it("a", "b"))
    held, gone = made.hold(FAULT, "one"), made.hold(FAULT, "other")
    made.run()
    made.drop(gone)
    made.carry_out(made.replace(following(of_it("b", "c", "a"))))
    assert held
    assert told == [("one", "a"), ("one", "b"), ("other", "a"), ("other", "b"), ("one", "c")]
    made.close()


def test_what_goes_and_comes_back_follows_again() -> None:
    made, told = agenda(of_it("a"))
    made.hold(FAULT, "one")
    made.run()
    for given in ([], of_it("a")):
        made.carry_out(made.replace(following(given)))
    assert told == [("one", "a"), ("one", "a")]
    made.close()


def test_what_waits_for_its_turn_follows_the_productions_that_are_there_then() -> None:
    made, told = agenda(of_it("a"))
    made.hold(FAULT, "one")
    made.carry_out(made.replace(following(of_it("a", "b"))))
    made.run()
    assert told == [("one", "a"), ("one", "b")]
    made.close()


def test_what_nothing_follows_from_is_not_held() -> None:
    made, _ = agenda([])
    assert made.hold(FAULT, "one") == 0
    made.close()


def resident_mb(rounds: int, sizes: Sequence[int]) -> float:
    chain = Chain()
    for turn in range(rounds):
        chain.replace(following(many(sizes[turn % len(sizes)], str(turn))))
        for number in range(0, 100, 7):
            chain.ask(Token("fault", f"rule{number}{turn}"))
    gc.collect()
    chain.close()
    return psutil.Process().memory_info().rss / 2**20


@pytest.mark.slow
def test_three_hundred_replacements_keep_the_memory_flat() -> None:
    """A set that leaks, leaks 1.4 MB a replacement of 100 rules."""
    before = resident_mb(30, (100,))
    after = resident_mb(300, (100,))
    assert after - before < 20
