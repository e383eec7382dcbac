"""What systemd is told (sd_notify). Without NOTIFY_SOCKET nobody listens, and nothing is sent."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


class Notifier:
    """Datagrams to the service manager. They are hints: one that cannot be delivered changes nothing here."""

    def __init__(self, address: str | None, watchdog_interval: float | None = None) -> None:
        self._address = None if not address else "\0" + address[1:] if address[0] == "@" else address
        self.watchdog_interval = (
            watchdog_interval  # seconds between two signs of life, None: nobody waits for any
        )

    def ready(self, status: str = "") -> None:
        self._send("READY=1", *_status(status))

    def reloading(self, status: str = "") -> None:
        """`ready` has to follow, whether the reload was applied or refused."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={microseconds}", *_status(status))

    def stopping(self, status: str = "") -> None:
        self._send("STOPPING=1", *_status(status))

    def status(self, text: str) -> None:
        """The line that `systemctl status` shows."""
        self._send(*_status(text))

    def alive(self) -> None:
        """A sign of life; call it only where the engine has just been seen to advance."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            try:
                sender.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                return  # the manager is gone or busy; it will ask by itself (WatchdogSec)


def notifier(environment: Mapping[str, str] = os.environ) -> Notifier:
    """As the service manager set the process up: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID."""
    return Notifier(environment.get("NOTIFY_SOCKET"), _watchdog_interval(environment))


def _watchdog_interval(environment: Mapping[str, str]) -> float | None:
    """Half of what the manager waits for. WATCHDOG_PID names another process if it was inherited by accident."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or not microseconds.isdigit():
        return None
    return int(microseconds) / 2_000_000 or None


def _status(text: str) -> tuple[str, ...]:
    return ("STATUS=" + " ".join(text.split()),) if text else ()
