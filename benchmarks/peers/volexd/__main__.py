"""`python -m benchmarks.peers.volexd WORKLOAD N [json | text]`. With `json` every event comes as JSON text and every effect goes out as
such, as durable-rules' calls include it; with `text` loading begins with the rules' text."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.peers.volexd import chain, joins, loading, negation, thresholds

WORKLOADS: dict[str, Callable[[int, str], None]] = {
    "w1": lambda size, option: thresholds.run_w1(size, as_json=option == "json"),
    "among": lambda size, option: thresholds.run_among(size, as_json=option == "json"),
    "w1k": lambda size, option: thresholds.run_w1k(size, as_json=option == "json"),
    "w2": lambda size, option: joins.run(as_json=option == "json"),
    "w3": lambda size, option: chain.run(),
    "w4": lambda size, option: negation.run(as_json=option == "json"),
    "w5": lambda size, option: loading.run_text(size) if option == "text" else loading.run(size),
}

if __name__ == "__main__":
    workload, size, *options = sys.argv[1:]
    WORKLOADS[workload](int(size), options[0] if options else "")
