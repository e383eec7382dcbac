"""Facts about the host, its disks and its processes, by psutil. Every call may block, so all of them run beside the loop.

Percents are fractions, sizes bytes, durations seconds. The cpu of a process is its share of one core: 1.5 is one and a half cores.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from daemon.world.background import OneAtATime

if TYPE_CHECKING:
    import psutil

Values = dict[str, object]

_FULL_BY_NATURE = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs"})


class Sampler:
    """Keeps what a share of time needs: the counters of the last look."""

    def __init__(self) -> None:
        self._busy = Busy()
        self._mounts = Mounts()
        self._host_looks = OneAtATime("look at the host")
        self._agents = ProcessLooks("look at the agents' processes")
        self._named: dict[str, ProcessLooks] = {}

    async def host(self) -> Values:
        """{name, cpu, memory, swap, load, uptime, disks: [{mount, usage, inodes, free, total}]}."""
        return await self._host_looks.run(self._look_at_host)

    async def agents(self, pids: Mapping[str, int]) -> dict[str, Values]:
        """Agent to {pid, descriptors, threads, cpu, memory, age} of its main process; without those that have just ended."""
        found = await self._agents.look(lambda: list(pids.values()))
        return {agent: found[pid] for agent, pid in pids.items() if pid in found}

    async def named(self, name: str) -> Values:
        """{running, count, pid, cpu, memory, descriptors, threads, age} of all processes with exactly this name.

        `pid` and `age` are the eldest's, the rest are sums.
        """
        looks = self._named.setdefault(name, ProcessLooks(f"look for processes named {name}"))
        found = list((await looks.look(partial(_pids_of, name))).values())
        if not found:
            return {"running": False, "count": 0}
        eldest = max(found, key=lambda values: values["age"])
        sums = {field: _total(found, field) for field in ("cpu", "memory", "descriptors", "threads")}
        return {"running": True, "count": len(found), "pid": eldest["pid"], "age": eldest["age"], **sums}

    def _look_at_host(self) -> Values:
        import psutil

        return {
            "name": socket.gethostname(),
            "cpu": self._busy.share(),
            "memory": psutil.virtual_memory().percent / 100,
            "swap": _swap(),
            "load": os.getloadavg()[0],
            "uptime": time.clock_gettime(time.CLOCK_BOOTTIME),
            "disks": _disks(self._mounts.now()),
        }


class ProcessLooks:
    """Looks at processes of which each gives its share of a core since the look before; None where there was none."""

    def __init__(self, what: str) -> None:
        self._turn = OneAtATime(what)
        self._before: dict[tuple[int, float], tuple[float, float]] = {}

    async def look(self, pids: Callable[[], list[int]]) -> dict[int, dict[str, Any]]:
        """Process id to {pid, cpu, memory, descriptors, threads, age}."""
        return await self._turn.run(lambda: self._look(pids()))

    def _look(self, pids: list[int]) -> dict[int, dict[str, Any]]:
        before, self._before = self._before, {}
        looks = {pid: self._look_at(pid, before) for pid in pids}
        return {pid: values for pid, values in looks.items() if values is not None}

    def _look_at(
        self, pid: int, before: Mapping[tuple[int, float], tuple[float, float]]
    ) -> dict[str, Any] | None:
        """None when it has ended; a field that volexd may not see is unknown."""
        import psutil

        try:
            process = psutil.Process(pid)
            with process.oneshot():
                who = (pid, process.create_time())
                used, at = sum(process.cpu_times()[:2]), time.monotonic()
                self._before[who] = (used, at)
                return {
                    "pid": pid,
                    "cpu": _share(before.get(who), used, at),
                    "memory": float(process.memory_info().rss),
                    "threads": process.num_threads(),
                    "age": max(time.time() - who[1], 0.0),
                    "descriptors": _descriptors(process),
                }
        except psutil.Error:
            return None


def _share(before: tuple[float, float] | None, used: float, at: float) -> float | None:
    if before is None or at <= before[1]:
        return None
    return max((used - before[0]) / (at - before[1]), 0.0)


def _descriptors(process: psutil.Process) -> int | None:
    import psutil

    try:
        return process.num_fds()
    except psutil.AccessDenied:
        return None


def _pids_of(name: str) -> list[int]:
    import psutil

    return [process.pid for process in psutil.process_iter() if _name_of(process) == name]


def _name_of(process: psutil.Process) -> str | None:
    import psutil

    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.name()
    except psutil.Error:
        return None


def _total(looks: list[dict[str, Any]], field: str) -> Any:
    values = [values[field] for values in looks]
    return None if None in values else sum(values)


class Busy:
    """The host's share of busy time between two looks; the first one knows none."""

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None

    def share(self) -> float | None:
        import psutil

        times = psutil.cpu_times()
        # guest time is counted in user time already
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        idle = times.idle + getattr(times, "iowait", 0.0)
        before, self._before = self._before, (total, idle)
        if before is None or total <= before[0]:
            return None
        return min(max(1 - (idle - before[1]) / (total - before[0]), 0.0), 1.0)


class Mounts:
    """The mounts that are looked at. Their table is read again when the kernel says that it changed, and only then: reading it is
    half of a look at the host."""

    def __init__(self) -> None:
        self._table: TextIO | None = None
        self._known: list[str] = []

    def now(self) -> list[str]:
        """Only those of file systems on devices, and the root: one on the network could hang."""
        if self._table is None or self._has_changed(self._table):
            import psutil

            self._table = self._table or open("/proc/self/mounts", encoding="utf-8")  # noqa: SIM115 -- it tells of changes while it is open
            parts = psutil.disk_partitions(all=False)
            kinds = {"/": "rootfs"} | {part.mountpoint: part.fstype for part in parts}
            self._known = [mount for mount, kind in kinds.items() if kind not in _FULL_BY_NATURE]
        return self._known

    def _has_changed(self, table: TextIO) -> bool:
        asked = select.poll()
        asked.register(table, select.POLLPRI)
        return bool(asked.poll(0))


def _swap() -> float:
    """The share in use, as psutil has it; but psutil also reads how much is swapped in and out, for three times the work."""
    sizes = {}
    with open("/proc/meminfo", "rb") as lines:
        for line in lines:
            if line.startswith(b"Swap"):
                name, size = line.split()[:2]
                sizes[name] = int(size)
    total = sizes.get(b"SwapTotal:", 0)
    used = total - sizes.get(b"SwapFree:", 0)
    return round(100 * used / total, 1) / 100 if total else 0.0


def _disks(mounts: list[str]) -> list[Values]:
    looks = [_disk(mount) for mount in mounts if os.path.isdir(mount)]
    return [values for values in looks if values is not None]


def _disk(mount: str) -> Values | None:
    try:
        found = os.statvfs(mount)
    except OSError:  # unmounted, or not ours to see
        return None
    used = found.f_blocks - found.f_bfree
    reachable = used + found.f_bavail  # what is reserved for root is neither used nor free, as df has it
    return {
        "mount": mount,
        "usage": used / reachable if reachable else None,
        "inodes": 1 - found.f_ffree / found.f_files if found.f_files else None,
        "free": float(found.f_bavail * found.f_frsize),
        "total": float(found.f_blocks * found.f_frsize),
    }
