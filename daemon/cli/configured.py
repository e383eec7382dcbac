"""The configuration, for commands other than the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.failure import REFUSED_CONFIGURATION, CommandFailed

if TYPE_CHECKING:
    from daemon.config import Config


def configured(file: Path | None) -> Config:
    """Raises CommandFailed."""
    from daemon.config import ConfigRefused, load

    try:
        return load(file)
    except ConfigRefused as refusal:
        raise CommandFailed(*refusal.problems, status=REFUSED_CONFIGURATION) from None
