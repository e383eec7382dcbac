"""The oracle of the chaining: a matcher that compares every production with every token, and is slow and obvious."""

from __future__ import annotations

from collections.abc import Sequence

from engine.chaining import Production, Said

Written = tuple[Said, Production]  # what follows, and from what


class Matcher:
    def __init__(self) -> None:
        self.written: list[Written] = []

    def replace(self, written: Sequence[Written], held: Sequence[Said]) -> dict[Said, list[Production]]:
        """What newly follows from the tokens that are held."""
        former, self.written = self.written, list(written)
        news = {token: [one for one in self.ask(token) if (token, one) not in former] for token in held}
        return {token: some for token, some in news.items() if some}

    def ask(self, token: Said) -> list[Production]:
        return [production for on, production in self.written if on == token]
