"""A whole file: its declarations formatted, what does not parse left as it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from dsl import syntax as tree
from dsl.blocks import Block, cut
from dsl.diagnostics import Finding, Mistake, in_order
from dsl.format.declaration import canonical, read_row, says, written
from dsl.format.gaps import Gap, read_gap, without_blank_ends
from dsl.format.rows import Row, align_neighbours
from dsl.parser import parse_block
from dsl.source import Source

_CONTENT = re.compile(r"^[ \t;]*[^ \t\n#;]", re.MULTILINE)
_CANNOT = Mistake(
    "V101",
    "this declaration is left as it is: it cannot be written in another form without saying something else",
    0,
    1,
    help="write each of its clauses on a line of its own",
)


class Formatted(msgspec.Struct, frozen=True):
    """`findings` say which declarations do not parse; they stand in `text` as they stood."""

    text: str
    findings: tuple[Finding, ...]


class _Part(msgspec.Struct):
    """A declaration. `alone` is what is written of it, where that is known already, else `row`; neither where it stays as it is.
    `above` are the comments before it, None where these stay as they are too."""

    block: Block
    start: int
    alone: str | None = None
    tree: tree.Clause | None = None
    row: Row | None = None
    above: tuple[str, ...] | None = None
    between: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.block.text)


def format_source(source: Source, declarations: Collection[str]) -> Formatted:
    """`declarations` are the words that may stand in column 1. Raises nothing."""
    pieces = cut(source, declarations)
    findings = list(pieces.findings)
    broken = {finding.span.line for finding in findings}
    parts = [_Part(block, start) for block, start in _placed(source.text, pieces.blocks)]
    for part in parts:
        if not broken.intersection(range(part.block.line, part.block.line + part.block.text.count("\n") + 1)):
            findings += map(part.block.finding, _read(part))
    behind = _read_between(source.text, parts)
    for run in _runs(parts):
        align_neighbours(run, 0)
    text = "".join(_written(part, findings) for part in parts) + behind
    verbatim = parts[0].above is None if parts else _CONTENT.search(source.text)
    return Formatted(text if verbatim else text.removeprefix("\n"), in_order(findings))


def _placed(text: str, blocks: Collection[Block]) -> Iterator[tuple[Block, int]]:
    """Every block with its offset."""
    line, at = 1, 0
    for block in blocks:
        while line < block.line:
            at = text.index("\n", at) + 1
            line += 1
        yield block, at


def _read(part: _Part) -> tuple[Mistake, ...]:
    """Fills in what is to be written of a part, or says why it stays as it is."""
    part.alone = canonical(part.block.text)
    if part.alone is not None:
        return ()
    found = read_row(part.block.text)
    if found is None:
        return parse_block(part.block.text).mistakes
    part.tree, part.row = found
    return ()


# --- what stands between the declarations --------------------------------------------------------------------------------


def _read_between(text: str, parts: Sequence[_Part]) -> str:
    """Fills in what stands before each part; what stands behind the last one."""
    end, kept = 0, True
    for part in parts:
        part.between = text[end : part.start]
        if kept and not _CONTENT.search(part.between):
            lines = read_gap("\n" * (end == 0) + part.between).above
            part.above = without_blank_ends(lines, end == 0, False)
            if part.row:
                part.row.clauses[0].gap = Gap(above=part.above)
        end, kept = part.end, part.row is not None or part.alone is not None
    behind = text[end:]
    if not kept or _CONTENT.search(behind):
        return behind.rstrip("\n") + "\n"
    lines = without_blank_ends(read_gap("\n" * (end == 0) + behind + "\n").above, end == 0, True)
    return "".join(f"\n{line}" for line in lines) + "\n" * bool(parts or lines)


def _runs(parts: Iterable[_Part]) -> Iterator[list[Row]]:
    """Rows that follow each other, nothing but comments between them."""
    run: list[Row] = []
    for part in parts:
        if part.row is None or part.above is None:
            yield run
            run = []
        if part.row is not None:
            run.append(part.row)
    yield run


# --- writing ---------------------------------------------------------------------------------------------------------------


def _written(part: _Part, findings: list[Finding]) -> str:
    """The part and what stands before it."""
    before = part.between if part.above is None else "".join(f"\n{line}" for line in part.above) + "\n"
    if part.alone is not None:
        return before + part.alone
    if part.row is None or part.tree is None:
        return before + part.block.text
    text = written(part.row)
    if text != part.block.text and not says(part.row, part.tree):
        findings.append(part.block.finding(_CANNOT))
        return before + part.block.text
    return before + text
