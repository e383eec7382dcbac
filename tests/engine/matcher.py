"""The oracle of the chaining: a matcher that compares every production with every token, and is slow and obvious."""

from __future__ import annotations

from collections.abc import Sequence

from engine.chaining import Production, Token


class Matcher:
    def __init__(self) -> None:
        self.productions: list[Production] = []

    def replace(
        self, productions: Sequence[Production], held: Sequence[Token]
    ) -> dict[Token, list[Production]]:
        """What newly follows from the tokens that are held."""
        former, self.productions = self.productions, list(productions)
        news = {token: [one for one in self.ask(token) if one not in former] for token in held}
        return {token: some for token, some in news.items() if some}

    def ask(self, token: Token) -> list[Production]:
        return [production for production in self.productions if production.on == token]
