from __future__ import annotations

from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.reports import automation, workflow
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.reports.work import Run, automation_rows, workflow_rows
from tests.daemon.store.samples import TEN

TOLD = [
    Run("a", "succeeded", 0.5, 12.0, 2, True, 1, 0),
    Run("a", "failed", 0.0, 3.0, 1, None, 0, 1),
    Run("b", "succeeded", 9.0, 60.0, 0, None, 0, 0),
    Run("b", "cancelled", 0.0, 6.0, 0, False, 0, 0),
    Run("a", "succeeded", 1.0, 11.0, 1, None, 0, 0),
    Run("c", "running", 1.0, 0.0, 1, None, 0, 0),
]
LEARNED = {
    "kind": "step",
    "name": "a/only",
    "runs": 3,
    "successes": 2,
    "duration_mean_s": 8.7,
    "duration_p90_s": 12,
}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


@pytest.mark.parametrize("width", [80, 120])
def test_people_read_it_in_any_width(store: Store, snapshot: SnapshotAssertion, width: int) -> None:
    reason = Row("automation_run", 101, {"reason": "exec failed: exit status 3\x1b[2J"})
    store.writer.submit([*automation_rows(TOLD), reason]).result()
    with store.reader() as reader:
        text = automation.as_text(automation.automation_report(reader, at=TEN + 120), width)
    assert max(map(len, text.splitlines())) <= width
    assert text == snapshot


def test_workflows_for_people(store: Store, snapshot: SnapshotAssertion) -> None:
    store.writer.submit([*workflow_rows(TOLD), Row("learned", 9, LEARNED)]).result()
    with store.reader() as reader:
        assert workflow.as_text(workflow.workflow_report(reader, at=TEN + 120), 110) == snapshot


def test_of_nothing_they_say_nothing_but_that(store: Store, snapshot: SnapshotAssertion) -> None:
    with store.reader() as reader:
        assert automation.as_text(automation.automation_report(reader, at=TEN)) == snapshot
        assert workflow.as_text(workflow.workflow_report(reader, at=TEN)) == snapshot
