"""An agent's `health` and `ready` checks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from daemon.probes.probe import ProbeKind
from daemon.watching.look import Seen, judged, look
from daemon.watching.watch import Watch
from daemon.world.world import World
from dsl.expressions import Constant
from dsl.program import Check
from engine.events import HealthObserved, Looked, Reported

_STALE_AFTER = 3  # intervals


@dataclass(frozen=True, slots=True)
class HealthPlan:
    agent: str
    which: str  # health | ready
    check: Check


class HealthWatch:
    """Implements `Watch`."""

    def __init__(self, plan: HealthPlan, kind: ProbeKind, world: World) -> None:
        self.plan = plan
        self.every = plan.check.every
        self._kind = kind
        self._world = world
        self._url = base_url(plan.check)
        self._told_url = False

    async def look(self) -> None:
        self._tell(await look(self.plan.check, self._kind, self._world))

    def missed(self, reason: str) -> None:
        self._tell(Seen(self._world.now(), error=reason, own=True))

    def take_over(self, former: Watch) -> None:
        """Nothing is kept between two looks."""

    def forget(self) -> None:
        """The engine knows from the program that the agent is gone, or its check."""

    def _tell(self, seen: Seen) -> None:
        now = self._world.now()
        verdict = judged(self.plan.check, self._kind, seen, now)
        # A look that times out takes its whole timeout until the next one can begin.
        fresh_for = _STALE_AFTER * self.every + self.plan.check.timeout
        health = HealthObserved(
            at=now,
            agent=self.plan.agent,
            check=self.plan.which,
            ok=verdict.ok,
            started_at=seen.began,
            error=verdict.error,
            fresh_for=fresh_for,
        )
        if self.plan.which == "health":
            self._world.post(Looked(now, (*self._beside(seen, fresh_for), health)))
        else:
            self._world.post(health)

    def _beside(self, seen: Seen, fresh_for: float) -> tuple[Reported, ...]:
        """What is told with the verdict: the latency of this look, and once the address, which never goes stale."""
        agent, latency = self.plan.agent, None if seen.reply is None else seen.reply.get("duration")
        told = Reported(seen.began, "agent", agent, {"latency": latency}, "health", fresh_for)
        if self._told_url:
            return (told,)
        self._told_url = True
        return Reported(seen.began, "agent", agent, {"url": self._url}, "plan"), told


def base_url(check: Check) -> str | None:
    """Where the agent is reached: scheme, host and port of its check, so that rules can write "{agent.url}/connect"."""
    written = {name: value.value for name, value in check.settings if isinstance(value, Constant)}
    url, address = written.get("url"), written.get("address")
    if isinstance(url, str):
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"  # without a name and password
    return f"tcp://{address}" if isinstance(address, str) else None
