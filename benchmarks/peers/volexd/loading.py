"""W5, the engine's own share: from the checked program to ready. `make bench-load` measures what comes before."""

from __future__ import annotations

import json

from benchmarks.load import texts
from benchmarks.measuring import cpu
from benchmarks.peers.volexd.thresholds import program_of_w1
from benchmarks.workloads import METRICS, Threshold
from dsl.program import Program
from dsl.source import Source
from engine.engine import Engine
from engine.events import ProgramReplaced


def run(count: int) -> None:
    """Detections only."""
    program = program_of_w1([Threshold(number // 2, METRICS[number % 2], 50) for number in range(count)])
    ready(program, count)


def run_checked(count: int) -> None:
    """The rules of `make bench-load`: every second one is the recovery of the one before."""
    from daemon.vocabulary import vocabulary
    from dsl.check import check

    program = check([Source(name, text) for name, text in texts(count)], vocabulary()).program
    assert program is not None
    ready(program, (count + 1) // 2)


def ready(program: Program, watches: int) -> None:
    engine = Engine()
    before = cpu()
    engine.step(ProgramReplaced(0.0, program))
    spent = cpu() - before
    print(json.dumps({"us": 0.0, "ready_s": spent, "right": len(engine.situations.watches) == watches}))
