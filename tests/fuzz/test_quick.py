"""A few hundred inputs at every run, always the same; `make fuzz` tries others for as long as it is given."""

from __future__ import annotations

from random import Random

import pytest

from dsl.memory import Memory
from tests.fuzz.examine import examine, examine_bytes
from tests.fuzz.inputs import KINDS_OF_TEXT


@pytest.mark.parametrize("seed", range(12))
def test_texts(seed: int) -> None:
    random, memory = Random(seed), Memory()
    for make in KINDS_OF_TEXT * 4:
        examine(make(random), memory)


def test_bytes() -> None:
    random = Random(1)
    for make in KINDS_OF_TEXT * 10:
        data = bytearray(make(random).encode("utf-8", "surrogatepass"))
        for _ in range(random.randint(0, 3)):
            data.insert(random.randint(0, len(data)), random.randint(0, 255))
        examine_bytes(bytes(data))
