"""What the signals of the process mean: HUP reload, TERM and INT drain and persist, USR1 say the state. PIPE is ignored."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def handled(end: Callable[[], None], reload: Callable[[], None], say: Callable[[], None]) -> Iterator[None]:
    """While inside, signals of this process call these, in the loop's thread."""
    meanings = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: reload, signal.SIGUSR1: say}
    loop = asyncio.get_running_loop()
    former = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for number, meaning in meanings.items():
        loop.add_signal_handler(number, meaning)
    try:
        yield
    finally:
        for number in meanings:
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGPIPE, former)
