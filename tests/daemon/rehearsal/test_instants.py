"""What a test sets in one instant is seen in one look."""

from __future__ import annotations

import time

from daemon.rehearsal.rehearse import Rehearsal, rehearse
from tests.dsl.checking import program

RULES = """\
channel log { url "log:" }
fact queue { key name: text; field depth: number, state: text }
detection crowded { severity error; category performance; when sum(queue.depth) > 12; message "m"; notify log }
detection lost {
    for each queue
    severity error
    category performance
    on change of queue.state
    until queue.state == "fine"
    message "m"
    notify log
}
"""


def played(steps: str) -> Rehearsal:
    found = program(RULES + 'test "t" {\n' + steps + "}\n", all_runs=True)
    return rehearse(found, found.tests[0], time.perf_counter)


def test_load_that_moves_from_one_to_another_is_never_too_much() -> None:
    moves = """\
    given queue "a" depth: 8
    given queue "b" depth: 2
    given queue "c" depth: 2
    at 1m set queue "c" depth: 8
    at 1m set queue "a" depth: 2
    at end expect count(fault) == 0
"""
    assert played(moves).failures == ()
    later = moves.replace('at 1m set queue "a"', 'at 61s set queue "a"')
    assert [failure.expected for failure in played(later).failures] == ["at end expect count(fault) == 0"]


def test_one_field_that_is_set_twice_is_seen_twice() -> None:
    assert (
        played("""\
    given queue "a" state: "odd", depth: 1
    at 1m set queue "a" state: "worse"
    at 1m set queue "a" depth: 2
    at 1m set queue "a" state: "fine"
    at 1m expect count(fault lost) == 2
    at 1m expect no fault
""").failures
        == ()
    )
