"""W3: detected, acted upon, over. Each of the three is an event of its own."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.measuring import Load, measure
from benchmarks.peers.volexd.programs import program_of
from benchmarks.peers.volexd.running import begun, raised
from benchmarks.workloads import Seed, w3
from engine.effects import Do, Effect, Record
from engine.events import ActionFinished, Reported

RULES = """\
fact thing { key name: text; field agent: text, kind: number, bad: flag }
probe things { webhook "/thing" into thing }
detection detected {
    for each thing
    severity error
    category performance
    when     thing.bad
}
recovery recover {
    on    fault detected
    try act { log "acting"; verify within 60s }
    limit 1000000 per 1s overall
}
"""


def seen(seed: Seed, at: float, bad: bool) -> Reported:
    values = {"agent": f"a{seed.agent}", "kind": seed.kind, "bad": bad}
    return Reported(at, "thing", f"t{seed.agent}", values, "bench")


def recovered(effects: Sequence[Effect]) -> int:
    return sum(
        1
        for e in effects
        if type(e) is Record and e.table == "recovery" and e.values.get("outcome") == "succeeded"
    )


def run() -> None:
    seeds, firings = w3()
    program = program_of(RULES)
    fired = 0

    def ready() -> Load:
        engine = begun(program)

        def take(number: int) -> None:
            nonlocal fired
            seed, at = seeds[number], number * 3.0
            effects = engine.step(seen(seed, at, bad=True))
            actions = [e.action for e in effects if type(e) is Do]
            fired += raised(effects) + len(actions)
            engine.step(ActionFinished(at + 1.0, actions[0], "succeeded"))
            fired += recovered(engine.step(seen(seed, at + 2.0, bad=False)))

        return Load(take, lambda: fired if not engine.faults.open else (fired, len(engine.faults.open)))

    measure(ready, len(seeds), firings)
