"""The vocabulary, arranged for looking up, once for the life of the process."""

from __future__ import annotations

from functools import cache

from daemon.vocabulary import vocabulary
from dsl.lexicon import Lexicon, lexicon


@cache
def words() -> Lexicon:
    return lexicon(vocabulary())
