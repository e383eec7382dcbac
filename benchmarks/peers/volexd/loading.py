"""W5, the engine's own share: from the checked program to ready. `make bench-load` measures what comes before."""

from __future__ import annotations

import json

from benchmarks.measuring import cpu
from benchmarks.peers.volexd.thresholds import program_of_w1
from benchmarks.workloads import METRICS, Threshold
from engine.engine import Engine
from engine.events import ProgramReplaced


def run(count: int) -> None:
    program = program_of_w1([Threshold(number // 2, METRICS[number % 2], 50) for number in range(count)])
    engine = Engine()
    before = cpu()
    engine.step(ProgramReplaced(0.0, program))
    spent = cpu() - before
    print(json.dumps({"us": 0.0, "ready_s": spent, "right": len(engine.situations.watches) == count}))
