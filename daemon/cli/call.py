"""`volexd call NAME [FILE]`: one of the eleven calls, JSON in and JSON out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from daemon.cli import talk
from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_config, add_database, add_socket, one_of

# What each takes, by name. What takes one thing is given it with its name or without.
CALLS = {
    "create_system_automation": ("automation_type", "config"),
    "execute_intelligent_orchestration": ("automation_id",),
    "schedule_automated_task": ("task_config",),
    "get_automation_report": (),
    "create_intelligent_workflow": ("workflow_config",),
    "execute_intelligent_workflow": ("workflow_id", "context"),
    "get_intelligent_workflow_report": (),
    "initialize_system_self_healing": ("healing_config",),
    "detect_system_faults": ("healing_id",),
    "execute_automatic_recovery": ("healing_id", "faults"),
    "get_system_self_healing_report": (),
}
PATIENCE = 3700.0  # seconds; a call waits for the end of what it starts
LARGEST = 2 * 1024 * 1024  # bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=one_of(*CALLS), metavar="NAME", help=", ".join(CALLS))
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="JSON: what the call takes, by name; -: standard input"
    )
    add_socket(parser)
    add_config(parser)
    add_database(parser)
    parser.add_argument(
        "--rules", type=Path, metavar="DIR", help="without a daemon: the directory with the rules"
    )


def run(arguments: argparse.Namespace) -> int:
    """0, 1 if what was asked for did not succeed, 2 for wrong input."""
    from daemon.cli.output import print_json

    given = _given(arguments.name, arguments.file)
    alone = arguments.db is not None or arguments.rules is not None
    if alone or not _answers(arguments):
        document = _in_process(arguments, given)
    else:
        document = _asked(arguments, given)
    print_json(document)
    return 0 if document.get("success", document.get("overall_success", True)) else 1


def _given(name: str, file: str | None) -> dict[str, Any]:
    """What the call takes; nothing for the reports."""
    if not CALLS[name] and file is None:
        return {}
    try:
        given = json.loads(_text(file))
    except OSError as error:
        raise CommandFailed(f"{file}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError) as error:
        raise CommandFailed(f"{file or 'standard input'}: this is no JSON: {error}") from None
    if isinstance(given, dict):
        return given
    if len(CALLS[name]) != 1:
        takes = ", ".join(CALLS[name]) or "nothing"
        raise CommandFailed(f"{file or 'standard input'}: {name} takes a JSON object with the keys: {takes}")
    return {CALLS[name][0]: given}


def _text(file: str | None) -> str:
    if file is None or file == "-":
        return sys.stdin.buffer.read(LARGEST).decode("utf-8")
    with open(file, "rb") as opened:
        return opened.read(LARGEST).decode("utf-8")


def _answers(arguments: argparse.Namespace) -> bool:
    """Whether a daemon is there. One that was named has to be."""
    from daemon.control.client import Daemon, DaemonUnreachable

    try:
        Daemon(talk.socket_of(arguments)).get("/status")
    except DaemonUnreachable as error:
        if arguments.socket is not None:
            raise CommandFailed(str(error)) from None
        return False
    return True


def _asked(arguments: argparse.Namespace, given: dict[str, Any]) -> dict[str, Any]:
    from daemon.control.client import Daemon, DaemonUnreachable
    from daemon.control.controls import Refused

    daemon = Daemon(talk.socket_of(arguments), PATIENCE)
    try:
        document: dict[str, Any] = daemon.post(f"/call/{arguments.name}", given)
    except (DaemonUnreachable, Refused) as error:
        raise CommandFailed(str(error)) from None
    return document


def _in_process(arguments: argparse.Namespace, given: dict[str, Any]) -> dict[str, Any]:
    """A volexd of its own, for as long as the call takes."""
    from loguru import logger

    from daemon.intelligence import SystemIntelligence
    from daemon.store.errors import StoreError

    logger.remove()
    logger.add(sys.stderr, level="ERROR", format="{level}: {message}")
    try:
        with SystemIntelligence(arguments.db or ":memory:", arguments.rules) as system:
            return system.call(arguments.name, given)
    except (ValueError, StoreError) as error:
        raise CommandFailed(str(error)) from None
