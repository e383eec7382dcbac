"""Where the log goes and how it looks: for people on a terminal, with priorities under the journal, one JSON document a line on request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from loguru import Message, Record

# What the journal makes of a line that begins with it: man 3 sd-daemon.
_PRIORITIES = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "SUCCESS": 5, "INFO": 6, "DEBUG": 7, "TRACE": 7}


def configure(
    level: str, form: str, stream: TextIO | None = None, environment: Mapping[str, str] = os.environ
) -> None:
    """`level` and `form` as the configuration has them (logs.level, logs.format). Everything goes to standard error."""
    from loguru import logger

    stream = stream or sys.stderr
    write = _writer(form, stream, environment)
    logger.remove()
    # Without diagnose: values of variables in a traceback could be secrets.
    logger.add(
        write, level=level.upper(), format=_traceback_only, colorize=False, diagnose=False, backtrace=False
    )


def _writer(form: str, stream: TextIO, environment: Mapping[str, str]) -> Callable[[Message], None]:
    shown = _shape(form, stream, environment)

    def write(message: Message) -> None:
        try:
            stream.write(shown(message.record, str(message).strip()) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return  # nobody reads the log any more; what volexd is for goes on

    return write


def _shape(form: str, stream: TextIO, environment: Mapping[str, str]) -> Callable[[Record, str], str]:
    if form == "json":
        return _as_json
    if _is_journal(stream, environment):
        return _for_journal
    coloured = stream.isatty() and not environment.get("NO_COLOR")
    return _in_colour if coloured else _plain


def _is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether this very stream leads to the journal: a child of a service that writes elsewhere has the variable too."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _traceback_only(_: Record) -> str:
    """What loguru itself formats; the rest is ours."""
    return "{exception}"


def _plain(record: Record, traceback: str) -> str:
    text = f"{record['time']:YYYY-MM-DD HH:mm:ss.SSS} {record['level'].name.lower():8} {record['message']}{_fields(record)}"
    return f"{text}\n{traceback}" if traceback else text


def _in_colour(record: Record, traceback: str) -> str:
    colour = {"ERROR": "31", "CRITICAL": "31", "WARNING": "33", "DEBUG": "2"}.get(record["level"].name)
    plain = _plain(record, traceback)
    return f"\033[{colour}m{plain}\033[0m" if colour else plain


def _for_journal(record: Record, traceback: str) -> str:
    """The journal has the time; every line bears its priority."""
    priority = _PRIORITIES.get(record["level"].name, 6)
    text = "\n".join(filter(None, (f"{record['message']}{_fields(record)}", traceback)))
    return "\n".join(f"<{priority}>{line}" for line in text.splitlines() or [""])


def _as_json(record: Record, traceback: str) -> str:
    document = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name.lower(),
        "message": record["message"],
        **({"traceback": traceback} if traceback else {}),
        **record["extra"],
    }
    return json.dumps(document, ensure_ascii=False, default=str)


def _fields(record: Record) -> str:
    """What was bound to the line: rule, fault, agent."""
    return "".join(f" {name}={value}" for name, value in record["extra"].items())
