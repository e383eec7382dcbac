"""What operators write is text in the rules, and never syntax; the schemas are what they say they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.intelligence import text
from daemon.intelligence.automation_rules import Surroundings, automation_definition, task_definition
from daemon.intelligence.healing_rules import healing_definition
from daemon.intelligence.invalid import InvalidCall
from daemon.intelligence.schema import schema
from daemon.intelligence.workflow_rules import workflow_definition
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.expressions import Constant, ListOf
from dsl.program import Program

SCHEMAS = Path(text.__file__).parent / "schemas"
PUBLISHED = Path(__file__).parents[3] / "docs" / "schemas"
KEYWORDS = {
    "$schema", "$id", "$ref", "$defs", "title", "description", "type", "const", "enum", "properties", "required",
    "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "anyOf", "oneOf",
}  # fmt: skip

hostile = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40) | st.sampled_from(
    [
        '"',
        "\\",
        "{agent.name}",
        '" } automation evil { do { restart agent } }',
        "a # b",
        "\n}\n",
        "'",
        "true",
        "5%",
        "\\\n",
    ]
)


def program(definition: Any) -> Program:
    checked = check([definition.source], vocabulary())
    assert checked.program is not None, (definition.text, checked.findings)
    return checked.program


def constant(expression: Any) -> Any:
    """What a literal says."""
    if isinstance(expression, ListOf):
        return [constant(one) for one in expression.elements]
    assert isinstance(expression, Constant), expression
    return list(expression.value) if isinstance(expression.value, tuple) else expression.value


@settings(deadline=None, max_examples=150)
@given(st.lists(hostile, min_size=1, max_size=3), hostile)
def test_words_of_a_command_arrive_as_they_were_written(words: list[str], title: str) -> None:
    config = {
        "name": title,
        "orchestration_rules": [
            {"type": "system_maintenance", "maintenance_type": "x", "command": ["/bin/true", *words]}
        ],
    }
    try:
        definition = automation_definition("system_maintenance", config, Surroundings())
    except InvalidCall:  # a name of spaces, a control character
        return
    (automation,) = program(definition).automations
    (action,) = automation.actions
    assert constant(dict(action.arguments)["command"]) == ["/bin/true", *words]
    assert automation.head.title == title.strip()


@settings(deadline=None, max_examples=150)
@given(hostile, st.dictionaries(hostile, hostile, max_size=3), st.floats(0.001, 1e6))
def test_whatever_a_task_is_called_it_is_one_task(name: str, body: dict[str, str], timeout: float) -> None:
    config = {
        "name": name,
        "type": "x",
        "schedule": "immediate",
        "url": "http://127.0.0.1/",
        "body": body,
        "timeout": timeout,
    }
    try:
        definition = task_definition(config, Surroundings())
    except InvalidCall:
        return
    (automation,) = program(definition).automations
    assert automation.head.name == definition.name
    assert [action.kind for action in automation.actions] == ["http"]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        hostile.filter(lambda name: name.strip() and len(name) <= 100), min_size=1, max_size=4, unique=True
    )
)
def test_whatever_steps_are_called_the_graph_is_theirs(names: list[str]) -> None:
    steps = [
        {"name": name, "type": "exec", "command": ["/bin/true"], "dependencies": names[:place]}
        for place, name in enumerate(names)
    ]
    (workflow,) = program(workflow_definition({"name": "w", "steps": steps}, frozenset())).workflows
    assert [len(step.after) for step in workflow.steps] == list(range(len(names)))


@given(hostile)
def test_names_are_names(written: str) -> None:
    name = text.name_of(written)
    assert text._BARE.fullmatch(name)
    assert text.name_of(written, frozenset({name})) != name


def test_a_hostile_message_of_a_detection_is_not_read() -> None:
    rule = {
        "name": "d", "category": "agent", "subject": "agent", "field": "status", "operator": "==",
        "value": 'down" or true', "message": "{agent.status}",
    }  # fmt: skip
    config = {"detection_rules": [{**rule, "value": "down"}]}
    (detection,) = program(healing_definition(config, frozenset())).detections
    assert detection.message == Constant("{agent.status}")
    definition = healing_definition({"detection_rules": [rule]}, frozenset())
    assert check([definition.source], vocabulary()).program is None


def test_the_schemas_are_published_as_they_are() -> None:
    assert {path.name: path.read_text() for path in PUBLISHED.iterdir()} == {
        path.name: path.read_text() for path in SCHEMAS.iterdir()
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in SCHEMAS.glob("*.json")))
def test_schemas_use_only_what_is_understood(name: str) -> None:
    def look(part: Any, inside: str) -> None:
        if not isinstance(part, dict):
            return
        if inside in ("properties", "$defs"):
            for inner in part.values():
                look(inner, "")
            return
        assert part.keys() <= KEYWORDS
        if "$ref" in part:
            file, _, path = part["$ref"].partition("#/$defs/")
            assert path in schema(file.removesuffix(".json") or name)["$defs"]
        for keyword, inner in part.items():
            if keyword in ("anyOf", "oneOf"):
                for one in inner:
                    look(one, "")
            elif keyword in ("properties", "$defs", "items", "additionalProperties"):
                look(inner, keyword)

    look(json.loads((SCHEMAS / f"{name}.json").read_text()), "")
