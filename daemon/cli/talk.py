"""How commands reach the running daemon."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_config, add_socket


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the daemon is."""
    add_socket(parser)
    add_config(parser)


def get(arguments: argparse.Namespace, path: str) -> Any:
    """The daemon's answer. Raises CommandFailed."""
    return _ask(arguments, path, None)


def post(arguments: argparse.Namespace, path: str, body: Mapping[str, object]) -> Any:
    """Raises CommandFailed."""
    return _ask(arguments, path, body)


def _ask(arguments: argparse.Namespace, path: str, body: Mapping[str, object] | None) -> Any:
    from daemon.control.client import Daemon, DaemonUnreachable
    from daemon.control.controls import Refused

    daemon = Daemon(socket_of(arguments))
    try:
        return daemon.get(path) if body is None else daemon.post(path, body)
    except (DaemonUnreachable, Refused) as error:
        raise CommandFailed(str(error)) from None


def socket_of(arguments: argparse.Namespace) -> Path | None:
    """Where the daemon listens; an ordinary user who runs none of their own means the one of the system."""
    given = arguments.socket or os.environ.get("VOLEXD_SOCKET")
    if given:
        return Path(given)  # without the configuration: its YAML would take longer than the answer
    from daemon.cli.configured import configured
    from daemon.config.places import SYSTEM_SOCKET

    path = configured(arguments.config).socket.path
    return SYSTEM_SOCKET if (path is None or not path.exists()) and SYSTEM_SOCKET.exists() else path
