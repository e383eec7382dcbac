"""The clauses of `maintenance`."""

from dsl.vocabulary.word import Word

_MAINTENANCE = ("maintenance",)

WORDS = (
    Word(
        name="maintenance",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="maintenance",
        doc=(
            "A window of time in which faults of what it covers are detected, and neither notified nor recovered. "
            "What is still open at its end is treated as new."
        ),
        example="maintenance nightly {\n    every day at 03:00 lasting 30m\n    covers agent database\n}",
        repeats=True,
    ),
    Word(
        name="covers",
        inside=_MAINTENANCE,
        shape="members:SELECTOR",
        doc="What is left alone meanwhile. Without it the window is only there for what is done in it.",
        example='covers agent where agent.labels.tier == "trading"',
    ),
    Word(
        name="only",
        inside=_MAINTENANCE,
        shape="if condition:CONDITION",
        doc="Looked at when the window would begin: unless this is true, it does not.",
        example="only if during(weekend)",
    ),
    Word(
        name="unless",
        inside=_MAINTENANCE,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true no window begins.",
        example="unless host.load > 20",
    ),
)
