"""What stands in real rules is what would have been proposed there, word by word: places, shapes and names agree with the checker."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from daemon.editor.features.completion import proposed
from daemon.editor.features.hover import of_name
from daemon.editor.meaning import aliases, declaration, target_of, type_named
from daemon.editor.names import Name, read_names
from daemon.editor.place import place_at
from daemon.editor.words import words
from daemon.rules.sources import read_rules
from daemon.vocabulary import vocabulary
from dsl.blocks import Block, cut
from dsl.check import check
from dsl.resolve.known import Known
from dsl.source import Source

ROOT = Path(__file__).parents[3]
SETS = ("rules/std", "rules/demo", "tests/dsl/tour.rules")


@cache
def blocks_of(name: str) -> tuple[tuple[Block, ...], Known]:
    rules = read_rules([ROOT / name])
    known = check(rules.sources, vocabulary(), library=rules.library).known
    assert known is not None
    declarations = words().families["file"]
    return tuple(block for source in rules.sources for block in cut(source, declarations).blocks), known


def labels(text: str, offset: int, known: Known) -> set[str]:
    place = place_at(text, offset)
    return {item.label for item in proposed(place, known, aliases(text[:offset], known))}


@pytest.mark.parametrize("name", SETS)
def test_every_clause_word_would_have_been_proposed(name: str) -> None:
    blocks, known = blocks_of(name)
    missing = [
        f"{block.source}:{block.line_of(said.clause.start)} {said.clause.word}"
        for block in blocks
        for said in read_names(block.text).said
        if said.clause.word not in labels(block.text, said.clause.start, known)
    ]
    assert missing == []


@pytest.mark.parametrize("name", SETS)
def test_every_field_would_have_been_proposed_and_is_explained(name: str) -> None:
    blocks, known = blocks_of(name)
    missing = []
    for block in blocks:
        also = aliases(block.text, known)
        for one in read_names(block.text).names:
            parts = one.name.split(".")
            if (
                one.kind != "field"
                or len(parts) != 2
                or type_named(also.get(parts[0], parts[0]), known) is None
            ):
                continue
            if parts[1] not in labels(block.text, one.start, known) or not of_name(block.text, one, known):
                missing.append(f"{block.source}:{block.line_of(one.start)} {one.name}")
    assert missing == []


@pytest.mark.parametrize("name", [*SETS, "rules/volexswarm"])
def test_every_name_leads_to_its_declaration(name: str) -> None:
    blocks, known = blocks_of(name)
    lost = [
        f"{block.source}:{block.line_of(one.start)} {one.kind} {one.name}"
        for block in blocks
        if block.word != "use"
        for one in read_names(block.text).names
        if one.kind not in ("value", "field", "function", "step", "own action", "")
        and not _is_found(one, known)
    ]
    assert lost == []


def _is_found(name: Name, known: Known) -> bool:
    target = target_of(name, known)
    if target is not None and declaration(target, known) is not None:
        return True
    return name.kind == "type" and type_named(name.name, known) is not None


def test_no_place_in_the_tour_is_without_an_answer() -> None:
    """Cut off anywhere, as a text is while it is being written."""
    blocks, known = blocks_of("tests/dsl/tour.rules")
    for block in blocks:
        for offset in range(0, len(block.text), 17):
            before = block.text[:offset]
            labels(before, offset, known)
            read_names(before or "x")


def test_names_in_texts_that_are_no_rules() -> None:
    for text in (
        "",
        "x",
        "agent",
        "agent {",
        'test "a',
        "let x = [",
        "use",
        "recovery r { on fault {",
        "a.b.c: {",
    ):
        read_names(text or "x")
        place_at(text, len(text))
        cut(Source("x", text), words().families["file"])
