"""`python -m benchmarks.peers.volexd WORKLOAD N [json]`. With `json` every event comes as JSON text and every effect goes out as such, as
durable-rules' calls include it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.peers.volexd import chain, joins, loading, negation, thresholds

WORKLOADS: dict[str, Callable[[int, bool], None]] = {
    "w1": lambda size, as_json: thresholds.run_w1(size, as_json=as_json),
    "among": lambda size, as_json: thresholds.run_among(size, as_json=as_json),
    "w1k": lambda size, as_json: thresholds.run_w1k(size, as_json=as_json),
    "w2": lambda _, as_json: joins.run(as_json=as_json),
    "w3": lambda _, __: chain.run(),
    "w4": lambda _, as_json: negation.run(as_json=as_json),
    "w5": lambda size, _: loading.run(size),
    "w5-checked": lambda size, _: loading.run_checked(size),
}

if __name__ == "__main__":
    workload, size, *options = sys.argv[1:]
    WORKLOADS[workload](int(size), options == ["json"])
