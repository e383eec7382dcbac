"""A busy hour on the virtual clock, in the journal that a volexd would write of it: a hundred and twenty agents, rules of every kind.

`python -m tests.daemon.rehearsal.busy_hour JOURNAL` replays one, and prints how many events differed and a digest of all effects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from random import Random

import msgspec

from daemon.rehearsal.replay import Replayed, replay
from daemon.rules.loading import Loaded
from daemon.service.journal import Journal, Keeping, journal_parts, read_journal
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from engine.effects import Effect
from engine.engine import Engine
from engine.events import (
    CapacityKnown,
    Commanded,
    Event,
    Happened,
    HealthObserved,
    Looked,
    Reported,
    Restored,
    UnitObserved,
    Withdrawn,
)
from tests.engine.work.work_world import Goes, WorkWorld

AGENTS = 120
BEGIN = 1795341600.0  # 2026-11-22T10:00:00Z
HEAD = "severity error; category performance; notify people"
TYPES = """
channel people { url "log:" }
channel boss   { url "log:" }
calendar office { hours mon to fri 09:00 to 18:00 }
calendar late   { hours 10:20 to 10:40 }
fact queue  { key name: text; field agent: text, tier: text, depth: number, workers: number, oldest: duration, on: flag }
fact stream { key name: text; field agent: text, tier: text, last: time, rate: number }
fact total  { key name: text; field value: number }
event deploy   { field agent: text, size: number }
event rollback { field agent: text }
"""
DETECTIONS = {
    "agent_down": "for each agent; severity critical; category agent; notify people; when agent.status == \"down\" for 10s",
    "slow": f"for each agent; {HEAD}; when avg(agent.latency over 1m) > 2s for 5s",
    "flapping": f"for each agent; {HEAD}; when changes(agent.status over 10m) >= 6",
    "deep": "for each queue; category performance; notify people; severity warning when queue.depth > 60; severity error when queue.depth > 80 for 20s; severity critical when queue.depth > 95 for 1m",
    "stuck": f"for each queue where queue.on; {HEAD}; when min(queue.depth over 2m) > 40; until queue.depth < 20 for 10s",
    "rising": f"for each queue; {HEAD}; when forecast(queue.depth after 10m over 10m) > 150 for 10s",
    "odd": f"for each queue; {HEAD}; when anomaly(queue.depth over 30m) > 0.99 for 5s",
    "quantile": f"for each queue; {HEAD}; when quantile(90%, queue.depth over 5m) > 85",
    "shared": f"for each queue; {HEAD}; when share(queue.depth > 50 over 3m) > 80%",
    "counter": f"for each total; {HEAD}; when increase(total.value over 5m) > 200",
    "rate": f"for each total; {HEAD}; when rate(total.value over 2m) > 1 / 1s",
    "tier_full": f"for each queue by tier; {HEAD}; when sum(queue.depth) > 400 and count(queue where queue.on) >= 3 for 5s",
    "starved": f"for each queue, stream matching tier; {HEAD}; when queue.depth > 90 and stream.rate < 2",
    "stale": f"for each stream; {HEAD}; when since(stream.last) > 1m",
    "few_up": f"{HEAD}; when count(agent where agent.status == \"up\") < 100",
    "any_queue": f"for each agent; {HEAD}; when any(queue where queue.agent == agent.name and queue.depth > 97)",
    "deploys": f"for each agent; {HEAD}; when count(event deploy where deploy.agent == agent.name over 5m) >= 3",
    "in_office": f"for each queue; {HEAD}; when queue.depth > 97 and not during(office)",
    "too_late": f"for each queue; {HEAD}; when queue.workers < 1 and during(late) for 3s",
    "faults": f"for each agent; {HEAD}; when count(fault agent_down of agent over 10m) >= 3",
    "guarded": f"for each queue; {HEAD}; when queue.oldest > 1m; only if queue.on; unless queue.tier == \"d\"",
    "inhibited": f"for each queue; {HEAD}; when queue.depth > 70; inhibited by fault few_up",
    "sudden": f"for each agent; {HEAD}; on event deploy where deploy.agent == agent.name and deploy.size > 8; until agent.status == \"up\" for 30s",
    "seen": "for each queue; shadow; severity info; category performance; when queue.depth > 50",
}  # fmt: skip
RULES = """
derive busy { for each queue where queue.depth > 70; field level = queue.depth * 2 }
detection busier { for each busy; HEAD; when busy.level > 180 and count(busy) > 4 }
recovery revive { on fault agent_down; try restart { restart agent; verify within 20s }; try again { exec ["/bin/true", agent.name]; verify within 10s }; limit 4 per 10m by agent; limit 10 at once overall; cooldown 20s doubling to 2m; otherwise { notify boss "{agent.name}" } }
recovery drain { on fault deep, stuck; try less { exec ["/bin/true", queue.name]; verify within 15s }; limit 5 per 10m by queue; keep at least 2 queue where queue.on }
recovery last_resort { on exhausted revive; try stop { exec ["/bin/true", agent.name] { retry 2 backoff 1s }; verify within 5s }; limit 9 per 1h by agent }
alert pages { on fault where fault.severity == "critical"; group by fault.name within 10s; notify boss repeat every 2m until acknowledged; cleared notify people }
orchestration shed { for each queue; when queue.depth > 92 for 5s; limit 30 per 10m overall; then { pause automation tidy; exec ["/bin/true", queue.name] }; afterwards { resume automation } }
orchestration watch_deploy { on event deploy followed by event rollback where rollback.agent == deploy.agent within 1m; limit 90 per 1h overall; then { exec ["/bin/true", deploy.agent] } }
orchestration no_rollback { on event deploy where deploy.size > 7 not followed by event rollback where rollback.agent == deploy.agent within 40s; limit 90 per 1h overall; then { run rebuild } }
orchestration on_tier { for each queue; on change of queue.tier; limit 60 per 1h overall; then { exec ["/bin/true", queue.tier] } }
orchestration each_five { every 5m; limit 90 per 1h overall; then { exec ["/bin/true"] } }
orchestration on_fault { on fault tier_full; limit 30 per 1h overall; then { run rebuild } }
workflow build { step first { exec ["/bin/first"]; retry 1 backoff 2s }; step left { after first; exec ["/bin/left"] { timeout 30s }; optional }; step right { after first; exec ["/bin/right"]; undo { exec ["/bin/undo"] } }; step last { after left, right; exec ["/bin/last"] } }
automation rebuild { every 4m; run build; reserve cpu: 1; overlap queue; deadline 2m }
automation tidy { every 1m; after rebuild; priority low; reserve cpu: 2; do { exec ["/bin/tidy"] } }
adaptation lean { of workflow build; when host.load > 6 for 5s; then { skip step left } }
adaptation longer { of workflow build; when steps.right.duration > 8s; then { set steps.right.timeout = 2m } }
maintenance window { every 20m lasting 3m; covers agent where agent.labels.tier == "c"; do { exec ["/bin/true"] } }
""".replace("HEAD", HEAD)  # fmt: skip


def rules(edited: bool = False) -> str:
    agents = [
        f'agent a{n} {{ unit process ["/bin/sleep", "1000"]; health http "http://127.0.0.1:1/" {{ every 5s }};'
        f' labels tier: "{"abcd"[n % 4]}"{f"; needs a{n // 10}" if n >= 10 else ""} }}\n'
        for n in range(AGENTS)
    ]
    detections = {
        name: text.replace("> 2s for 5s", "> 3s for 5s") if edited else text
        for name, text in DETECTIONS.items()
    }
    texts = [f"detection {name} {{ {text} }}\n" for name, text in detections.items()]
    return "".join([TYPES, *agents, *texts, RULES])


class Recorded(WorkWorld):
    """Everything that it takes goes into the journal, with what followed."""

    def __init__(self, directory: Path, random: Random) -> None:
        self.journal = Journal(directory, Keeping(1e9, 10**12), lambda: self.loaded)
        self.loaded = Loaded(None, (), ())
        slow = {"/bin/right": 12.0, "/bin/tidy": 40.0, "/bin/left": 20.0}
        goes = {name: self._goes(random, takes) for name, takes in slow.items()}
        super().__init__(
            None, BEGIN, **goes, **{"/bin/true": self._goes(random, 1.0), "restart": self._goes(random, 0.5)}
        )

    def _goes(self, random: Random, takes: float) -> Callable[[object], Goes]:
        return lambda do: Goes(takes * random.random(), random.choice(["succeeded", "succeeded", "failed"]))

    def live(self, text: str, first_ids: tuple[int, int] = (1, 1)) -> None:
        self.engine = Engine(*first_ids)
        self.journal.begin(self.now, first_ids)
        self.capacity(4.0)
        self.put_in_force(text)

    def put_in_force(self, text: str) -> None:
        source = Source("busy.rules", text)
        found = check([source], vocabulary())
        assert found.program is not None, [one for one in found.findings if one.severity == "error"]
        self.loaded = Loaded(found.program, (), (source,), (source,))
        self.load(found.program)

    def send(self, event: Event) -> list[Effect]:
        effects = super().send(event)
        self.journal.observe(event, effects)
        return effects


def recorded(directory: Path, events: int, seconds: float, seed: int = 7) -> Recorded:
    """So many things happen within so many seconds; volexd is killed a while after its beginning, and its rules are edited."""
    random = Random(seed)
    found = Recorded(directory, random)
    found.live(rules())
    for name in range(AGENTS):
        found.unit(f"a{name}", True, 1000 + name)
    for number in range(events):
        if number == events // 10:
            _begin_again(found)
        if number in (events // 3, 2 * events // 3):
            found.put_in_force(rules(edited=number < events // 2))
        found.at(found.now + random.random() * 2.0 * seconds / events)
        found.send(_anything(found, random))
    found.journal.close()
    return found


def _begin_again(found: Recorded) -> None:
    """A new life takes up what was kept; the journal has only this one, as after a start of volexd."""
    conditions, windows = found.engine.conditions(), found.engine.windows()
    ids = [identity for table, rows in found.rows.items() if table != "derivation" for identity in rows]
    faults = tuple(row for row in found.table("fault") if row.get("outcome") is None)
    optional = dict.fromkeys(("acknowledged_at", "outcome", "severity"))
    found.at(found.now + 20.0)
    found.effects.clear()
    found._answers.clear()
    found.live(rules(), (1 + max(ids), 10**6))
    open_faults = tuple({**optional, **row} for row in faults)
    found.send(Restored(found.now, faults=open_faults, conditions=conditions, windows=windows))


def _anything(found: Recorded, random: Random) -> Event:
    now, agent, queue = found.now, f"a{random.randrange(AGENTS)}", f"q{random.randrange(20)}"
    dice = random.randrange(100)
    if dice < 30:
        values = {
            "depth": float(random.randrange(101)),
            "workers": float(random.randrange(4)),
            "oldest": random.random() * 120,
        }
        more = (
            {"agent": agent, "tier": random.choice("abcd"), "on": random.random() < 0.7} if dice < 10 else {}
        )
        return Reported(now, "queue", queue, {"name": queue, **values, **more}, "queues", 90.0)
    if dice < 55:
        down = random.random() < 0.15
        health = HealthObserved(now, agent, "health", not down, now - 0.1, "HTTP 503" if down else "", 60.0)
        return Looked(
            now, (Reported(now, "agent", agent, {"latency": random.random() * 4}, "health", 60.0), health)
        )
    if dice < 62:
        return UnitObserved(now, agent, random.random() < 0.8, random.randrange(10_000), "exit status 3")
    if dice < 70:
        return Reported(
            now,
            "stream",
            queue,
            {"name": queue, "tier": random.choice("abcd"), "last": now, "rate": random.random() * 9},
        )
    if dice < 78:
        return Reported(
            now, "total", queue, {"name": queue, "value": float(random.randrange(1000))}, "totals", 60.0
        )
    if dice < 84:
        return Reported(
            now,
            "host",
            "here",
            {"name": "here", "load": random.random() * 9, "cpu": random.random()},
            "host",
            30.0,
        )
    if dice < 92:
        return Happened(
            now,
            random.choice(["deploy", "rollback"]),
            {"agent": agent, "size": float(random.randrange(10))},
            now,
        )
    if dice < 94:
        return Withdrawn(now, random.choice(["queue", "stream"]), queue)
    if dice < 95:
        return CapacityKnown(now, float(random.randrange(1, 6)))
    return _command(found, random, agent)


def _command(found: Recorded, random: Random, agent: str) -> Event:
    faults = sorted(found.engine.faults.open)
    command = random.choice(["pause", "resume", "run", "cancel", "stop", "start", "acknowledge"])
    subject = {
        "run": random.choice(["rebuild", "tidy", "build", "shed"]),
        "cancel": "rebuild",
        "acknowledge": str(random.choice(faults)) if faults else "1",
    }.get(command, random.choice([agent, "tidy"]) if command in ("pause", "resume") else agent)
    return Commanded(found.now, command, subject, "ann")


# --- replaying ------------------------------------------------------------------------------------------------------------


def last_life(directory: Path) -> list[Replayed]:
    """What a replay gives of the newest life in a journal."""
    lines = list(read_journal(journal_parts(directory)))
    begins = max(number for number, line in enumerate(lines) if line.first_ids is not None)
    return replay(lines[begins:])


def digest(effects: Iterable[Sequence[Effect]]) -> str:
    found = blake2b(digest_size=16)
    for step in effects:
        found.update(msgspec.json.encode(list(step), order="deterministic"))
    return found.hexdigest()


if __name__ == "__main__":
    life = last_life(Path(sys.argv[1]))
    print(sum(1 for line in life if not line.same), len(life), digest(line.effects for line in life))
