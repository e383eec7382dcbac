"""How one engine is measured: CPU time of the whole process, the collector's heap frozen, the answer checked."""

from __future__ import annotations

import gc
import json
import resource
from collections.abc import Callable, Sequence
from typing import NamedTuple

Step = Callable[[int], None]


class Load(NamedTuple):
    """An engine made ready: `step(i)` gives it the i-th event, `fired()` says how often it fired."""

    step: Step
    fired: Callable[[], object]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(ready: Callable[[], Load], events: int, firings: Sequence[int]) -> None:
    """Prints one line of JSON. `us` is CPU microseconds an event, `ready_s` CPU seconds from rules to ready."""
    gc.collect()
    before = cpu()
    step, answer = ready()
    ready_s = cpu() - before
    gc.collect()
    gc.freeze()
    before = cpu()
    for number in range(events):
        step(number)
    spent = cpu() - before
    fired = answer()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "us": spent / events * 1e6,
                "ready_s": ready_s,
                "events": events,
                "firings": fired,
                "right": fired == firings[events],
                "peak_mb": peak,
            }
        )
    )
