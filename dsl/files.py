"""Which files there are: those that were given, and those they `use`, read through a library that is passed in."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from dsl.blocks import Block, cut
from dsl.circle import around, circles
from dsl.diagnostics import Finding, severity_of
from dsl.lexicon import Lexicon
from dsl.memory import Memory
from dsl.moulds import Moulds
from dsl.parser import head_only, parse_block
from dsl.resolve.clauses import fit, read_body, unknown
from dsl.resolve.known import Known
from dsl.resolve.site import Site
from dsl.source import Source, Span
from dsl.syntax import Call, Clause, Node, Path, Raw, Text, Word

MOST_BLOCKS = 50_000  # in one file; each takes some kilobytes, however short it is


class Library(Protocol):
    """Finds what `use` names: `std.NAME`, or a path inside the rules directory (`web/common.rules`)."""

    def read(self, name: str) -> Source | None:
        """None: there is no such file, or it is outside the directory."""


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A block and its tree. `sound`: it has no mistake of shape."""

    block: Block
    clause: Clause
    sound: bool = True


class File(msgspec.Struct, frozen=True):
    """A file that was read, and what other files say of it where they use it. `digest` is that of its blocks."""

    source: Source
    parsed: tuple[Parsed, ...]
    digest: str
    without: dict[str, tuple[Site, Node]] = msgspec.field(default_factory=dict)
    shadow: list[bool] = msgspec.field(
        default_factory=list
    )  # one entry for each `use`; given files have none

    @property
    def is_shadow(self) -> bool:
        return bool(self.shadow) and all(self.shadow)


class Files(msgspec.Struct, frozen=True):
    """All files by name, in the order in which they were met."""

    by_name: Mapping[str, File]
    findings: tuple[Finding, ...]


class FileRead(msgspec.Struct, frozen=True, gc=False):
    """What became of one text: its blocks, and what is wrong with their shape. It holds for every place where the file is used. `uses` are
    the blocks that use others."""

    source: Source
    parsed: tuple[Parsed, ...]
    uses: tuple[Parsed, ...]
    findings: tuple[Finding, ...]
    digest: str


class _Reading(msgspec.Struct):
    lexicon: Lexicon
    library: Library | None
    memory: Memory
    files: dict[str, File] = msgspec.field(default_factory=dict)
    names: dict[str, str] = msgspec.field(default_factory=dict)  # as `use` says it to the file's own name
    findings: list[Finding] = msgspec.field(default_factory=list)
    waiting: list[File] = msgspec.field(default_factory=list)
    uses: dict[str, dict[str, tuple[Site, Node]]] = msgspec.field(
        default_factory=dict
    )  # file to file, and where


def read_files(sources: Iterable[Source], lexicon: Lexicon, library: Library | None, memory: Memory) -> Files:
    """Parses everything that is not in the memory; whatever is wrong becomes a finding."""
    reading = _Reading(lexicon, library, memory)
    for source in sources:
        if source.name not in reading.files:
            reading.waiting.append(_add(reading, source))
    while reading.waiting:
        for parsed in reading.memory.files[reading.waiting.pop(0).source.name].uses:
            _use(reading, parsed)
    _check_circles(reading.uses)
    _check_without(reading)
    for name in [name for name in memory.files if name not in reading.files]:
        del memory.files[name]
    return Files(reading.files, tuple(reading.findings))


def _add(reading: _Reading, source: Source) -> File:
    former = reading.memory.files.get(source.name)
    if former is not None and former.source == source:
        read = former
    else:
        read = reading.memory.files[source.name] = _read(reading, source, former)
    reading.findings.extend(read.findings)
    reading.files[source.name] = File(source, read.parsed, read.digest)
    return reading.files[source.name]


def _read(reading: _Reading, source: Source, former: FileRead | None) -> FileRead:
    """A block that stood in the file before is not parsed again, wherever in it it stands now."""
    declarations = reading.lexicon.families.get("file", {})
    pieces = cut(source, declarations)
    findings = list(pieces.findings)
    known = {one.block.text: one for one in former.parsed if one.sound} if former else {}
    if len(pieces.blocks) > MOST_BLOCKS:
        findings.append(_too_many(pieces.blocks))
    moulds = reading.memory.moulds
    parsed = tuple(
        [_parsed(block, declarations, known, moulds, findings) for block in pieces.blocks[:MOST_BLOCKS]]
    )
    if not parsed and not pieces.findings:
        findings.append(_nothing(source))
    uses = tuple([one for one in parsed if one.clause.word == "use" and not one.clause.broken])
    return FileRead(source, parsed, uses, tuple(findings), _digest(parsed))


