"""What the service manager receives, on a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.service.notify import Notifier, notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A listening socket and its NOTIFY_SOCKET."""
    shown = str(tmp_path / "notify") if request.param == "path" else f"@volexd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(shown.replace("@", "\0", 1))
        listener.settimeout(10)
        yield listener, shown


def test_the_life_of_a_service(manager: tuple[socket.socket, str]) -> None:
    listener, address = manager
    told = Notifier(address)
    told.ready("watching 3 agents")
    told.reloading()
    told.ready()
    told.alive()
    told.status("1 open fault\nagent_down on vault")
    told.stopping("waiting for 1 action")
    received = [listener.recv(4096).decode() for _ in range(6)]
    reloading = received.pop(1).splitlines()
    assert reloading[0] == "RELOADING=1"
    name, _, microseconds = reloading[1].partition("=")
    assert (name, microseconds.isdigit()) == ("MONOTONIC_USEC", True)
    assert received == [
        "READY=1\nSTATUS=watching 3 agents",
        "READY=1",
        "WATCHDOG=1",
        "STATUS=1 open fault agent_down on vault",
        "STOPPING=1\nSTATUS=waiting for 1 action",
    ]


@pytest.mark.parametrize("address", [None, "", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(address: str | None) -> None:
    Notifier(address).ready("nobody hears it")


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_told_twice_as_often_as_it_looks(
    environment: dict[str, str], interval: float | None
) -> None:
    assert notifier(environment).watchdog_interval == interval
