"""What the parts of the derivation tell: which fields of which facts they changed, and which values that are everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from engine.alarms import Alarm, Ring
from engine.knowledge.facts import Fact, WorkingMemory


class World(NamedTuple):
    """What every part reads. `at` sets an alarm of those that change facts."""

    memory: WorkingMemory
    at: Callable[[float, Ring], Alarm]
    singles: dict[str, Any]
    clock: Callable[[], float]


class Settling(Protocol):
    """What must not see a value on the way to another, for it would remember that."""

    def settle(self) -> None: ...


class Tell(Protocol):
    def field(self, fact: Fact, name: str, value: Any) -> None:
        """A derived field of a fact has this value now."""

    def fields(self, fact: Fact, values: Mapping[str, Any]) -> None:
        """Derived fields of a fact have these values now."""

    def single(self, slot: str, value: Any) -> None:
        """A derived value that is everybody's."""

    def touched(self, fact: Fact, names: Iterable[str]) -> None:
        """Something that a fact is made of changed, or was seen again."""

    def gone(self, fact: Fact) -> None:
        """A derived fact is no longer there, unless `there` says otherwise before all is followed to its end."""

    def there(self, fact: Fact) -> None:
        """A derived fact is new, or there again."""

    def settles(self, part: Settling) -> None:
        """It looks when the whole change is known."""
