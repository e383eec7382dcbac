"""The words as a whole: each implemented, each documented, none of them expensive to read."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

from daemon.service.executor import action_kinds
from daemon.vocabulary import vocabulary
from daemon.watching.polling import probe_kinds
from dsl.program import RISKS
from dsl.vocabulary import later_actions, later_probes
from dsl.vocabulary.steering import WORDS as STEERING
from dsl.vocabulary.word import ActionWord, ProbeWord

ROOT = Path(__file__).parents[2]
# Not msgspec: words, trees and programs are its structs, which take a fortieth of a dataclass to define.
HEAVY = (
    "httptools",
    "psutil",
    "asyncio",
    "subprocess",
    "loguru",
    "ssl",
    "sqlmodel",
    "sqlalchemy",
    "lark",
    "watchdog",
    "rich",
)


def test_the_actions_and_probes_that_there_are() -> None:
    assert set(action_kinds()) == {
        "start",
        "stop",
        "restart",
        "exec",
        "signal",
        "http",
        "notify",
        "log",
        "set",
        "prune",
    }
    assert set(probe_kinds()) == {
        "http",
        "tcp",
        "exec",
        "process",
        "host",
        "prometheus",
        "log",
        "webhook",
        "file",
        "dns",
    }


def test_every_word_is_implemented_documented_and_placed() -> None:
    for action in action_kinds().values():
        assert isinstance(action.WORD, ActionWord)
        assert inspect.iscoroutinefunction(action.run)
        assert action.WORD.risk in RISKS
        assert action.WORD.doc.endswith(".")
        assert action.WORD.example.startswith(action.WORD.name)
    for probe in probe_kinds().values():
        assert isinstance(probe.WORD, ProbeWord)
        assert inspect.iscoroutinefunction(probe.look)
        assert probe.WORD.doc.endswith(".")
        assert probe.WORD.example.startswith(probe.WORD.name)
        assert probe.WORD.reply


def test_the_vocabulary_holds_all_words() -> None:
    words = vocabulary().words
    steering = {word.name for word in STEERING}  # the engine's own
    to_come = {word.name for word in (*later_actions.WORDS, *later_probes.WORDS)}
    actions = {word.name for word in words if isinstance(word, ActionWord)}
    probes = {word.name for word in words if isinstance(word, ProbeWord)}
    assert actions >= set(action_kinds()) | steering
    assert probes >= set(probe_kinds())
    assert (actions | probes) - set(action_kinds()) - set(probe_kinds()) - steering <= to_come
    assert {"agent", "detection", "recovery", "probe"} <= {word.name for word in words}
    assert {"since", "known"} <= {word.name for word in vocabulary().functions}


def test_reading_the_vocabulary_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from daemon.vocabulary import vocabulary\n"
        "vocabulary()\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
