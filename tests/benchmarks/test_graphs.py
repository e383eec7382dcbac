"""Graphs for the benchmark of workflows: made ones can be run, recorded ones are read in every schema, others are passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.graphs import SHAPES, Instance, NotAnInstanceError, Task, instance_of, made, recorded
from benchmarks.workflows import bound, figures
from engine.planning.workflows.graph import checked

NEW = {
    "name": "blast",
    "schemaVersion": "1.5",
    "workflow": {
        "specification": {
            "tasks": [
                {"name": "split", "id": "split_1", "parents": [], "children": ["blast_1"]},
                {"name": "blast", "id": "blast_1", "parents": ["split_1"], "children": []},
            ]
        },
        "execution": {
            "makespanInSeconds": 9.5,
            "tasks": [
                {"id": "split_1", "runtimeInSeconds": 2.5, "coreCount": 1},
                {"id": "blast_1", "runtimeInSeconds": 7, "coreCount": 4},
            ],
        },
    },
}
OLD = {
    "workflow": {
        "jobs": [
            {"name": "split", "runtime": 2.5, "parents": []},
            {"name": "blast", "runtime": 7, "cores": 4, "parents": ["split"]},
        ]
    }
}
READ = (Task("t0", (), 2.5), Task("t1", ("t0",), 7.0, 4.0))


@pytest.mark.parametrize("document", [NEW, OLD], ids=["1.5", "1.2"])
def test_recorded_instances(document: object) -> None:
    assert instance_of("blast", document).tasks == READ


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "no `workflow`"), ({"workflow": {}}, "no tasks"),
        ({"workflow": {"tasks": [{"name": "a", "parents": []}]}}, "has no runtime"),
    ],
)  # fmt: skip
def test_what_is_no_instance(document: object, why: str) -> None:
    with pytest.raises(NotAnInstanceError, match=why):
        instance_of("x", document)


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "blast.json").write_text(json.dumps(NEW))
    (tmp_path / "broken.json").write_text("{")
    found = list(recorded(tmp_path))
    assert isinstance(found[0], str)
    assert found[0].startswith("broken.json is passed over: ")
    assert found[1] == Instance("blast", "recorded", READ)


def test_made_graphs_can_be_run_and_are_the_same_every_time() -> None:
    assert list(made((10, 100))) == list(made((10, 100)))
    for instance in made((10, 100)):
        checked({task.name: task.after for task in instance.tasks})
    assert {instance.shape for instance in made((10,))} == set(SHAPES)


def test_no_arrangement_beats_the_bound() -> None:
    for instance in made((10,)):
        one = figures(instance, 4)
        assert min(one.unknown, one.learned, one.plain) >= 1 - 1e-9
        assert bound(instance, 4) > 0
