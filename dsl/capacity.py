"""What a machine has for work that reserves something."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Capacity(msgspec.Struct, frozen=True):
    """Cores and bytes, None without end. A slot that is not named counts as one: whoever holds it holds it alone.

    `slots` None: nobody knows which there are.
    """

    cpu: float | None = None
    memory: float | None = None
    slots: Mapping[str, int] | None = None
