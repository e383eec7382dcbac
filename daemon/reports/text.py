"""How reports are set for people: tables as wide as the place they are read in, numbers and times as one says them."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence


def plain(value: object) -> str:
    """One line, without the control characters that a hostile message could move the reader's cursor with."""
    text = "–" if value is None else str(value)
    return "".join(" " if unicodedata.category(mark) in ("Cc", "Cf", "Cs") else mark for mark in text)


def duration(seconds: object) -> str:
    """`0.25 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`; a dash for None."""
    if not isinstance(seconds, int | float):
        return "–"
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def percent(fraction: object) -> str:
    return f"{fraction:.0%}" if isinstance(fraction, int | float) else "–"


def instant(text: object) -> str:
    """To the second, and without the letters between: `2026-11-22 10:28:08`."""
    return "–" if text is None else plain(text)[:19].replace("T", " ")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> str:
    """Columns whose name begins with `>` are set flush right. Too wide a text is folded, never cut."""
    from rich.console import Console  # at first use: commands that print no table do without it
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=Text(title, style="bold"), title_justify="left", box=None, pad_edge=False)
    for name in columns:
        grid.add_column(
            Text(name.removeprefix(">")), justify="right" if name.startswith(">") else "left", overflow="fold"
        )
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
