"""What commands print: JSON documents, and text as wide as the terminal, in colour where that is wanted."""

from __future__ import annotations

import json
import os
import shutil
import sys

_WIDEST, _NARROWEST = 160, 60


def print_json(document: object) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def coloured() -> bool:
    """Only on a terminal that can, and where NO_COLOR (no-color.org) does not say otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Of the terminal; 110 where there is none."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((110, 24)).columns))


def clock(seconds: object) -> str:
    """An instant as people read it; a dash for None."""
    from datetime import UTC, datetime

    if not isinstance(seconds, (int, float)):
        return "–"
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
