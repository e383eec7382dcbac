"""One declaration: read as a row of the file, and written."""

from __future__ import annotations

from functools import lru_cache

from dsl.format.breaking import break_row
from dsl.format.gaps import without_blank_ends
from dsl.format.layout import clause_lines
from dsl.format.lines import own_lines
from dsl.format.outline import outline
from dsl.format.rows import Row, has_name
from dsl.format.same import say_the_same
from dsl.parser import parse_block, parse_tokens
from dsl.syntax import Clause


def read_row(text: str) -> tuple[Clause, Row] | None:
    """The tree and the row of a block's text. None: it has a mistake of shape."""
    parsed = parse_tokens(text)
    if parsed is None:
        return None
    tree, tokens = parsed
    read = outline(text, tokens)
    row = Row([read.clause], read.behind, without_blank_ends(read.below, False, True))
    while break_row(row, 0, len(read.clause.head) + 1):
        pass
    return tree, row


def written(row: Row) -> str:
    return "\n".join(map(str, [*clause_lines(row, 0, 0), *own_lines(row.below, 0)]))


@lru_cache(maxsize=16384)
def canonical(text: str) -> str | None:
    """The text of a block as it is to be written, wherever it stands; editors ask again and again. None where its neighbours have a say,
    where it does not parse, or where it would say something else."""
    found = read_row(text)
    if found is None or has_name(found[1].clauses[0], 0):
        return None
    tree, row = found
    after = written(row)
    return after if after == text or says(row, tree) else None


def says(row: Row, tree: Clause) -> bool:
    """Whether what is written of a row is read as this tree. What follows the declaration is no longer part of its text then."""
    parsed = parse_block("\n".join(map(str, clause_lines(row, 0, 0))))
    return not parsed.mistakes and say_the_same(tree, parsed.clause)
