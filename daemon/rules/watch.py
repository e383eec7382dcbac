"""Notices that rules changed on disk. Editors write in bursts and through renames, so it waits for a short silence, and it says only
that something may have changed: whether the content did is for the loader to find out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from loguru import logger
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

QUIET = 0.1  # seconds without a change before the rules are read again


class RulesWatch(FileSystemEventHandler):
    """Calls `changed` in the loop's thread, once for a burst of changes to the rules directories."""

    def __init__(self, loop: asyncio.AbstractEventLoop, changed: Callable[[], None]) -> None:
        self._loop = loop
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self._observer = Observer()

    def start(self, directories: Sequence[Path]) -> None:
        """Directories that do not exist, or cannot be watched, are said and left out: HUP still reloads."""
        for directory in directories:
            try:
                self._observer.schedule(self, str(directory), recursive=False)
            except OSError as error:
                logger.warning("{} is not watched ({}); `volexd reload` reads it again", directory, error)
        self._observer.start()

    def stop(self) -> None:
        self._observer.stop()
        self._observer.join(timeout=2.0)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """In the observer's thread. Reading is no change: answering it would make a loop of our own reads."""
        paths = (str(event.src_path), str(event.dest_path))
        if event.event_type in _CHANGES and any(path.endswith(".rules") for path in paths):
            self._loop.call_soon_threadsafe(self._wait_for_silence)

    def _wait_for_silence(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(QUIET, self._changed)


_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})
