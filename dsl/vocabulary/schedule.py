"""When something is due: the same words in automations, orchestrations and maintenance windows."""

from dsl.vocabulary.word import Word

_SCHEDULED = ("automation", "orchestration", "detection", "adaptation")
_DAYS = "days:(mon | tue | wed | thu | fri | sat | sun),… at at:TIME"
_TIMES = f"every:DURATION at minute minute:NUMBER | day at at:TIME | {_DAYS} | every:DURATION"
_LASTING = "lasting lasting:DURATION"

WORDS = (
    Word(
        name="every",
        inside=_SCHEDULED,
        shape=_TIMES,
        doc=(
            "Again and again: at an interval, counted from midnight UTC (`at minute 5` moves it within the hour), on every day, or on "
            "some days of the week. A time of day that a change of clocks leaves out runs at the next instant; one that comes twice, once."
        ),
        example="every 1h at minute 5",
    ),
    Word(
        name="every",
        inside=("maintenance",),
        shape=f"({_TIMES}) {_LASTING}",
        doc="When the window begins, and how long it lasts.",
        example="every day at 03:00 lasting 30m",
    ),
    Word(
        name="cron",
        inside=_SCHEDULED,
        shape="cron:TITLE",
        doc="When it is due as cron says it: minute, hour, day of the month, month, day of the week.",
        example="cron '5 * * * *'",
    ),
    Word(
        name="cron",
        inside=("maintenance",),
        shape=f"cron:TITLE {_LASTING}",
        doc="When the window begins as cron says it, and how long it lasts.",
        example="cron '0 3 * * sun' lasting 2h",
    ),
    Word(
        name="immediate",
        inside=("automation",),
        shape="",
        doc="Once, when the automation comes into force for the first time.",
        example="immediate",
    ),
    Word(
        name="timezone",
        inside=(*_SCHEDULED, "maintenance"),
        shape="timezone:TITLE",
        doc="The place whose clocks the schedule goes by; UTC where none is written.",
        example='timezone "Europe/London"',
    ),
    Word(
        name="catch",
        inside=_SCHEDULED,
        shape="up once",
        doc=(
            "What was missed while volexd did not run is done once as soon as it runs again; without this it is skipped, "
            "and recorded as skipped."
        ),
        example="catch up once",
    ),
)
