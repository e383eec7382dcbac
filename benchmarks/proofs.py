"""The proofs over the number of rules: what `volexd --check` spends on termination, conflict and blast radius.

A third are detections, a third recoveries, a third orchestrations; half of these set what the other half takes away, each of a thing of its
own. `python -m benchmarks.proofs [ROUNDS]`, by default 5.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.measuring import cpu
from benchmarks.results import Row, at_most, publish, row
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.proofs.acting import Rules
from dsl.proofs.blast import radius
from dsl.proofs.conflict import conflicts
from dsl.proofs.report import prove
from dsl.proofs.termination import termination
from dsl.source import Source

SIZES = (100, 316, 1000, 3162, 10_000)

THINGS = "fact metric { key name: text; field value: number, on: flag }\n"
THREE = """\
detection d{number} {{ for each metric; category agent; when metric.name == "m{number}" and metric.value > {number} }}
recovery r{number} {{ on fault d{number}; try x {{ restart agent a{agent} }}; limit 3 per 1h overall }}
orchestration o{number} {{
    for each metric
    when metric.name == "m{number}" and metric.value < {number}
    then {{ set metric.on = {on} }}
    limit 3 per 1h overall
}}
"""
PARTS: dict[str, Callable[[Program], object]] = {
    "all": prove,
    "termination": lambda program: termination(Rules(program)),
    "conflict": lambda program: conflicts(Rules(program)),
    "blast radius": radius,
}


def program(size: int) -> Program:
    agents = "".join(f'agent a{number} {{ health tcp "127.0.0.1:1" }}\n' for number in range(20))
    rules = "".join(
        THREE.format(number=number, agent=number % 20, on="true" if number % 2 else "false")
        for number in range(size // 3)
    )
    found = check([Source("proofs.rules", THINGS + agents + rules)], vocabulary())
    assert found.understood is not None
    return found.understood


def spent(part: Callable[[Program], object], of: Program) -> float:
    before = cpu()
    part(of)
    return cpu() - before


def main(rounds: int) -> None:
    rows: list[Row] = []
    for size in SIZES:
        rules = program(size)
        for name, part in PARTS.items():
            rows.append(row(name, f"{size} rules", "CPU s", [spent(part, rules) for _ in range(rounds)]))
    whole = {one.what: one.median or 0.0 for one in rows if one.who == "all"}
    last, former = whole[f"{SIZES[-1]} rules"], whole[f"{SIZES[-3]} rules"]
    goals = [
        at_most("proofs_s", last, 2.0),
        at_most("proofs_growth", last / former / (SIZES[-1] / SIZES[-3]), 1.5),
    ]
    publish("proofs", rows, goals)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
