"""What waits for its turn: situations that began, and tokens for the chaining. One thing is followed up to its end before the next.

A fault follows from its situation and from nothing else, so that needs no chaining. What follows from a fault, and from what becomes of a
recovery, is asked of the productions; a token from which nothing follows is not kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine.chaining import Broken, Chain, Follows, Production, Said
from engine.productions import renamed_token, under_new_names
from engine.renaming import Names

Verb = Callable[[Any, str], None]  # what a token is about, and the production's argument


class Agenda:
    """`verbs` carry out what follows, by the word that productions have for it. `broken` is told what went wrong inside the chaining."""

    def __init__(self, broken: Callable[[Broken], None]) -> None:
        self.verbs: Mapping[str, Verb] = {}
        self._chain = Chain()
        self._broken = broken
        self.waiting: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._held: dict[int, tuple[Said, Any]] = {}  # the tokens that hold, by key, and what they are about
        self._last_key = 0

    def add(self, follow: Callable[[Any], None], about: Any) -> None:
        """`follow` is called when the turn of this has come."""
        self.waiting.append((follow, about))

    def run(self) -> None:
        """Until nothing waits any more."""
        waiting = self.waiting
        while waiting:
            follow, about = waiting.popleft()
            follow(about)

    # --- tokens --------------------------------------------------------------------------------------------------------

    def hold(self, token: Said, about: Any) -> int:
        """It is true until `drop` of the key that this gives back; 0: nothing follows from it, it is not kept."""
        if not self._chain.ask(token):
            return 0
        self._last_key = key = self._last_key + 1
        self._held[key] = token, about
        self.waiting.append((self._chain_held, key))
        return key

    def drop(self, key: int) -> None:
        self._held.pop(key, None)

    def pass_by(self, token: Said, about: Any) -> None:
        """It is true only while it is looked at."""
        productions = self._chain.ask(token)
        if productions:
            self.add_all(about, productions)

    def add_all(self, about: Any, productions: Sequence[Production]) -> None:
        """What follows is known already."""
        self.add(lambda about: self._apply(about, productions), about)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise: what followed under their former names follows still."""
        self._chain.rename(lambda follows: under_new_names(follows, names))
        self._held = {key: (renamed_token(token, names), about) for key, (token, about) in self._held.items()}

    def replace(self, follows: Follows) -> list[tuple[int, Production]]:
        """Another program. Gives back what newly follows from the tokens that hold, for `carry_out`."""
        waiting = {about for follow, about in self.waiting if follow == self._chain_held}
        asked = {key: token for key, (token, _) in self._held.items() if key not in waiting}
        news = self._chain.replace(follows, asked.values())
        return [(key, one) for key, token in asked.items() for one in news.get(token, ())]

    def carry_out(self, news: Iterable[tuple[int, Production]]) -> None:
        """What newly follows, as far as its tokens hold still."""
        for key, production in news:
            if key in self._held:
                self._apply(self._held[key][1], [production])

    def close(self) -> None:
        self._chain.close()

    def _chain_held(self, key: int) -> None:
        if key in self._held:  # else it was withdrawn before its turn came
            token, about = self._held[key]
            self._apply(about, self._chain.ask(token))

    def _apply(self, about: Any, follows: Sequence[Production]) -> None:
        """Only when all that follows is known."""
        for production in follows:
            self.verbs[production.then](about, production.argument)
        if self._chain.broken:
            for broken in self._chain.broken:
                self._broken(broken)
            self._chain.broken.clear()
