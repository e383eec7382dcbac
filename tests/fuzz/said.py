"""What sources may say, and what must hold whatever it is: no crash, only values of the declared types, nothing left out in silence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Sequence
from random import Random

from daemon.probes.probe import ProbeFailure
from daemon.probes.prometheus import read
from daemon.watching.fitting import LONGEST_TEXT
from daemon.watching.intake import Taken, items_of, taken_of, value_of
from daemon.watching.scraped import facts_of, scraped
from daemon.world.json_body import parsed
from daemon.world.refusals import REASONS, Refusal
from dsl.program import FactField, FactType, Program
from engine.engine import Engine
from engine.events import Happened, Looked, ProgramReplaced, Reported, Withdrawn
from tests.dsl.checking import program

MOST = 20  # keys
_NOW = 1_763_800_000.0
_RULES = """\
channel log { url "log:" }
probe node { prometheus "http://127.0.0.1:1/metrics"; every 15s }
fact thing {
    key   name: text
    field depth: number, full: percent, lasts: duration, size: size, seen: time, on: flag, note: text, tags: list, more: map, raw: any
    field side: one of ["buy", "sell"]
    field double: number = depth * 2
    field buckets: histogram
}
fact load from prometheus node { key host: text; field load: number, used: size = total - free; field labels: map }
fact latency from prometheus node { key job: text; field seconds: histogram = seconds_bucket }
event deploy { field agent: text, took: duration }
detection a { for each thing; severity error; category agent; when avg(thing.depth over 1m) > 3 or thing.note matches 'x.*'; notify log }
detection b { severity error; category agent; when sum(thing.size) > 1MiB or count(thing where thing.side == "buy") > 3; notify log }
detection c { for each load by labels.zone; severity error; category agent; when max(load.used) > 1GiB; notify log }
detection d { for each latency; severity error; category agent; when quantile(0.9, latency.seconds over 5m) > 1; notify log }
detection e { for each thing; severity error; category agent; when thing.seen < now or thing.more.x == 1; message "{thing.raw}"; notify log }
detection f { severity error; category agent; when count(event deploy where deploy.took > 3s over 1m) > 1; notify log }
"""


class Counting:
    """A door that lets in so many keys, and counts."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.whole = 0  # items that were refused as a whole
        self.reasons: set[str] = set()

    def arrived(self, keys: Collection[str]) -> None:
        """Nothing makes room."""

    def admits(self, key: str) -> bool:
        if len(self.keys) < MOST:
            self.keys.add(key)
        return key in self.keys

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        self.whole += 0 if refusal.about else count
        self.reasons.add(refusal.reason)


class Taker:
    """An engine that is told all of it."""

    def __init__(self) -> None:
        self._program: Program = program(_RULES, all_runs=True)
        self._engine = Engine()
        self._engine.step(ProgramReplaced(_NOW, self._program))
        self._engine.step(Reported(_NOW, "host", "host", {"name": "host"}))
        self._now = _NOW

    def examine(self, data: bytes) -> None:
        """Raises AssertionError, or whatever is raised."""
        self._now += 1.0
        for kind in ("load", "latency"):
            self._metrics(data.decode("utf-8", "replace"), self._program.fact_types[kind])
        try:
            body = parsed(data)
        except ValueError:
            return
        self._items(body, self._program.fact_types["thing"])
        self._event(body)

    def _items(self, body: object, kind: FactType) -> None:
        door = Counting()
        try:
            items = list(items_of({"body": body}, ("body",), kind))
        except ProbeFailure:
            return
        found = taken_of(items, kind, self._now, door)
        assert len(found.facts) + door.whole == len(items), "of every item it is known what became of it"
        self._take(kind, found, door)

    def _metrics(self, text: str, kind: FactType) -> None:
        door = Counting()
        try:
            samples, _ = read(text, self._now)
        except ProbeFailure:
            return
        self._take(kind, facts_of(samples, scraped(kind), self._now, door), door)

    def _event(self, body: object) -> None:
        (kind,) = self._program.events
        door = Counting()
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, dict):
                values = {one.name: value_of(one, item, self._now, door) for one in kind.fields}
                self._engine.step(Happened(self._now, kind.name, values, self._now, "p"))

    def _take(self, kind: FactType, found: Taken, door: Counting) -> None:
        assert len(found.facts) <= MOST
        assert door.reasons <= REASONS.keys()
        for values in found.facts.values():
            for one in (*kind.keys, *kind.fields):
                assert conforms(one, values[one.name]), (one.name, values[one.name])
        seen = [Reported(self._now, kind.name, key, values, "p", 15.0) for key, values in found.facts.items()]
        self._engine.step(Looked(self._now, tuple(seen)))
        self._engine.step(
            Looked(self._now, tuple(Withdrawn(self._now, kind.name, key) for key in found.facts))
        )


