"""How much volexd takes in: of keys of a type, and of what comes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """`keys` of each type of facts, or as many as `keys_of` says of it. Of each source that tells by itself `per_second` items; what comes
    faster waits, at most `waiting` items."""

    keys: int = 10_000
    keys_of: Mapping[str, int] = field(default_factory=dict)
    per_second: int = 1_000
    waiting: int = 10_000
