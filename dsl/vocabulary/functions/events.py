"""Functions over what happened: events, and the faults that were raised."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

_OVER = "over over:DURATION [ending ending:DURATION ago]"
_VALUE = f"value:VALUE [where where:CONDITION] {_OVER}"


def _of_field(name: str, result: str, takes: str, doc: str, example: str) -> FunctionForm:
    return FunctionForm(
        name=name, over="events", shape=_VALUE, result=result, doc=doc, example=example, takes=takes
    )


FORMS = (
    FunctionForm(
        name="count",
        over="events",
        shape=f"event type:NAME [as name:NAME] [where where:CONDITION] {_OVER}",
        result="number",
        doc="How many such events there were.",
        example="unless count(event deploy where deploy.agent == agent.name over 2m) > 0",
    ),
    FunctionForm(
        name="count",
        over="faults",
        shape=f"fault [detection:DETECTION] [as name:NAME] [of subject:NAME] [where where:CONDITION] {_OVER}",
        result="number",
        doc="How many such faults were raised; `of` something that is bound: only its own.",
        example="when count(fault agent_down of agent over 1h) >= 3",
    ),
    _of_field(
        "distinct",
        "number",
        "any",
        "How many different values a field of such events had.",
        "when distinct(deploy.version over 1d) > 3",
    ),
    _of_field(
        "sum",
        "the same",
        "number",
        "The values of a field of such events together.",
        "when sum(order.size over 1h) > 10GB",
    ),
    _of_field("avg", "the same", "number", "Their mean.", "when avg(order.delay over 10m) > 2s"),
    _of_field(
        "min", "the same", "number or time", "The least of them.", "when min(order.delay over 10m) > 1s"
    ),
    _of_field(
        "max", "the same", "number or time", "The greatest of them.", "when max(order.delay over 10m) > 10s"
    ),
)
