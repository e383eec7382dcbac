"""A few hundred things that a source may say, always the same; `make fuzz` tries others."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.said import KINDS_OF_SAID, Taker


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_source_says(seed: int) -> None:
    random, taker = Random(seed), Taker()
    for make in KINDS_OF_SAID * 25:
        taker.examine(make(random))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" + b"{}," * 5_000 + b"{}]",
        b'[{"name": "' + b"x" * 1_000_000 + b'"}]',
        b'{"' + b"x" * 1_000_000 + b'": {"depth": 1}}',
        b'[{"name": "a", "raw": ' + b"[" * 900 + b"]" * 900 + b"}]",
        b'[{"name": "a", "depth": ' + b"9" * 100_000 + b"}]",
        b'load{host="' + b"x" * 1_000_000 + b'"} 1\n',
        b"load " + b"9" * 100_000 + b"\n",
        b"load{" * 10_000,
    ],
    ids=lambda data: data[:12].decode(),
)
def test_what_was_made_to_hurt(data: bytes) -> None:
    Taker().examine(data)
