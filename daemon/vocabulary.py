"""All words of the language: its own, and those that stand beside the code of probes, actions and functions."""

from __future__ import annotations

from functools import cache

from daemon import actions, probes
from daemon.discovery import words_in
from dsl.vocabulary.core import WORDS
from dsl.vocabulary.functions import FORMS, VALUES
from dsl.vocabulary.later import LATER
from dsl.vocabulary.word import Vocabulary
from engine.functions import FUNCTIONS


@cache
def vocabulary() -> Vocabulary:
    """What rules are checked against. Reading it imports nothing that an action or a probe needs to do its work."""
    doers = [module.WORD for package in (actions, probes) for module in words_in(package).values()]
    return Vocabulary((*WORDS, *doers), FUNCTIONS, FORMS, VALUES, LATER)