def conforms(one: FactField, value: object) -> bool:
    """Whether a value may stand in a field of that type."""
    if value is None:
        return True
    match one.type:
        case _ if one.choices:
            return value in one.choices
        case "flag":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str) and sound(value)
        case "list":
            return isinstance(value, list) and sound(value)
        case "map":
            return isinstance(value, dict) and sound(value)
        case "histogram":
            return (
                isinstance(value, dict)
                and sound(value)
                and all(not math.isnan(float(bound)) for bound in value)
            )
        case "any":
            return sound(value)
        case kind:
            return isinstance(value, float) and math.isfinite(value) and (kind != "size" or value >= 0)


def sound(value: object) -> bool:
    """Whether it is a value of JSON that can be stored."""
    match value:
        case dict():
            return all(isinstance(name, str) and sound(part) for name, part in value.items())
        case list():
            return all(map(sound, value))
        case str():
            return len(value) <= LONGEST_TEXT and bool(value.encode() or True)
        case None | bool():
            return True
        case _:
            return isinstance(value, float) and math.isfinite(value)


# --- what is said -----------------------------------------------------------------------------------------------------

_NAMES = (
    "name", "depth", "full", "lasts", "size", "seen", "on", "note", "tags", "more", "raw", "side", "buckets", "x", "agent", "took",
)  # fmt: skip
_ODD = (
    "1e999", "-1e400", "NaN", "Infinity", "9" * 400, "1e-400", "-0", "0.1", "true", "null", '"5MiB"', '"80%"', '"\\ud800"', '"\\u0000"',
    '"2026-11-22T10:00:00Z"', '"9999-12-31T23:59:59-14:00"', "1763800000000", "[" * 40 + "]" * 40, '{"0.1": -1}', '{"+Inf": 3, "x": 1}',
    '"' + "x" * 2000 + '"', "[]", "{}", '""', '"buy"',
)  # fmt: skip
_SERIES = ("load", "free", "total", "seconds_bucket", "seconds_sum", "other")
_LABELS = (
    'host="a"',
    'host="b",zone="z"',
    'job="j",le="0.1"',
    'job="j",le="+Inf"',
    'job="j",le="x"',
    'host="\\n\\""',
    "",
)
_VALUES = ("1", "2.5e9", "NaN", "+Inf", "-Inf", "-1", "1e999", "x", "")


def _json(random: Random, depth: int = 0) -> str:
    if depth > 3 or random.random() < 0.4:
        return random.choice(
            (random.choice(_ODD), str(random.uniform(-1e12, 1e12)), json.dumps(random.choice(_NAMES)))
        )
    if random.random() < 0.3:
        return "[" + ", ".join(_json(random, depth + 1) for _ in range(random.randint(0, 5))) + "]"
    members = (
        f"{json.dumps(random.choice(_NAMES))}: {_json(random, depth + 1)}"
        for _ in range(random.randint(0, 6))
    )
    return "{" + ", ".join(members) + "}"


def _items(random: Random) -> bytes:
    items = (_json(random) for _ in range(random.randint(0, 30)))
    return ("[" + ", ".join(items) + "]").encode()


def _metrics(random: Random) -> bytes:
    def line() -> str:
        when = random.choice(("", "", f" {random.randint(0, 2**45)}", " x", f" {_NOW * 1000:.0f}"))
        return f"{random.choice(_SERIES)}{{{random.choice(_LABELS)}}} {random.choice(_VALUES)}{when}\n"

    return "".join(line() for _ in range(random.randint(0, 20))).encode()


def _damaged(random: Random) -> bytes:
    data = bytearray(random.choice((_items, _metrics))(random))
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(data))
        data[at : at + random.randint(0, 3)] = random.choice(
            (b"", b"\xff", b"{", b'"', b"\\", b"0", b",", b"}")
        )
    return bytes(data)


KINDS_OF_SAID: Sequence[Callable[[Random], bytes]] = (_items, _metrics, _damaged)
