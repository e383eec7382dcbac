"""The functions that range over members, over time or over what happened, one file for each of these.

Functions that only calculate with the values of now stand beside their code in `engine/functions/`.
"""

from __future__ import annotations

from dsl.vocabulary.functions import calendars, events, members, names, series, steps, time
from dsl.vocabulary.word import FunctionForm, ValueWord

# The order in which the forms of one function are tried.
FORMS: tuple[FunctionForm, ...] = (
    *events.FORMS,
    *time.FORMS,
    *members.FORMS,
    *series.FORMS,
    *calendars.FORMS,
    *steps.FORMS,
)
VALUES: tuple[ValueWord, ...] = names.VALUES
