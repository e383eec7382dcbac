"""Where things are when nobody says: for a service of systemd, for root, for an ordinary user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

CONFIG = Path("/etc/volexd/volexd.yaml")
SYSTEM_SOCKET = Path("/run/volexd/control.sock")
_DATABASE, _SOCKET = "volexd.db", "control.sock"


def database(environment: Mapping[str, str], uid: int) -> Path:
    """$STATE_DIRECTORY, for root /var/lib/volexd, else $XDG_STATE_HOME/volexd or ~/.local/state/volexd."""
    given = _first(environment.get("STATE_DIRECTORY"))
    if given:
        return given / _DATABASE
    if uid == 0:
        return Path("/var/lib/volexd") / _DATABASE
    home = _absolute(environment.get("XDG_STATE_HOME")) or _home(environment) / ".local/state"
    return home / "volexd" / _DATABASE


def socket(environment: Mapping[str, str], uid: int) -> Path | None:
    """$RUNTIME_DIRECTORY, for root /run/volexd, else $XDG_RUNTIME_DIR/volexd; None: no place at all."""
    given = _first(environment.get("RUNTIME_DIRECTORY"))
    if given:
        return given / _SOCKET
    if uid == 0:
        return SYSTEM_SOCKET
    runtime = _absolute(environment.get("XDG_RUNTIME_DIR"))
    return runtime / "volexd" / _SOCKET if runtime else None


def _first(directories: str | None) -> Path | None:
    """systemd separates several by colons."""
    return _absolute((directories or "").split(":")[0])


def _absolute(directory: str | None) -> Path | None:
    """The XDG specification: a relative path is to be ignored."""
    return Path(directory) if directory and os.path.isabs(directory) else None


def _home(environment: Mapping[str, str]) -> Path:
    return _absolute(environment.get("HOME")) or Path("/")
