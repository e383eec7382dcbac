"""W4: a machine without a heartbeat."""

from __future__ import annotations

from benchmarks.peers.volexd.programs import program_of
from benchmarks.peers.volexd.running import INTERVAL
from benchmarks.peers.volexd.running import run as run_program
from benchmarks.workloads import MACHINES, Toggle, w4
from engine.events import Event, Reported, Withdrawn

RULES = """\
fact machine   { key name: text }
fact heartbeat { key machine: text }
probe machines   { webhook "/machine" into machine }
probe heartbeats { webhook "/heartbeat" into heartbeat }
detection silent {
    for each machine
    severity error
    category agent
    when     no(heartbeat where heartbeat.machine == machine.name)
}
"""


def beating(name: str, at: float) -> Event:
    return Reported(at, "heartbeat", name, {"machine": name}, "heartbeats")


def toggled(toggle: Toggle, at: float) -> Event:
    name = f"m{toggle.machine}"
    return beating(name, at) if toggle.beats else Withdrawn(at, "heartbeat", name)


def before() -> list[Event]:
    """Every machine, and its heartbeat."""
    names = [f"m{number}" for number in range(MACHINES)]
    machines = [Reported(0.0, "machine", name, {"name": name}, "machines") for name in names]
    return [*(beating(name, 0.0) for name in names), *machines]


def run(*, as_json: bool) -> None:
    toggles, firings = w4()
    events = [toggled(toggle, number * INTERVAL) for number, toggle in enumerate(toggles)]
    run_program(program_of(RULES), events, firings, before=before(), as_json=as_json)
