"""`calendar`, and its clauses."""

from dsl.vocabulary.word import Word

_CALENDAR = ("calendar",)
_DAY = "(mon | tue | wed | thu | fri | sat | sun)"

WORDS = (
    Word(
        name="calendar",
        inside=("file",),
        shape="name:NAME",
        body="calendar",
        doc="Times of the week, for `during(…)`.",
        example='calendar business_hours { hours mon to fri 09:00 to 18:00; timezone "Europe/London" }',
        repeats=True,
    ),
    Word(
        name="hours",
        inside=_CALENDAR,
        shape=(
            f"first:{_DAY} to last:{_DAY} [start:TIME to end:TIME] | days:{_DAY},… [start:TIME to end:TIME]"
            " | start:TIME to end:TIME"
        ),
        doc=(
            "On these days (every day where none are named), from one time of day until the other, the whole day where none are written. "
            "An end that is not after the beginning is on the next day."
        ),
        example="hours mon to fri 09:00 to 18:00",
        required=True,
        repeats=True,
    ),
    Word(
        name="timezone",
        inside=_CALENDAR,
        shape="timezone:TITLE",
        doc="The place whose clocks it goes by; UTC where none is written.",
        example='timezone "Europe/London"',
    ),
    Word(
        name="without",
        inside=_CALENDAR,
        shape="days:TITLE,…",
        doc="Days that are left out, as year, month and day.",
        example='without "2026-12-25", "2026-12-26"',
        repeats=True,
    ),
)
