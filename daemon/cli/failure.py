"""How a command ends that cannot do what it was asked."""

from __future__ import annotations

USAGE = 2
REFUSED_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
BROKEN_PIPE = 141  # as if SIGPIPE had ended it, as it ends other programs in a pipeline
INTERRUPTED = 130


class CommandFailed(Exception):
    """Each line is printed as `volexd: …` on standard error: the place, the reason and the way out."""

    def __init__(self, *lines: str, status: int = USAGE) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.status = status
