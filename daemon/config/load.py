"""From the command line, the file and the surroundings to the one configuration of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from daemon.config import places
from daemon.config.file import read_config
from daemon.config.keys import Config


def load(
    file: Path | None,
    *,
    rules: Path | None = None,
    database: str | None = None,
    socket: Path | None = None,
    log_format: str | None = None,
    environment: Mapping[str, str] = os.environ,
    uid: int | None = None,
) -> Config:
    """The configuration: what is given here, over the file, over the defaults.

    Without `file` it is /etc/volexd/volexd.yaml if there is one. `database.url` is settled; `socket.path` is None only
    where there is no place for it. Raises ConfigRefused.
    """
    config = _read(file)
    uid = os.geteuid() if uid is None else uid
    url = database or config.database.url or str(places.database(environment, uid))
    place = socket or (
        Path(environment["VOLEXD_SOCKET"]) if environment.get("VOLEXD_SOCKET") else config.socket.path
    )
    return replace(
        config,
        rules=(rules.absolute(),) if rules else config.rules,
        database=replace(config.database, url=url),
        socket=replace(config.socket, path=place.absolute() if place else places.socket(environment, uid)),
        logs=replace(config.logs, format=log_format or config.logs.format),
    )


def for_directory(directory: Path, *, rules: Path, database: str) -> Config:
    """The configuration of a volexd that touches nothing outside of one directory, whatever the machine is set up for."""
    default = Config()
    return replace(
        default,
        rules=(rules,),
        database=replace(default.database, url=database),
        socket=replace(default.socket, path=directory / "control.sock"),
    )


def _read(file: Path | None) -> Config:
    if file is not None:
        return read_config(file)
    return read_config(places.CONFIG) if places.CONFIG.exists() else Config()
