"""What this machine has for work that reserves something."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dsl.capacity import Capacity


def of_this_machine(slots: Mapping[str, int] | None = None) -> Capacity:
    """The cores that volexd may use, the memory that is built in, and the slots that the configuration names."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Capacity(float(len(os.sched_getaffinity(0))), float(memory), slots)
