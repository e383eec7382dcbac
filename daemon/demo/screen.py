"""The demonstration as people see it: live on a terminal, line by line anywhere else."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from daemon.demo.story import Story

_COLOURS = {"up": "green", "starting": "cyan", "degraded": "yellow", "down": "red", "stopped": "dim"}
_LINES = 14


class Screen:
    """A context manager: while inside it is drawn. `console` is where to (standard error, when JSON goes to standard output)."""

    def __init__(self, console: Console, story: Story) -> None:
        self._console = console
        self._story = story
        self._began = time.monotonic()
        self._title = "the swarm starts"
        self._lines: deque[Text] = deque(maxlen=_LINES)
        self._live = Live(console=console, get_renderable=self.draw, refresh_per_second=8, transient=True)
        story.tell = self.say

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def say(self, style: str, line: str) -> None:
        seconds = time.monotonic() - self._began
        text = Text.assemble((f"{seconds:6.1f}s  ", "dim"), (line, style), no_wrap=True, overflow="ellipsis")
        if self._console.is_terminal:
            self._lines.append(text)
        else:
            self._console.print(text, soft_wrap=True, no_wrap=False, overflow="fold")

    def headline(self, title: str) -> None:
        self._title = title
        self.say("bold", f"▶ {title}")

    def draw(self) -> Group:
        log = Group(*self._lines) if self._lines else Text("")
        return Group(
            Panel(self._table(), title="volexd demo", subtitle=escape(self._title), border_style="blue"),
            Panel(log, title="what happens", border_style="blue", height=_LINES + 2),
        )

    def _table(self) -> Table:
        table = Table(expand=True, box=None, padding=(0, 2))
        for column in ("agent", "status", "pid", "starts", "recovery"):
            table.add_column(column, no_wrap=True)
        for name, values in self._story.agents.items():
            status = str(values.get("status") or "unknown")
            starts = str(int(values.get("restarts") or 0) + 1)
            pid = str(values.get("pid") or "–")
            table.add_row(
                name,
                Text(f"● {status}", style=_COLOURS.get(status, "dim")),
                pid,
                starts,
                self._recovery(name),
            )
        return table

    def _recovery(self, agent: str) -> Text:
        """What is being done about it now."""
        for fault in reversed(list(self._story.tables["fault"].values())):
            if fault["subject"] == agent and not fault.get("outcome"):
                return self._about(fault)
        return Text("")

    def _about(self, fault: dict[str, Any]) -> Text:
        if fault.get("inhibited_by"):
            return Text("waits for what it needs", style="yellow")
        attempts = [a for a in self._story.tables["attempt"].values() if a["fault_id"] == fault["id"]]
        if attempts and not attempts[-1].get("outcome"):
            return Text(f"{attempts[-1]['step']} …", style="cyan")
        return Text("fault raised", style="red")
