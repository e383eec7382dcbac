"""The chaining fires what a slow and obvious matcher fires, in its order; whatever durable-rules' limits are."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import psutil
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from engine.chaining import Chain, Production, Token
from tests.engine.matcher import Matcher

KINDS = ("situation", "fault", "outcome")
# `costarring` and `liquid` have one 32-bit FNV hash, which durable-rules takes for equality; so does `1 == "1" == true`.
RULES = ("agent_down", "costarring", "liquid", "1", "true", "ü", "", "é")
tokens = st.builds(
    Token, st.sampled_from(KINDS), st.sampled_from(RULES), st.sampled_from(["", "failed:0", "1"])
)
crowds = st.integers(min_value=1, max_value=230)


@st.composite
def productions(draw: st.DrawFn) -> list[Production]:
    """Several tokens, some with more productions than durable-rules could match of one fact."""
    found = [
        Production(token, "then", str(number))
        for token in draw(st.lists(tokens, max_size=6))
        for number in range(draw(st.sampled_from([1, 2, 3, 51, 130])))
    ]
    return list(dict.fromkeys(draw(st.permutations(found)) if len(found) < 60 else found))


class Chaining(RuleBasedStateMachine):
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.chain, self.matcher = Chain(), Matcher()
        self.last = 0

    @initialize(given=productions())
    def begin(self, given: list[Production]) -> None:
        self.replace(given)

    @rule(given=productions())
    def replace(self, given: list[Production]) -> None:
        assert set(self.chain.replace(given)) == self.matcher.replace(given)
        # From now on both know what each token held had followed from it.
        for key, (token, _) in list(self.matcher.held.items()):
            self.matcher.put(key, token)

    @rule(target=held, token=tokens)
    def put(self, token: Token) -> int:
        self.last += 1
        assert self.chain.put(self.last, token) == self.matcher.put(self.last, token)
        return self.last

    @rule(key=consumes(held))
    def take(self, key: int) -> None:
        self.chain.take(key)
        self.matcher.take(key)

    @rule(key=held)
    def put_what_is_held_again(self, key: int) -> None:
        token = self.matcher.held[key][0]
        self.last += 1
        assert self.chain.put(self.last, token) == self.matcher.put(self.last, token)
        self.take(self.last)

    @invariant()
    def nothing_broke(self) -> None:
        assert self.chain.broken == []

    def teardown(self) -> None:
        self.chain.close()


TestChaining = Chaining.TestCase
TestChaining.settings = settings(max_examples=60, stateful_step_count=25)


def many(count: int, salt: str = "") -> list[Production]:
    return [
        Production(Token("fault", f"rule{number}{salt}"), "offer", str(number)) for number in range(count)
    ]


def test_thousands_of_rules() -> None:
    chain = Chain()
    chain.replace(many(3000))
    for number in range(0, 3000, 7):
        assert chain.put(number, Token("fault", f"rule{number}")) == [many(3000)[number]]
    assert chain.broken == []
    chain.close()


def test_an_error_inside_rebuilds_the_set_from_what_is_held() -> None:
    chain = Chain()
    chain.replace(many(20))
    chain.put(1, Token("fault", "rule3"))
    chain._next_identity = (
        1  # the identity that it has already: durable-rules would keep the old fact and say so
    )
    chain._sets[0].handle = -1  # and every call fails
    follows = chain.put(2, Token("fault", "rule4"))
    assert [p.argument for p in follows] == ["4"]
    assert len(chain.broken) == 1
    chain.take(1)
    assert [p.argument for p in chain.put(3, Token("fault", "rule3"))] == ["3"]
    chain.close()


def test_what_came_before_the_productions_follows_with_them() -> None:
    chain = Chain()
    assert chain.put(1, Token("fault", "rule3")) == []
    assert chain.replace(many(20)) == [(1, many(20)[3])]
    chain.close()


def resident_mb(rounds: int, sizes: Sequence[int]) -> float:
    chain = Chain()
    for number in range(50):
        chain.put(number, Token("fault", f"rule{number}{number % 2}"))
    for turn in range(rounds):
        chain.replace(many(sizes[turn % len(sizes)], str(turn % 2)))
    gc.collect()
    chain.close()
    return psutil.Process().memory_info().rss / 2**20


@pytest.mark.slow
def test_three_hundred_replacements_keep_the_memory_flat() -> None:
    """A set that leaks, leaks 1.4 MB a replacement of 100 rules."""
    before = resident_mb(30, (100,))
    after = resident_mb(300, (100,))
    assert after - before < 20