def _too_many(blocks: Sequence[Block]) -> Finding:
    message = f"there are {len(blocks)} declarations in this file; {MOST_BLOCKS} is the most for one"
    span = blocks[MOST_BLOCKS].span(0, len(blocks[MOST_BLOCKS].word))
    help_ = "divide it into several files; from here on it was not read"
    return Finding("V106", severity_of("V106"), message, span, help=help_)


def _digest(parsed: Iterable[Parsed]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for one in parsed:
        digest.update(one.block.digest.encode())
    return digest.hexdigest()


def _parsed(
    block: Block, declarations: Container[str], known: Mapping[str, Parsed], moulds: Moulds,
    findings: list[Finding],
) -> Parsed:  # fmt: skip
    if block.word not in declarations:  # there is nothing to hold its clauses against
        return Parsed(block, head_only(block.text), sound=False)
    before = known.get(block.text)
    if before is not None:
        return before if before.block == block else Parsed(block, before.clause)
    tree = parse_block(block.text, moulds)
    findings.extend(block.finding(mistake) for mistake in tree.mistakes)
    return Parsed(block, tree.clause, sound=not tree.mistakes)


def _add_used(reading: _Reading, source: Source) -> File:
    """Without its tests: they prove it where it comes from, and here other rules stand around it, or some are left out."""
    file = _add(reading, source)
    kept = tuple(parsed for parsed in file.parsed if parsed.clause.word != "test")
    reading.files[source.name] = used = replace(file, parsed=kept)
    return used


def _nothing(source: Source) -> Finding:
    what = "the file is empty" if not source.text.strip() else "there are only comments in the file"
    return Finding("V401", severity_of("V401"), f"{what}: nothing is declared", Span(source.name, 1, 1, 1, 1))


# --- use ----------------------------------------------------------------------------------------------------------------


def _use(reading: _Reading, parsed: Parsed) -> None:
    site = Site(parsed.block, Known(reading.lexicon, {}, {}), reading.findings)
    said = fit(site, parsed.clause, reading.lexicon.forms("use", ("file",)))
    if said is None:
        return
    body = read_body(site, parsed.clause, ("use",))
    node = said.match.node("file")
    file = None if node is None else _found(reading, site, node)
    if file is None or node is None:
        return
    reading.uses.setdefault(parsed.block.source, {}).setdefault(file.source.name, (site, node))
    file.shadow.append(body.has("shadow"))
    for one in body.all("without"):
        for name in one.match.nodes("names"):
            if isinstance(name, Word):
                file.without[name.name] = (site, name)


def _found(reading: _Reading, site: Site, node: Node) -> File | None:
    name = _said(node)
    if isinstance(node, (Text, Raw)) and _leaves(name):
        help_ = "a file is named by its path inside the rules directory"
        site.report("V210", f'"{name}" leads out of the rules directory', node, help=help_)
        return None
    known = reading.names.get(name)
    if known is None:
        source = reading.library.read(name) if reading.library else None
        if source is None:
            help_ = "standard rules are `std.NAME`, others a path inside the rules directory in quotes; no link leads out of it"
            site.report("V210", f"there is no file `{name}`", node, help=help_)
            return None
        known = reading.names[name] = source.name
        if known not in reading.files:
            reading.waiting.append(_add_used(reading, source))
    return reading.files[known]


def _check_circles(uses: Mapping[str, Mapping[str, tuple[Site, Node]]]) -> None:
    for found in circles(uses)[0]:
        site, node = uses[found[-1]][found[0]]
        site.report("V211", "these files use each other", node, label=around(found, " uses "))


def _said(node: Node) -> str:
    match node:
        case Text():
            return node.raw
        case Raw():
            return node.text
        case Path():
            return ".".join(map(str, node.parts))
        case _:
            return node.name if isinstance(node, Word) else ""


def _leaves(name: str) -> bool:
    return name.startswith(("/", "~")) or ".." in name.split("/") or "\\" in name or not name


def _check_without(reading: _Reading) -> None:
    """What a `without` names has to be there."""
    for file in reading.files.values():
        if not file.without:
            continue
        names = [declared_name(parsed.clause) for parsed in file.parsed]
        for name, (site, node) in file.without.items():
            if name not in names:
                unknown(site, "V206", f"{file.source.name} declares no `{name}`", name, node, names)


def declared_name(clause: Clause) -> str:
    """The name after a declaration's word; a test's is its text."""
    first = clause.items[0] if clause.items else None
    if isinstance(first, Word) or (isinstance(first, Call) and clause.word == "workflow"):
        return first.name
    return _said(first) if clause.word == "test" and isinstance(first, (Text, Raw)) else ""
