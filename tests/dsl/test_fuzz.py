"""Whatever is thrown at it: no crash, no hang, every finding inside the text, and the same again for the same text."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.render.text import as_text
from dsl.source import NotText, Source, decode

_TOUR = Path(__file__).with_name("tour.rules").read_text(encoding="utf-8")
_BLOCKS = [block for block in re.split(r"(?m)^(?=[A-Za-z_])", _TOUR) if block.strip()]
_PIECES = sorted(
    {
        *re.findall(r"\w+|[^\w\s]", _TOUR),
        "\n",
        "\n    ",
        " ",
        "not ",
        "&&",
        "\\",
        "'",
        "15",
        "a.b",
        "{{",
        "}}",
        "\t",
    }
)
_WORDS = sorted({word.name for word in vocabulary().words})

# Bounded work, not bounded time: how long an example takes depends on what else the machine does.
_settings = settings(deadline=None, max_examples=60)


def _examine(text: str) -> None:
    source = Source("x.rules", text)
    found = check([source], vocabulary())
    lines = text.split("\n")
    for finding in found.findings:
        span = finding.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
    assert (found.program is None) == any(finding.severity == "error" for finding in found.findings)
    assert as_text(found.findings, {"x.rules": source}) == as_text(
        check([source], vocabulary()).findings, {"x.rules": source}
    )


@_settings
@given(st.binary(max_size=300))
def test_bytes(data: bytes) -> None:
    with suppress(NotText):
        _examine(decode(data))


@_settings
@given(st.text(max_size=200))
def test_text(text: str) -> None:
    _examine(text)


@_settings
@given(st.lists(st.sampled_from(_PIECES), max_size=80).map(" ".join))
def test_soup_of_tokens(text: str) -> None:
    _examine(text)


_CLAUSE = st.builds(
    lambda word, values, body: f"    {word} {' '.join(values)}{body}\n",
    st.sampled_from(_WORDS),
    st.lists(st.sampled_from(_PIECES), max_size=6),
    st.sampled_from(["", "", " { }", " {", " }"]),
)
_DECLARATION = st.builds(
    lambda word, name, clauses: f"{word} {name} {{\n{''.join(clauses)}}}\n",
    st.sampled_from(_WORDS),
    st.sampled_from(["a", "b", '"t"', ""]),
    st.lists(_CLAUSE, max_size=8),
)


@_settings
@given(st.lists(_DECLARATION, max_size=3).map("".join))
def test_soup_of_clauses(text: str) -> None:
    _examine(text)


_EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 8),
    st.one_of(st.just(""), st.sampled_from(_PIECES), st.text(max_size=3)),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(_BLOCKS), min_size=1, max_size=3).map("".join), st.lists(_EDIT, max_size=5))
def test_mutated_tour(text: str, edits: list[tuple[float, int, str]]) -> None:
    for where, removed, inserted in edits:
        at = int(where * (len(text) + 1))
        text = text[:at] + inserted + text[at + removed :]
    _examine(text)
