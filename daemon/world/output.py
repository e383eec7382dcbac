"""What a child writes: a pipe of which the last bytes are kept."""

from __future__ import annotations

import asyncio
import os

_CHUNK = 65536


class Output:
    """The reading end of a pipe, watched by the loop. However much comes, at most `limit` bytes are kept: the last ones."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._reading, self.writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._reading, False)
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._reading, self._read)
        self.cut = False

    @property
    def kept(self) -> bytes:
        return bytes(self._kept)

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")

    async def end(self) -> None:
        """Waits until nobody can write any more."""
        await asyncio.shield(self._end)

    def handed_over(self) -> None:
        """The child has its copy of the writing end; ours would keep the pipe from ending."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        """Takes what is in the pipe still, and closes it. Who holds the other end does not delay this."""
        self.handed_over()
        while not self._end.done() and self._read():
            pass
        self._finish()

    def _read(self) -> bool:
        """One chunk; whether there may be more at once."""
        try:
            chunk = os.read(self._reading, _CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self._finish()
            return False
        self._kept += chunk
        if len(self._kept) > self._limit:
            del self._kept[: -self._limit]
            self.cut = True
        return True

    def _finish(self) -> None:
        if not self._end.done():
            self._loop.remove_reader(self._reading)
            os.close(self._reading)
            self._end.set_result(None)
