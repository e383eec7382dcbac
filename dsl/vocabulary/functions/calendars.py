"""Functions over calendars."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

FORMS = (
    FunctionForm(
        name="during",
        over="calendars",
        shape="calendar:NAME",
        result="flag",
        doc="Whether it is now one of the times of this calendar.",
        example="only if during(business_hours)",
    ),
)
