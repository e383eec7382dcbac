"""What volexd knows of a source that tells of one type: a fact itself, `source`, so that rules see what is not taken in."""

from __future__ import annotations

from daemon.world.refusals import Refusal
from daemon.world.world import World
from engine.derived.keys import name_of
from engine.events import Reported


class Source:
    def __init__(self, name: str, kind: str, world: World) -> None:
        self.name = name
        self.kind = kind
        self.key = name_of((name, kind)) or name
        self.account = world.refusals.account(name, kind)
        self._world = world
        self._told: dict[str, object] = {}

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        self._world.refusals.refuse(self.name, self.kind, refusal, count)

    def admits(self, key: str) -> bool:
        return self._world.keys.admits(self.kind, key)

    def news(self, at: float) -> Reported | None:
        """The fact about the source, if it is another than the last one. It does not go stale: volexd is its own witness."""
        account, keys = self.account, self._world.keys
        account.full = account.full and keys.count(self.kind) >= keys.most(self.kind)
        values: dict[str, object] = {
            "name": self.name,
            "type": self.kind,
            "rejected": float(account.rejected),
            "reasons": dict(account.reasons),
            "last_reason": account.last_reason,
            "last_rejected": account.last_rejected,
            "unknown_fields": float(account.unknown_fields),
            "keys": float(keys.count(self.kind)),
            "limit": float(keys.most(self.kind)),
            "full": account.full,
        }
        if values == self._told:
            return None
        self._told = values
        return Reported(at, "source", self.key, values, self.name)
