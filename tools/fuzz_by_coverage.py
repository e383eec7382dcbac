"""The part of `make fuzz` that atheris drives: it changes texts so that they reach code that none has reached."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["dsl"]):
    from tests.fuzz.examine import examine_bytes


def one(data: bytes) -> None:
    """As `tools.fuzz` examines a text; libFuzzer itself watches time and memory."""
    examine_bytes(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
