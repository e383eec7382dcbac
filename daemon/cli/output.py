"""What commands print: JSON documents, and text as wide as the terminal, in colour where that is wanted."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys

_WIDEST, _NARROWEST = 160, 60


def print_json(document: object) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def print_document(text: str) -> None:
    """What a program reads, in UTF-8 whatever the locale says; a file name that is no UTF-8 is shown with a question mark."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.write(text)


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
