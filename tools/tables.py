"""`make tables`: writes the tables by which rules are parsed, after the grammar was changed. A test keeps them current."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dsl.tables import NAME, grammar
from dsl.tabulate import tabulate

FILE = Path(__file__).parent.parent / "dsl" / NAME


def written() -> bytes:
    """What stands in the file."""
    return msgspec.json.encode(tabulate(grammar())) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(written())
