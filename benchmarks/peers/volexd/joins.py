"""W2: an incident at a machine whose tier has a policy for its kind."""

from __future__ import annotations

from benchmarks.peers.volexd.programs import program_of
from benchmarks.peers.volexd.running import INTERVAL
from benchmarks.peers.volexd.running import run as run_program
from benchmarks.workloads import Incident, Machine, Policy, w2
from engine.events import Reported

RULES = """\
fact incident { key name: text; field machine: text, kind: number }
fact machine  { key machine: text; field tier: number }
fact policy   { key name: text; field tier: number, kind: number, enabled: flag }
probe incidents { webhook "/incident" into incident }
probe machines  { webhook "/machine" into machine }
probe policies  { webhook "/policy" into policy }
detection entitled {
    for each incident, machine matching machine
    severity error
    category agent
    when     any(policy where policy.tier == machine.tier and policy.kind == incident.kind and policy.enabled)
}
"""


def of_machine(machine: Machine) -> Reported:
    name = f"m{machine.number}"
    return Reported(0.0, "machine", name, {"machine": name, "tier": float(machine.tier)}, "machines")


def of_policy(policy: Policy) -> Reported:
    values = {"tier": float(policy.tier), "kind": float(policy.kind), "enabled": policy.enabled}
    return Reported(0.0, "policy", f"p{policy.number}", {"name": f"p{policy.number}", **values}, "policies")


def of_incident(incident: Incident, at: float) -> Reported:
    values = {"machine": f"m{incident.machine}", "kind": float(incident.kind)}
    name = f"i{incident.number}"
    return Reported(at, "incident", name, {"name": name, **values}, "incidents")


def run(*, as_json: bool) -> None:
    machines, policies, incidents, firings = w2()
    before = [*map(of_machine, machines), *map(of_policy, policies)]
    events = [of_incident(incident, number * INTERVAL) for number, incident in enumerate(incidents)]
    run_program(program_of(RULES), events, firings, before=before, as_json=as_json)
