"""What is said of work that did not go as a test expects."""

from __future__ import annotations

import time

import pytest

from daemon.rehearsal.rehearse import rehearse
from tests.dsl.checking import program

RULES = """
workflow w { step a { exec ["a"] }; step b { after a; exec ["b"]; optional } }
workflow other { step a { exec ["a"] } }
automation hourly { every 1h; run w }
adaptation lean { of workflow w; when host.cpu > 90%; then { skip step b because "busy" } }
maintenance nightly { every day at 03:00 lasting 30m; do { log "x" } }
test "t" {
    at 0s action exec fails
    at 1s run w
    at 2h expect EXPECTED
}
"""


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("workflow w failed", None),
        ("workflow w", None),
        ("no workflow other", None),
        ("step a of w failed", None),
        ("no step b of w", None),
        ("automation hourly failed", None),
        ("count(workflow w) == 3", None),
        ("no adaptation lean", None),
        ("no maintenance nightly", None),
        ("workflow other", "no run of it began; begun: w"),
        ("maintenance nightly", "no run of it began"),
        ("adaptation lean applied", "no run of it began"),
        ("count(automation hourly) == 5", "there were 2"),
        ("step a of other", "no run of it began"),
    ],
)
def test_it_is_so_or_it_is_said_what_is(expected: str, found: str | None) -> None:
    rules = program(RULES.replace("EXPECTED", expected))
    failures = rehearse(rules, rules.tests[0], time.perf_counter).failures
    assert [failure.found for failure in failures] == ([] if found is None else [found])


def test_how_each_run_went_is_told() -> None:
    rules = program(RULES.replace("EXPECTED", "workflow w succeeded"))
    (failure,) = rehearse(rules, rules.tests[0], time.perf_counter).failures
    assert failure.found == "; ".join(3 * ["w: failed (step a failed: as the test says)"])
