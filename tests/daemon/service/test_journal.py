"""What a real volexd took, replayed: the same events give the same effects."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from daemon.rehearsal.replay import replay
from daemon.rules.loading import Loaded
from daemon.service.journal import Journal, Keeping, journal_parts, read_journal
from engine.effects import Record
from engine.events import TimePassed
from tests.daemon.service.daemon import Daemon, eventually

RULES = """\
use std.channels
agent sleeper {
    unit process ["/bin/sleep", "1000"]
}
detection sleeper_down {
    for each agent
    severity error
    category agent
    when     agent.status == "down" for 200ms
    notify   operators
}
recovery wake {
    on    fault sleeper_down
    try again { restart agent; verify within 10s }
    limit 5 per 1h by agent
}
"""


def test_a_life_of_volexd_is_replayed_exactly(tmp_path: Path) -> None:
    with Daemon(tmp_path, RULES, config="journal: { directory: journal }") as daemon:
        os.kill(eventually(lambda: daemon.pid("sleeper"), "the sleeper runs"), signal.SIGKILL)
        daemon.wait_for("SELECT * FROM recovery WHERE outcome = 'succeeded'", "it is healed")
        daemon.write(RULES + "# a comment\nlet unused = 3\n")
        daemon.wait_for("SELECT * FROM reload WHERE outcome = 'applied' AND id > 1", "the edit is in force")
    first, second = (replay(read_journal(journal_parts(tmp_path / "journal"))) for _ in range(2))
    assert [line.event for line in first if not line.same] == []
    assert [line.effects for line in first] == [line.effects for line in second]
    faults = [
        effect.values["rule"]
        for line in first
        for effect in line.effects
        if isinstance(effect, Record) and effect.table == "fault" and "rule" in effect.values
    ]
    assert faults == ["sleeper_down"]
    assert faults == [row["rule"] for row in daemon.sql("SELECT rule FROM fault")]


def test_old_parts_are_let_go_and_half_a_line_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Keeping(seconds=3600.0, size=0), lambda: Loaded(None, (), ()))
    journal.begin(1000.0, (1, 1))
    for at in (1001.0, 2000.0, 3000.0, 4000.0):
        journal.observe(TimePassed(at), [])
    journal.close()
    (part,) = journal_parts(tmp_path)
    with part.open("ab") as file:
        file.write(b'{"at": 4001.0, "eff')
    assert [line.event for line in read_journal([part])] == [TimePassed(4000.0)]


def test_a_journal_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    with Daemon(tmp_path, RULES, config="journal: { directory: /dev/null/journal }") as daemon:
        eventually(lambda: daemon.pid("sleeper"), "the sleeper runs")
        assert "no journal is kept" in daemon.log()
