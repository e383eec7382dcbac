"""What may be written where the cursor is: clause words by place, fields behind a dot, values of closed sets, names, functions, actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types

from daemon.editor import proposals
from daemon.editor.expected import Expected, expected
from daemon.editor.meaning import aliases, field_of
from daemon.editor.place import Place, place_at
from daemon.editor.rule_sets import Snapshot
from daemon.editor.server import Server
from daemon.editor.words import words
from dsl.parser import parse_block
from dsl.resolve.known import Known
from dsl.syntax import Comma, Node, Word

_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_BEHIND_DOT = re.compile(rf"({_PATH})\.\w*$")
_COMPARED = re.compile(rf"({_PATH})\s*(?:==|!=|<=|>=|<|>|\bin\s*\[(?:[^\]]*,)?)\s*(\"?)\w*$")
_GIVEN = re.compile(r"\b([A-Za-z_]\w*)\s*:\s*(\"?)\w*$")
_SILENCING = re.compile(r"#[ \t]*volexd:[ \t]*allow[ \t]+(?:V\d{3},?[ \t]+)*\w*$")
_WORD = re.compile(r"\w*$")
_VALUES = frozenset(
    {
        "CONDITION",
        "VALUE",
        "DURATION",
        "SIZE",
        "NUMBER",
        "PERCENT",
        "TEXT",
        "PATH",
        "FLAG",
        "LIST",
        "COUNTING",
        "TIME",
    }
)


def register(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", '"', ":", "{", " "])
    )
    async def completion(params: types.CompletionParams) -> types.CompletionList:
        page, offset, placed = server.at(params)
        snapshot = await server.snapshot(page.uri)
        start, text = (placed.start, _text(page.text, placed.start)) if placed else (offset, "")
        line = page.text[page.text.rfind("\n", 0, offset) + 1 : offset]
        if re.fullmatch(r"\w*", line):  # column 1: a declaration begins, whatever stands before
            start, text = offset - len(line), line
        place = place_at(text, offset - start)
        if place.clause.startswith("without ") and "use" in place.families:
            items: Iterable[types.CompletionItem] = _left_out(server, snapshot, place.heads[-1])
        else:
            items = proposed(place, snapshot.known, aliases(text[: offset - start] + "\n", snapshot.known))
        return types.CompletionList(False, list({(one.label, one.kind): one for one in items}.values()))


def _text(text: str, start: int) -> str:
    """To the end of the file: a block ends before the blanks in which the next clause is being written."""
    return text[start:]


def _left_out(server: Server, snapshot: Snapshot, head: str) -> Iterable[types.CompletionItem]:
    """Of the file that is used."""
    meant = head.removeprefix("use").strip().strip("\"'")
    name = f"{meant.replace('std.', 'std/', 1)}.rules" if meant.startswith("std.") else meant
    found = (one for one in snapshot.sources if one == name or one.endswith(f"/{name}"))
    return [
        item
        for one in found
        for item in proposals.left_out(placed.block for placed in server.page_named(snapshot, one).blocks)
    ]


def proposed(place: Place, known: Known, also: dict[str, str]) -> Iterator[types.CompletionItem]:
    """`also` are other names of types there."""
    if place.inside == "comment":
        if _SILENCING.search(place.clause):
            yield from proposals.codes()
        return
    if place.inside == "expression":
        written = place.clause[place.clause.rfind("{") + 1 :]
        found = _in_value(written, place.heads, known, also)
        yield from proposals.values(known, also) if found is None else found
    elif place.begins:
        yield from proposals.clauses(place.families, known)
    else:
        yield from _in_clause(place, known, also)


def _in_clause(place: Place, known: Known, also: dict[str, str]) -> Iterator[types.CompletionItem]:
    special = _in_value(place.clause, place.heads, known, also)
    if special is None and (match := _GIVEN.search(place.clause)):
        special = _given(place.clause, match, known)
    if special is not None:
        yield from special
    elif not place.inside:
        yield from _by_shape(place, known, also)


def _in_value(
    written: str, heads: Iterable[str], known: Known, also: dict[str, str]
) -> list[types.CompletionItem] | None:
    """Behind a dot, and behind a comparison with something of a closed set. None: neither."""
    dot = _BEHIND_DOT.search(written)
    if dot:
        return list(proposals.fields_behind(tuple(dot[1].split(".")), known, also, heads))
    compared = _COMPARED.search(written)
    field = compared and field_of(tuple(compared[1].split(".")), known, also)
    if compared and field and field.field.choices:
        return list(proposals.choices(field, bool(compared[2])))
    return None


def _given(clause: str, match: re.Match[str], known: Known) -> list[types.CompletionItem] | None:
    """`given agent a status: "…"`: the values of the field of what is given."""
    for word in re.findall(r"[A-Za-z_]\w*", clause[: match.start()]):
        field = field_of((word, match[1]), known, {})
        if field and field.field.choices:
            return list(proposals.choices(field, bool(match[2])))
    return None


def _by_shape(place: Place, known: Known, also: dict[str, str]) -> Iterator[types.CompletionItem]:
    """What the shapes of the clause's word have at this place; if what stands there cannot be read, a value is being written."""
    written = _WORD.sub("", place.clause)
    parsed = parse_block(_closed(written))
    if parsed.mistakes or parsed.clause.broken:
        yield from proposals.values(known, also)
        return
    items = parsed.clause.items
    head = parsed.clause.word
    wanted = [
        one
        for form in words().forms(head, place.families)
        for one in expected(form.shape, _with_comma(items, written))
    ]
    if not wanted and not words().forms(head, place.families):
        yield from proposals.values(known, also)
    yield from proposals.words_between(
        dict.fromkeys(one.text for one in wanted if not one.kind and one.text.isalpha())
    )
    for one in dict.fromkeys(one for one in wanted if one.kind):
        yield from _of_kind(one, items, known, also)


def _closed(written: str) -> str:
    """What is being written, without the comma behind which more is to come."""
    return written.rstrip().removesuffix(",")


def _with_comma(items: tuple[Node, ...], written: str) -> tuple[Node, ...]:
    return (*items, Comma(0, 0)) if written.rstrip().endswith(",") else items


def _of_kind(
    one: Expected, items: tuple[Node, ...], known: Known, also: dict[str, str]
) -> Iterator[types.CompletionItem]:
    if one.kind.startswith("<"):
        yield from proposals.clauses((one.kind[1:-1],), known)
    elif one.kind in proposals.NAMED_BY_KIND:
        yield from proposals.declared(proposals.NAMED_BY_KIND[one.kind], known)
    elif one.kind in ("SELECTOR", "SUBJECT"):
        yield from proposals.kinds(known)
    elif one.kind == "KEY" or (one.kind == "NAME" and _is_selecting(items, known)):
        last = items[-1] if items else None
        yield from proposals.keys(last.name if isinstance(last, Word) else "", known)
    elif one.kind == "NAME" and not items:
        yield from proposals.type_names(known)
    elif one.kind in _VALUES:
        yield from proposals.values(known, also)


def _is_selecting(items: tuple[Node, ...], known: Known) -> bool:
    last = items[-1] if items else None
    return isinstance(last, Word) and (last.name in known.declared or last.name in known.types)
