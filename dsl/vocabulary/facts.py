"""The fact types that are always there, without `use` or `probe`."""

from __future__ import annotations

from dsl.program import CATEGORIES, PRIORITIES, SEVERITIES, STATUSES, FactField, FactType
from dsl.work import WORK_TYPES

SAMPLED_EVERY = 5.0  # seconds; a probe of kind `host` changes it


def _field(name: str, kind: str) -> FactField:
    return FactField(name, kind)


def _choice(name: str, choices: tuple[str, ...]) -> FactField:
    return FactField(name, "one of [" + ", ".join(f'"{choice}"' for choice in choices) + "]", choices)


def _fields(**kinds: str) -> tuple[FactField, ...]:
    """`duration="since age"` gives two fields of that type."""
    return tuple(_field(name, kind) for kind, names in kinds.items() for name in names.split())


HOST = FactType(
    "host",
    "The machine volexd runs on",
    (_field("name", "text"),),
    _fields(percent="cpu memory swap", number="load", duration="uptime"),
    builtin=True,
)
DISK = FactType(
    "disk",
    "A mounted file system",
    (_field("mount", "text"),),
    _fields(percent="usage inodes", size="free total"),
    builtin=True,
)
AGENT = FactType(
    "agent",
    "A supervised agent",
    (_field("name", "text"),),
    (
        _choice("status", STATUSES),
        *_fields(
            time="since",
            duration="latency age",
            text="last_error url",
            number="pid restarts descriptors threads",
            percent="cpu",
            size="memory",
            flag="wanted paused",
            map="labels",
        ),
    ),
    builtin=True,
)
PROBE = FactType(
    "probe",
    "A probe of volexd's own",
    (_field("name", "text"),),
    _fields(flag="ok", text="last_error", time="last_success"),
    builtin=True,
)
SOURCE = FactType(
    "source",
    "What a probe tells of one type, as volexd finds it: how much of it was not taken in, and why; how many there are of the type",
    (_field("name", "text"), _field("type", "text")),
    _fields(
        number="rejected unknown_fields keys limit",
        map="reasons",
        text="last_reason",
        time="last_rejected",
        flag="full",
    ),
    builtin=True,
)
FAULT = FactType(
    "fault",
    "A fault that is open",
    (_field("id", "number"),),
    (
        *_fields(text="name subject"),
        _choice("category", CATEGORIES),
        _choice("severity", SEVERITIES),
        *_fields(time="since", number="attempts"),
    ),
    builtin=True,
)
RECOVERY = FactType(
    "recovery",
    "A recovery under way",
    (_field("name", "text"),),
    _fields(text="state step reason", number="attempt"),
    builtin=True,
)
AUTOMATION = FactType(
    "automation",
    "An automation in force",
    (_field("name", "text"),),
    (
        _choice("type", WORK_TYPES),
        _choice("status", ("active", "paused", "off")),
        _choice("priority", PRIORITIES),
        *_fields(flag="paused running"),
    ),
    builtin=True,
)
WORKFLOW = FactType(
    "workflow",
    "A workflow in force, and how its newest runs went, twenty at most; `slowdown` is how many times as long as usual `slowed_step` took",
    (_field("name", "text"),),
    _fields(
        text="type slowest_step slowed_step",
        flag="running",
        number="runs slowdown",
        percent="success_rate adaptation_rate",
        duration="step_time",
    ),
    builtin=True,
)
ANSWER = FactType(
    "answer",
    "What an agent answered when an orchestration asked several",
    (_field("id", "text"),),
    _fields(text="rule agent", flag="ok", number="status", any="body"),
    builtin=True,
)

SWARM = FactType(
    "swarm",
    "All agents together, as conditions about several of them read it",
    (_field("name", "text"),),
    _fields(number="agents up", percent="available", map="status"),
    builtin=True,
)

_ALL = (HOST, SWARM, DISK, AGENT, PROBE, SOURCE, FAULT, RECOVERY, AUTOMATION, WORKFLOW, ANSWER)
BUILT_IN = {kind.name: kind for kind in _ALL}
SINGLE = frozenset({"host", "swarm"})  # types of which there is one, so that nobody has to say which
