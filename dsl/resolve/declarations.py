"""What is declared: kind and name of every block, each name once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from dsl.blocks import Block
from dsl.diagnostics import Context, Finding
from dsl.files import File, Files, Parsed, declared_name
from dsl.lexicon import Lexicon
from dsl.memory import Memory
from dsl.resolve.clauses import fit
from dsl.resolve.known import Declared, Known, Sheet
from dsl.resolve.site import Site
from dsl.source import Span
from dsl.suggest import did_you_mean
from dsl.syntax import Clause, Number
from dsl.vocabulary.facts import BUILT_IN

LANGUAGE_VERSION = 1
_TYPES = ("fact", "event", "derive")
_ARTICLES = {"fact": "a fact", "event": "an event", "derive": "a derived fact"}
_MANY = 1000  # findings; after so many, another unknown declaration helps nobody


class Collected(msgspec.Struct, frozen=True):
    """Kind to name to declaration, and what is left of declarations that could not be read.

    `sheets` are the declarations file by file. `unclear` are names of fact types, `lost` names behind words that nobody knows, `nameless`
    kinds of which one has no name.
    """

    declared: dict[str, dict[str, Declared]] = msgspec.field(default_factory=dict)
    unclear: set[str] = msgspec.field(default_factory=set)
    lost: set[str] = msgspec.field(default_factory=set)
    nameless: set[str] = msgspec.field(default_factory=set)
    sheets: list[Sheet] = msgspec.field(default_factory=list)


class Head(msgspec.Struct, frozen=True, gc=False):
    """A block's name, and its declaration, None where it has no name or was reported."""

    parsed: Parsed
    name: str
    declared: Declared | None


class Heads(msgspec.Struct, frozen=True, gc=False):
    """Those of a file, where nothing in them was reported, and what they were read under.

    `rules` are the declarations by kind and name, where each has a name of its own and none is a type of facts or events.
    """

    parsed: tuple[Parsed, ...]
    without: frozenset[str]
    shadow: bool
    heads: tuple[Head, ...]
    rules: Mapping[str, Mapping[str, Declared]] | None


def collect(files: Files, lexicon: Lexicon, findings: list[Finding], memory: Memory) -> Collected:
    collected = Collected()
    for name in sorted(files.by_name):
        file = files.by_name[name]
        heads = _heads(file, lexicon, findings, memory)
        rules = heads.rules if _collect_all(heads, collected) else None
        if rules is None:
            for head in heads.heads:
                _collect(head, lexicon, findings, collected)
            rules = _collected(heads, collected)
        collected.sheets.append(Sheet(file.source.text, rules))
    for name in [name for name in memory.heads if name not in files.by_name]:
        del memory.heads[name]
    return collected


def _collect_all(heads: Heads, collected: Collected) -> bool:
    """All of a file at once, where that is the same as one after the other."""
    declared = collected.declared
    if heads.rules is None or any(
        not declared[kind].keys().isdisjoint(rules) for kind, rules in heads.rules.items() if kind in declared
    ):
        return False
    for kind, rules in heads.rules.items():
        declared.setdefault(kind, {}).update(rules)
    return True


def _collected(heads: Heads, collected: Collected) -> Mapping[str, Mapping[str, Declared]]:
    """What became of a file of which not everything could be taken."""
    found: dict[str, dict[str, Declared]] = {}
    for one in (head.declared for head in heads.heads):
        if one is not None and collected.declared.get(one.kind, {}).get(one.name) is one:
            found.setdefault(one.kind, {})[one.name] = one
    return found


def _by_kind(heads: Iterable[Head]) -> dict[str, dict[str, Declared]] | None:
    found: dict[str, dict[str, Declared]] = {}
    for head in heads:
        one = head.declared
        if one is None or not head.name or one.kind in _TYPES or head.name in found.setdefault(one.kind, {}):
            return None
        found[one.kind][head.name] = one
    return found


def _collect(head: Head, lexicon: Lexicon, findings: list[Finding], collected: Collected) -> None:
    one, name, word = head.declared, head.name, head.parsed.clause.word
    if one is not None and name:
        first = _first(collected, one)
        if first is not None or _is_built_in(one):
            _report_taken(_site(head.parsed, lexicon, findings), first, one)
        else:
            collected.declared.setdefault(one.kind, {})[name] = one
    elif not lexicon.forms(word, ("file",)):
        collected.lost.add(name)
    elif not name:
        if word != "language":  # which has none to begin with
            collected.nameless.add(word)
    elif word in _TYPES:
        collected.unclear.add(name)


