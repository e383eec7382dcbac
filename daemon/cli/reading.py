"""How commands read the database: beside a running daemon, or without one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_config, add_database

if TYPE_CHECKING:
    from daemon.store.query import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the database is."""
    add_database(parser)
    add_config(parser)


@contextmanager
def reader(arguments: argparse.Namespace) -> Iterator[Reader]:
    """Raises CommandFailed, also for what goes wrong inside."""
    from daemon.store.errors import StoreError
    from daemon.store.query import open_reader

    try:
        with open_reader(_url(arguments)) as opened:
            yield opened
    except StoreError as error:
        raise CommandFailed(str(error)) from None


def _url(arguments: argparse.Namespace) -> str:
    if arguments.db:
        return str(arguments.db)
    from daemon.cli.configured import configured

    return configured(arguments.config).database.url
