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
    """As the rule language writes it: `0.25s`, `12s`, `3m05s`, `2h10m`, `3d4h`; a dash for None."""
    if not isinstance(seconds, int | float):
        return "–"
    if seconds < 10:
        return f"{seconds:.2g}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600}h"


def percent(fraction: object) -> str:
    return f"{fraction:.0%}" if isinstance(fraction, int | float) else "–"


def instant(text: object) -> str:
    """To the second, and without the letters between: `2026-11-22 10:28:08`."""
    return "–" if text is None else plain(text)[:19].replace("T", " ")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> str:
    """Columns whose name begins with `>` hold numbers: flush right and in one piece. Too wide a text is folded, never cut."""
    from rich.console import Console  # at first use: commands that print no table do without it
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=Text(title, style="bold"), title_justify="left", box=None, pad_edge=False)
    for name in columns:
        if name.startswith(">"):
            grid.add_column(Text(name[1:]), justify="right", no_wrap=True)
        else:
            grid.add_column(Text(name), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
