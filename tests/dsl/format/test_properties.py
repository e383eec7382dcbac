"""What holds of every file, however it is written: the same after a second pass, the same tree, the same comments in the same order."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsl.blocks import cut
from dsl.format import format_source
from dsl.format.same import without_places
from dsl.parser import parse_block
from dsl.source import Source
from dsl.structure import TOKENS
from tests.dsl.format.written import files

DECLARATIONS = frozenset({"agent", "detection", "let", "test", "probe", "recovery", "fact"})
FREELY = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def formatted(text: str) -> str:
    return format_source(Source("x.rules", text), DECLARATIONS).text


def trees(text: str) -> list[object]:
    return [
        without_places(parse_block(b.text).clause) for b in cut(Source("x.rules", text), DECLARATIONS).blocks
    ]


def comments(text: str) -> list[str]:
    return [match[0].rstrip(" \t") for match in TOKENS.finditer(text) if match[0].startswith("#")]


def parses(text: str) -> bool:
    pieces = cut(Source("x.rules", text), DECLARATIONS)
    return not pieces.findings and not any(parse_block(block.text).mistakes for block in pieces.blocks)


@FREELY
@given(files())
def test_what_parses_is_formatted_and_says_the_same(text: str) -> None:
    assume(parses(text))
    done = format_source(Source("x.rules", text), DECLARATIONS)
    assert done.findings == ()
    assert trees(done.text) == trees(text)
    assert comments(done.text) == comments(text)
    assert formatted(done.text) == done.text
    assert not re.search(r"[ \t]$|\t|\n\n\n|\A\n|\n\n\Z", done.text, re.MULTILINE)
    assert done.text.endswith("\n")


@FREELY
@given(
    files(), st.integers(0, 10_000), st.sampled_from(("{", "}", "[", ")", '"', ";", "\n", "and", "#", " = "))
)
def test_what_does_not_parse_stands_as_it_stood(text: str, at: int, spoiled: str) -> None:
    at = at % (len(text) + 1)
    text = text[:at] + spoiled + text[at:]
    done = format_source(Source("x.rules", text), DECLARATIONS)
    broken = [b for b in cut(Source("x.rules", text), DECLARATIONS).blocks if parse_block(b.text).mistakes]
    assert all(block.text in done.text for block in broken)
    assert bool(done.findings) >= bool(broken)
    assert comments(done.text) == comments(text)
    assert formatted(done.text) == done.text


@FREELY
@given(st.text(st.sampled_from("ab {}[]()\"'#;:,.=-+/%01\n\t agent let"), max_size=80))
def test_whatever_it_is_given_it_comes_to_an_end(text: str) -> None:
    done = formatted(text)
    assert formatted(done) == done
