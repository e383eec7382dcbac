"""Whom files are trusted from: what anybody may change decides nothing here."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def anyone_may_write(path: Path) -> bool:
    """Whether everybody may change the file, or what stands in the directory. Raises OSError."""
    return bool(os.stat(path).st_mode & stat.S_IWOTH)
