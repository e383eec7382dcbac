"""The oracle of the chaining: a matcher that compares every production with every token, and is slow and obvious."""

from __future__ import annotations

from collections.abc import Sequence

from engine.chaining import Production, Token


class Matcher:
    def __init__(self) -> None:
        self.productions: list[Production] = []
        self.held: dict[
            int, tuple[Token, set[tuple[str, str]]]
        ] = {}  # with what followed from it when it came

    def replace(self, productions: Sequence[Production]) -> set[tuple[int, Production]]:
        """What newly follows from the tokens that are held."""
        self.productions = list(productions)
        return {
            (key, production)
            for key, (token, known) in self.held.items()
            for production in self._follows(token)
            if (production.then, production.argument) not in known
        }

    def put(self, key: int, token: Token) -> list[Production]:
        follows = self._follows(token)
        self.held[key] = token, {(p.then, p.argument) for p in follows}
        return follows

    def take(self, key: int) -> None:
        self.held.pop(key, None)

    def _follows(self, token: Token) -> list[Production]:
        return [production for production in self.productions if production.on == token]
