"""What a suite leaves behind: one JSON, and its table (Markdown) and plot (SVG) made from it."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

DIRECTORY = Path(__file__).parent / "results"
PACKAGES = ("durable-rules", "clipspy", "drools_jpy", "lark", "msgspec", "sqlmodel")


@dataclass(frozen=True)
class Goal:
    """`holds` is None where it could not be measured; `reason` says why."""

    name: str
    value: float | None
    goal: str
    holds: bool | None
    reason: str = ""


def at_least(name: str, value: float | None, bound: float) -> Goal:
    return Goal(name, value, f">= {bound}", None if value is None else value >= bound)


def at_most(name: str, value: float | None, bound: float) -> Goal:
    return Goal(name, value, f"<= {bound}", None if value is None else value <= bound)


def unmeasured(name: str, goal: str, reason: str) -> Goal:
    return Goal(name, None, goal, None, reason)


@dataclass(frozen=True)
class Row:
    """One line of the table: who, at what, the median, and every run's figure."""

    who: str
    what: str
    median: float | None
    unit: str
    runs: list[float] = field(default_factory=list)
    note: str = ""


def row(who: str, what: str, unit: str, runs: Sequence[float], note: str = "") -> Row:
    return Row(who, what, statistics.median(runs) if runs else None, unit, list(runs), note)


def machine() -> dict[str, object]:
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": _model(),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def publish(
    suite: str,
    rows: Sequence[Row],
    goals: Sequence[Goal],
    more: Mapping[str, Any] | None = None,
    plots: Mapping[str, str] | None = None,
) -> None:
    """Writes SUITE.json, SUITE.md, SUITE.svg and, of further plots, SUITE-NAME.svg, and prints the table."""
    DIRECTORY.mkdir(exist_ok=True)
    found = {
        "suite": suite,
        "machine": machine(),
        "rows": [asdict(one) for one in rows],
        "goals": [asdict(goal) for goal in goals],
        **(more or {}),
    }
    table = markdown(rows, goals)
    (DIRECTORY / f"{suite}.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    (DIRECTORY / f"{suite}.md").write_text(table, encoding="utf-8")
    (DIRECTORY / f"{suite}.svg").write_text(plot(rows), encoding="utf-8")
    for name, drawn in (plots or {}).items():
        (DIRECTORY / f"{suite}-{name}.svg").write_text(drawn, encoding="utf-8")
    print(table)


def markdown(rows: Sequence[Row], goals: Sequence[Goal]) -> str:
    lines = ["| | | median | runs |", "|---|---|---|---|"]
    for one in rows:
        runs = " ".join(_figure(run) for run in one.runs)
        lines.append(f"| {one.what} | {one.who} | {_median(one)} | {runs} |")
    lines += ["", "| goal | value | wanted | holds |", "|---|---|---|---|"]
    for goal in goals:
        holds = {True: "yes", False: "no", None: f"not measured: {goal.reason}"}[goal.holds]
        value = "" if goal.value is None else _figure(goal.value)
        lines.append(f"| {goal.name} | {value} | {goal.goal} | {holds} |")
    return "\n".join(lines) + "\n"


def _median(one: Row) -> str:
    return one.note if one.median is None else f"{_figure(one.median)} {one.unit}"


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


_BAR, _LEFT, _WIDTH = 18, 300, 420
_COLOURS = {"volexd": "#2563eb"}


def plot(rows: Sequence[Row]) -> str:
    """Bars of the medians, scaled within each workload: shorter is less."""
    height = _BAR * (len(rows) + 1)
    size = f'width="{_LEFT + _WIDTH + 120}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">']
    for number, one in enumerate(rows):
        parts += _bar(one, number * _BAR + 4, max((o.median or 0.0) for o in rows if o.what == one.what))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(one: Row, top: int, longest: float) -> list[str]:
    length = 0.0 if one.median is None or not longest else one.median / longest * _WIDTH
    colour = _COLOURS.get(one.who.split()[0], "#9ca3af")
    return [
        f'<text x="{_LEFT - 8}" y="{top + 11}" text-anchor="end">{one.what}, {one.who}</text>',
        f'<rect x="{_LEFT}" y="{top}" width="{length:.1f}" height="{_BAR - 5}" fill="{colour}"/>',
        f'<text x="{_LEFT + length + 5:.1f}" y="{top + 11}">{_median(one)}</text>',
    ]
