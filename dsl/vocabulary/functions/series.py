"""Foresight: what a series of samples tells of what comes, and of how usual the newest one is."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

FORMS = (
    FunctionForm(
        name="forecast",
        over="series",
        shape="value:VALUE after after:DURATION over over:DURATION",
        result="the same",
        doc="What it will be after this time, if it goes on as it went in the window; unknown where its samples do not tell.",
        example="when forecast(disk.usage after 6h over 3h) >= 95%",
        takes="number",
    ),
    FunctionForm(
        name="time_until",
        over="series",
        shape="crossing:CONDITION over over:DURATION",
        result="duration",
        doc="How long until the comparison is true, if it goes on as it went in the window; 0 if it is true, `never` if it recedes.",
        example="when time_until(disk.usage >= 95% over 6h) < 12h",
        takes="number",
    ),
    FunctionForm(
        name="anomaly",
        over="series",
        shape="value:VALUE over over:DURATION",
        result="ratio",
        doc="How unusual the newest value is for its series, from 0 to 1. The window is the series' natural rhythm, mostly a day.",
        example="when anomaly(agent.latency over 1d) > 0.99 for 1m",
        takes="number",
    ),
)
