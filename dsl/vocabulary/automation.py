"""The clauses of `automation`."""

from dsl.vocabulary.word import Word

_AUTOMATION = ("automation",)

WORDS = (
    Word(
        name="automation",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="automation",
        doc="Work that is done on a schedule, by hand (`volexd run NAME`), or when a rule asks for it.",
        example='automation vacuum {\n    every day at 02:00\n    do { exec ["/usr/bin/vacuumdb", "--all"] }\n}',
        repeats=True,
    ),
    Word(
        name="run",
        inside=_AUTOMATION,
        shape="called:CALLED",
        doc="The workflow that it runs, with a value for each of its parameters.",
        example='run rebalance(symbols: ["BTC-USD"])',
    ),
    Word(
        name="only",
        inside=_AUTOMATION,
        shape="if condition:CONDITION",
        doc="Looked at when it is due: unless this is true, the run is skipped, and recorded as skipped.",
        example="only if host.cpu < 80%",
    ),
    Word(
        name="unless",
        inside=_AUTOMATION,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true no run begins; one that is due is skipped, and recorded as skipped.",
        example="unless host.load > 20",
    ),
    Word(
        name="after",
        inside=_AUTOMATION,
        shape="automations:AUTOMATION,…",
        doc="Automations that must have succeeded since its own last run; until then it waits.",
        example="after backup, cleanup",
    ),
    Word(
        name="strategy",
        inside=(*_AUTOMATION, "workflow"),
        shape="strategy:(efficient | reliable | adaptive)",
        doc=(
            "How its work is arranged: for the shortest time, for the fewest failures, or by what earlier runs have shown "
            "(adaptive, where none is written)."
        ),
        example="strategy efficient",
    ),
    Word(
        name="overlap",
        inside=_AUTOMATION,
        shape="overlap:(skip | queue | replace)",
        doc=(
            "What happens when it is due while it still runs: the new run is skipped (where none is written), waits, "
            "or takes the place of the old one."
        ),
        example="overlap queue",
    ),
    Word(
        name="deadline",
        inside=_AUTOMATION,
        shape="deadline:DURATION",
        doc="So long after its start a run is cancelled.",
        example="deadline 20m",
    ),
)
