"""The clauses of `fact`."""

from dsl.vocabulary.word import Word

WORDS = (
    Word(
        name="key",
        inside=("fact",),
        shape="fields:FIELD,…",
        doc="The fields that tell one thing of this type from another; text unless said otherwise.",
        example="key name: text",
        required=True,
    ),
    Word(
        name="field",
        inside=("fact",),
        shape="fields:FIELD,…",
        doc="What can be known: names with their types; `= expression` where the source says it in another way.",
        example="field connected: flag, remaining: duration = remaining_hours * 1h",
        repeats=True,
    ),
)