def _heads(file: File, lexicon: Lexicon, findings: list[Finding], memory: Memory) -> Heads:
    former = memory.heads.get(file.source.name)
    without, shadow = frozenset(file.without), file.is_shadow
    if former is not None and (former.without, former.shadow) != (without, shadow):
        former = None
    if former is not None and former.parsed == file.parsed:
        return former
    known = {id(head.parsed): head for head in former.heads} if former else {}
    reported = len(findings)
    heads = tuple(
        known.get(id(parsed)) or _head(file, parsed, _site(parsed, lexicon, findings))
        for parsed in file.parsed
        if parsed.clause.word != "use" and declared_name(parsed.clause) not in without
    )
    found = Heads(file.parsed, without, shadow, heads, _by_kind(heads))
    if len(findings) == reported:
        memory.heads[file.source.name] = found
    else:
        memory.heads.pop(file.source.name, None)
    return found


def _head(file: File, parsed: Parsed, site: Site) -> Head:
    return Head(parsed, declared_name(parsed.clause), _declared(site, file, parsed))


def _site(parsed: Parsed, lexicon: Lexicon, findings: list[Finding]) -> Site:
    return Site(parsed.block, Known(lexicon, {}, {}), findings)


def _declared(site: Site, file: File, parsed: Parsed) -> Declared | None:
    """None for what has no name, and for what was reported."""
    clause = parsed.clause
    forms = site.known.lexicon.forms(clause.word, ("file",))
    if not forms:
        _report_unknown(site, clause)
        return None
    if clause.broken:
        return Declared(clause.word, declared_name(clause), parsed.block, clause, None, True, file.is_shadow)
    if clause.colon:
        colon = (clause.word_end, clause.word_end + 1)
        site.report("V110", f"no colon after `{clause.word}`", colon, help="take it away", replacement="")
    said = fit(site, clause, forms)
    if said is None:
        return None if not declared_name(clause) else _broken(file, parsed)
    if clause.word == "language":
        _language(site, said.match.node("version"))
        return None
    if clause.body is None and said.word.body is not None and clause.word not in ("use", "let"):
        site.report(
            "V115",
            f"this {clause.word} has no braces",
            (clause.start, clause.line_end),
            help="write `{` and what it says",
        )
        return _broken(file, parsed)
    return Declared(
        clause.word,
        declared_name(clause),
        parsed.block,
        clause,
        said.match,
        not parsed.sound and _is_broken(clause),
        file.is_shadow,
    )


def _broken(file: File, parsed: Parsed) -> Declared:
    clause = parsed.clause
    return Declared(clause.word, declared_name(clause), parsed.block, clause, None, True, file.is_shadow)


def _is_broken(clause: Clause) -> bool:
    return clause.broken or clause.incomplete or any(_is_broken(inner) for inner in clause.body or ())


def _language(site: Site, node: object) -> None:
    if isinstance(node, Number) and node.value != LANGUAGE_VERSION:
        message = f"this program knows version {LANGUAGE_VERSION} of the language"
        site.report("V117", message, node, help=f"write `language {LANGUAGE_VERSION}`")


def _report_unknown(site: Site, clause: Clause) -> None:
    if not clause.word or len(site.findings) > _MANY:
        return
    lexicon = site.known.lexicon
    names = lexicon.names(("file",))
    help_ = did_you_mean(clause.word, names)
    homes = lexicon.homes(clause.word)
    if not help_ and homes:
        help_ = f"`{clause.word}` belongs in {homes[0]}"
    elif not help_:
        help_ = f"declarations begin with {', '.join(sorted(set(names)))}"
    site.report("V202", f"no declaration begins with `{clause.word}`", site.head(clause), help=help_)


def _first(collected: Collected, one: Declared) -> Declared | None:
    """What has that name already. Facts and events are named in the same places, so that they share their names."""
    if one.kind not in _TYPES:
        return collected.declared.get(one.kind, {}).get(one.name)
    found = (collected.declared.get(kind, {}).get(one.name) for kind in _TYPES)
    return next((first for first in found if first is not None), None)


def _is_built_in(one: Declared) -> bool:
    return one.kind in _TYPES and one.name in BUILT_IN


def _report_taken(site: Site, first: Declared | None, one: Declared) -> None:
    if first is None:
        site.report(
            "V207",
            f"the fact type `{one.name}` is always there",
            name_of(one.clause),
            help="choose another name",
        )
        return
    context = (Context(span_of(first.block, first.clause), "declared here first"),)
    elsewhere = "" if first.block.source == one.block.source else f", also in {first.block.source}"
    message = (
        f"the {one.kind} `{one.name}` is declared twice{elsewhere}"
        if first.kind == one.kind
        else f"`{one.name}` is declared as {_ARTICLES[first.kind]} too{elsewhere}"
    )
    help_ = "rename one of them; what `use` brings is left out by `without`"
    site.report("V207", message, name_of(one.clause), context=context, help=help_)


def name_of(clause: Clause) -> tuple[int, int]:
    """Where the name of a declaration stands."""
    return (clause.items[0].start, clause.items[0].end) if clause.items else (clause.start, clause.word_end)


def span_of(block: Block, clause: Clause) -> Span:
    return block.span(*name_of(clause))
