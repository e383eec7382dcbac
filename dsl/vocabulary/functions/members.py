"""Functions over the members of a type: all its facts, or those of a group where the rule is about groups."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

_TYPE = "type:TYPE [as name:NAME] [where where:CONDITION]"
_VALUE = "value:VALUE [where where:CONDITION]"


def _form(name: str, shape: str, result: str, doc: str, example: str, takes: str = "any") -> FunctionForm:
    return FunctionForm(
        name=name, over="members", shape=shape, result=result, doc=doc, example=example, takes=takes
    )


FORMS = (
    _form(
        "any",
        _TYPE,
        "flag",
        "Whether there is one of which the condition is true; of none: false.",
        "when any(stream where stream.agent == agent.name and not stream.connected)",
    ),
    _form(
        "all",
        f"{_TYPE} satisfy satisfy:CONDITION",
        "flag",
        "Whether the condition behind `satisfy` is true of each (of those of which the one behind `where` is); of none: true.",
        'when all(agent where agent.labels.tier == "trading" satisfy agent.status == "up")',
    ),
    _form(
        "no",
        _TYPE,
        "flag",
        "Whether there is none of which the condition is true.",
        'when no(agent where agent.labels.role == "risk" and agent.status == "up")',
    ),
    _form(
        "count",
        _TYPE,
        "number",
        "Of how many the condition is true; of none: 0.",
        'when count(agent where agent.status == "down") >= 3',
    ),
    _form(
        "distinct",
        _VALUE,
        "number",
        "How many different values there are.",
        "when distinct(agent.labels.version) > 1",
    ),
    _form(
        "sum",
        _VALUE,
        "the same",
        "The values of the members together; of none: 0; unknown when fewer than half of them are known. Of histograms, one of all.",
        "when sum(agent.memory) > 24GiB",
        "number or histogram",
    ),
    _form(
        "avg",
        _VALUE,
        "the same",
        "Their mean; of none: unknown; unknown too when fewer than half of them are known.",
        'when avg(agent.latency where agent.labels.tier == "trading") > 200ms',
        "number",
    ),
    _form(
        "min",
        _VALUE,
        "the same",
        "The least of them; of none: unknown.",
        "when min(disk.free) < 1GiB",
        "number or time",
    ),
    _form(
        "max",
        _VALUE,
        "the same",
        "The greatest of them; of none: unknown.",
        "when max(agent.cpu) - min(agent.cpu) > 50%",
        "number or time",
    ),
)
