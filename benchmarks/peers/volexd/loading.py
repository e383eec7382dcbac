"""W5: from rules to an engine that is ready."""

from __future__ import annotations

import json

from benchmarks.measuring import cpu
from benchmarks.peers.volexd.thresholds import program_of_w1
from benchmarks.workloads import METRICS, Threshold
from engine.engine import Engine
from engine.events import ProgramReplaced

RULE = """\
detection rule_{number} {{
    for each agent
    severity warning
    category performance
    when     agent.name == "agent_{number}" and agent.cpu > {threshold}% for 10s
    notify   people
}}
"""
RULES_OF_A_FILE = 100


def run(count: int) -> None:
    """The engine's own share: from the checked program to ready."""
    program = program_of_w1([Threshold(number // 2, METRICS[number % 2], 50) for number in range(count)])
    engine = Engine()
    before = cpu()
    engine.step(ProgramReplaced(0.0, program))
    _tell(cpu() - before, right=len(engine.situations.watches) == count)


def run_text(count: int) -> None:
    """From the text of rules of seven lines, a hundred in a file."""
    from daemon.vocabulary import vocabulary
    from dsl.check import check
    from dsl.source import Source

    texts = [RULE.format(number=number, threshold=number % 90 + 5) for number in range(count)]
    files = ["".join(texts[first : first + RULES_OF_A_FILE]) for first in range(0, count, RULES_OF_A_FILE)]
    sources = [Source("0.rules", 'channel people { url "log:" }\n')]
    sources += [Source(f"{number}.rules", text) for number, text in enumerate(files, start=1)]
    words, engine = vocabulary(), Engine()
    before = cpu()
    program = check(sources, words).program
    if program is not None:
        engine.step(ProgramReplaced(0.0, program))
    _tell(cpu() - before, right=len(engine.situations.watches) == count)


def _tell(seconds: float, *, right: bool) -> None:
    print(json.dumps({"us": 0.0, "ready_s": seconds, "right": right}))
