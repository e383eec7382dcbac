"""Rows to test with, and small ways of looking at a database from outside: with sqlite3, as an operator does."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from daemon.store.rows import Row

# 2026-11-22T10:00:00Z
TEN = 1795341600.0


def fault(number: int, **values: object) -> Row:
    row = {
        "rule": "agent_down",
        "subject_type": "agent",
        "subject": "vault",
        "category": "agent",
        "severity": "critical",
        "began_at": TEN - 15,
        "raised_at": TEN,
        "attempts": 0,
        "unconfirmed": False,
    }
    return Row("fault", number, row | values, durable=True)


def fact(number: int, **values: object) -> Row:
    row = {
        "type": "agent",
        "key": "vault",
        "field": "status",
        "value": '"up"',
        "from": TEN,
        "until": TEN,
        "samples": 1,
    }
    return Row("fact", number, row | values)


def asked(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def until(condition: Callable[[], bool], what: str) -> None:
    """For what another thread comes to by itself. Fails after half a minute."""
    for _ in range(3000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"never happened: {what}")
