"""Functions over time: what a value of one fact was in a window that ends now, or so long ago."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

_WINDOW = "value:VALUE over over:DURATION [ending ending:DURATION ago]"
_SAME, _PER = "the same", "the same per duration"


def _form(name: str, result: str, takes: str, doc: str, example: str, shape: str = _WINDOW) -> FunctionForm:
    return FunctionForm(
        name=name, over="time", shape=shape, result=result, doc=doc, example=example, takes=takes
    )


FORMS = (
    _form("avg", _SAME, "number", "The mean of its samples.", "when avg(host.cpu over 5m) > 90%"),
    _form("min", _SAME, "number or time", "The least of its samples.", "when min(disk.free over 1h) < 1GiB"),
    _form(
        "max",
        _SAME,
        "number or time",
        "The greatest of its samples.",
        "when max(agent.latency over 10m) > 500ms",
    ),
    _form("sum", _SAME, "number", "Its samples together.", "when sum(batch.failed over 1d) > 100"),
    _form(
        "count",
        "number",
        "any",
        "How many samples there are; of a condition, how many of which it was true.",
        "when count(agent.latency > 1s over 10m) >= 5",
    ),
    _form(
        "rate",
        _PER,
        "number or histogram",
        "How fast a value that only grows has grown; that it began again from 0 is no fall. Of a histogram, a histogram.",
        "when rate(http_requests.value over 5m) > 100 / 1s",
    ),
    _form(
        "increase",
        _SAME,
        "number",
        "How much a value that only grows has grown.",
        "when increase(agent.restarts over 1h) > 3",
    ),
    _form(
        "delta",
        _SAME,
        "number",
        "The newest sample less the oldest.",
        "when delta(disk.free over 1h) < -(10GiB)",
    ),
    _form(
        "slope",
        _PER,
        "number",
        "The trend of its samples, as a straight line through them.",
        "when slope(agent.memory over 30m) > 5MiB / 1m",
    ),
    _form(
        "stddev",
        _SAME,
        "number",
        "How far its samples lie from their mean.",
        "when stddev(agent.latency over 10m) > 100ms",
    ),
    _form(
        "changes",
        "number",
        "any",
        "How often it was not what it had been in the sample before.",
        "when changes(agent.status over 10m) >= 6",
    ),
    _form(
        "share",
        "ratio",
        "flag",
        "The part of the time for which the condition held.",
        'when share(agent.status == "up" over 1d) < 99.9%',
    ),
    _form(
        "quantile",
        _SAME,
        "number or histogram",
        "The value below which this part of the samples lies; of a histogram, of what it has counted in the window.",
        "when quantile(0.99, http.latency over 5m) > 500ms",
        f"number:PERCENT, {_WINDOW}",
    ),
    _form(
        "last",
        _SAME,
        "any",
        "The newest sample in the window, also where it is stale by now.",
        'when last(agent.status over 1h) == "down"',
    ),
    _form(
        "past",
        _SAME,
        "any",
        "What it was so long ago.",
        "when disk.free < past(disk.free, 1h) / 2",
        "value:VALUE, ending:DURATION",
    ),
    _form(
        "age",
        "duration",
        "any",
        "How old the sample is, which is no matter of the times that it holds (for these: `since`).",
        "when age(agent.latency) > 1m",
        "value:VALUE",
    ),
    _form(
        "absent",
        "flag",
        "any",
        "Whether there was no sample; never unknown itself.",
        "when absent(stream.last_update over 1m)",
    ),
)
