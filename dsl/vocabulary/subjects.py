"""`for each`: what a rule, a step or a derived fact is about. All of them take the same."""

from __future__ import annotations

from dsl.vocabulary.word import Word

FAMILIES = ("detection", "orchestration", "step", "derive")
_SHAPE = "each subjects:SUBJECT,… [by by:PATH,… | matching matching:PATH,…] [where where:CONDITION]"
_SEVERAL = (
    "With `by`, it is about each group of them that have these fields in common. Of two types, each pair is meant that has the same "
    "values in the fields behind `matching`."
)


def _each(family: str, doc: str, example: str) -> Word:
    return Word(name="for", inside=(family,), shape=_SHAPE, doc=f"{doc} {_SEVERAL}", example=example)


WORDS = (
    _each(
        "detection",
        "One fault for each thing of this type; without it the subject is the host.",
        'for each agent where agent.labels.tier == "trading"',
    ),
    _each(
        "orchestration",
        "The rule is about each thing of this type; without it, about the host.",
        'for each agent where agent.labels.tier == "trading"',
    ),
    _each(
        "step",
        "The step is done once for each of them, at the same time; together their replies are `answers`.",
        'for each agent where agent.labels.role == "risk"',
    ),
    _each(
        "derive",
        "There is one such fact for each thing of this type; without it, one.",
        "for each topic_end, consumer matching topic",
    ),
)
