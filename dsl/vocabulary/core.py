"""The words of the language itself. Those of probes, actions and functions stand beside the code that implements them."""

from dsl.vocabulary import (
    action,
    agent,
    channel,
    declarations,
    detection,
    fact,
    later,
    probe,
    recovery,
    rule,
    scenario,
)
from dsl.vocabulary.word import Word

WORDS: tuple[Word, ...] = (
    *declarations.WORDS,
    *fact.WORDS,
    *probe.WORDS,
    *agent.WORDS,
    *action.WORDS,
    *channel.WORDS,
    *rule.WORDS,
    *detection.WORDS,
    *recovery.WORDS,
    *scenario.WORDS,
    *later.WORDS,
)
