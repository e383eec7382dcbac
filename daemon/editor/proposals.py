"""What completion proposes: one function for each sort of thing that may stand at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lsprotocol.types import CompletionItem, CompletionItemKind, InsertTextFormat, MarkupContent, MarkupKind

from daemon.editor import wording
from daemon.editor.meaning import Field, fields, type_named
from daemon.editor.names import DECLARED_BY, TYPES
from daemon.editor.words import words
from dsl.blocks import Block
from dsl.codes import CODES
from dsl.files import declared_name
from dsl.lexicon import Families
from dsl.parser import parse_block
from dsl.program import EventType, FactField, FactType
from dsl.resolve.known import Declared, Known
from dsl.shape import readable
from dsl.vocabulary.word import ActionWord, FunctionForm, FunctionWord, Word


def _documented(text: str) -> MarkupContent:
    return MarkupContent(MarkupKind.Markdown, text)


def _item(
    label: str, kind: CompletionItemKind, detail: str = "", doc: str = "", order: str = "5"
) -> CompletionItem:
    return CompletionItem(
        label,
        kind=kind,
        detail=detail or None,
        documentation=_documented(doc) if doc else None,
        sort_text=f"{order}{label}",
    )


# --- clauses --------------------------------------------------------------------------------------------------------------


def clauses(families: Families, known: Known) -> Iterator[CompletionItem]:
    """Words that may begin a clause here; those that this version does not run come last."""
    lexicon = words()
    for family in lexicon.members(families):
        for name, forms in lexicon.families.get(family, {}).items():
            yield _clause(name, forms)
    if "action" in lexicon.members(families):
        for name, by_agent in known.own_actions.items():
            agents = ", ".join(by_agent)
            item = _item(name, CompletionItemKind.Method, f"an action of {agents}", order="4")
            item.insert_text = f"{name} "
            yield item


def _clause(name: str, forms: tuple[Word, ...]) -> CompletionItem:
    first = forms[0]
    kind = CompletionItemKind.Function if isinstance(first, ActionWord) else CompletionItemKind.Keyword
    order = "9" if all(map(wording.is_later, forms)) else "2" if first.required else "3"
    item = _item(name, kind, readable(first.shape), wording.of_forms(forms), order)
    item.insert_text_format = InsertTextFormat.Snippet
    item.insert_text = _snippet(first)
    return item


_HOLDERS = {
    "NAME": "name",
    "TITLE": "title",
    "TEXT": "text",
    "SIGNATURE": "name",
    "CONDITION": "condition",
    "DURATION": "1m",
    "URL": "url",
}


def _snippet(word: Word) -> str:
    """The word, and for what has braces also these, with places to go through."""
    if word.body is None or word.name in ("use", "exec", "http"):
        return f"{word.name} " if word.shape else word.name
    named = re.match(r"(?:[a-z_]+:)?(NAME|TITLE|SIGNATURE)\b", word.shape)
    if not named:
        return f"{word.name} {{ $0 }}" if not word.shape else f"{word.name} "
    holder = f'"${{1:{_HOLDERS[named[1]]}}}"' if named[1] == "TITLE" else f"${{1:{_HOLDERS[named[1]]}}}"
    return f"{word.name} {holder} {{\n    $0\n}}"


# --- names ------------------------------------------------------------------------------------------------------------------


def declared(kind: str, known: Known) -> Iterator[CompletionItem]:
    """The names of declarations of one kind; "type" is every fact and event type."""
    if kind == "type":
        yield from type_names(known)
        return
    for name, one in known.of(kind).items():
        yield _declared(name, one)


def _declared(name: str, one: Declared) -> CompletionItem:
    return _item(name, CompletionItemKind.Reference, one.kind, wording.of_declaration(one), "1")


def type_names(known: Known) -> Iterator[CompletionItem]:
    owners: list[FactType | EventType] = [*known.types.values(), *known.events.values()]
    for owner in owners:
        order = "2" if isinstance(owner, FactType) and owner.builtin else "1"
        yield _item(owner.name, CompletionItemKind.Class, owner.title, wording.of_type(owner), order)


def left_out(blocks: Iterable[Block]) -> Iterator[CompletionItem]:
    """For `without`: the names of what a file declares."""
    for block in blocks:
        name = declared_name(parse_block(block.text).clause)
        if name and block.word not in ("use", "test"):
            yield _item(name, CompletionItemKind.Reference, block.word, wording.code(block.text), "1")


def keys(kind: str, known: Known) -> Iterator[CompletionItem]:
    """Behind a kind of thing: which one."""
    yield from declared("detection" if kind == "fault" else kind, known)


def kinds(known: Known) -> Iterator[CompletionItem]:
    """What a selector may begin with."""
    yield from type_names(known)


# --- values -----------------------------------------------------------------------------------------------------------------


def values(known: Known, also: Mapping[str, str]) -> Iterator[CompletionItem]:
    """What a condition or a value may begin with."""
    yield from type_names(known)
    for alias, owner in also.items():
        yield _item(alias, CompletionItemKind.Variable, f"a {owner}", order="0")
    for name, one in known.of("let").items():
        yield _item(
            name, CompletionItemKind.Constant, one.block.text.partition("=")[2].strip()[:60], order="1"
        )
    for value in words().values.values():
        yield _item(value.name, CompletionItemKind.Constant, value.type, wording.of_value(value))
    yield from _functions()
    for word in ("true", "false", "not"):
        yield _item(word, CompletionItemKind.Keyword, order="7")


def _functions() -> Iterator[CompletionItem]:
    lexicon = words()
    for name in dict.fromkeys((*lexicon.functions, *lexicon.calls)):
        found = wording.functions_named(name)
        item = _item(name, CompletionItemKind.Function, wording.call_of(found[0]), _documents(found), "6")
        item.insert_text = f"{name}($0)"
        item.insert_text_format = InsertTextFormat.Snippet
        yield item


def _documents(found: Iterable[FunctionWord | FunctionForm]) -> str:
    return "\n\n---\n\n".join(map(wording.of_function, found))


def words_between(names: Iterable[str]) -> Iterator[CompletionItem]:
    """Words of a clause that stand for themselves."""
    return (_item(name, CompletionItemKind.Keyword, order="0") for name in names)


def codes() -> Iterator[CompletionItem]:
    """Of findings that a comment may silence."""
    for one in CODES.values():
        if one.severity != "error":
            yield _item(one.code, CompletionItemKind.Constant, one.title, one.meaning)


# --- fields ---------------------------------------------------------------------------------------------------------------


def fields_behind(
    path: tuple[str, ...], known: Known, also: Mapping[str, str], heads: Iterable[str]
) -> Iterator[CompletionItem]:
    """Behind the dot of a path. `heads` say what is asked there, for what it may answer."""
    owner = type_named(also.get(path[0], path[0]), known)
    if owner is None:
        yield from _replies(path, heads)
    elif len(path) == 1:
        yield from (_field(owner, field) for field in fields(owner))
    elif path[1:] == ("labels",):
        yield from (_item(label, CompletionItemKind.Field, "a label") for label in sorted(known.labels))


def _field(owner: FactType | EventType, field: FactField) -> CompletionItem:
    doc = wording.of_field(Field(owner, (field.name,), field))
    return _item(field.name, CompletionItemKind.Field, field.type, doc)


def _replies(path: tuple[str, ...], heads: Iterable[str]) -> Iterator[CompletionItem]:
    """`reply.` and `answer.`: what the probe or action around it may answer; any, if it is not said there."""
    if path not in (("reply",), ("answer",)):
        return
    lexicon = words()
    answering: dict[str, Mapping[str, str]] = {name: word.reply for name, word in lexicon.actions.items()}
    answering |= {name: word.reply for name, word in lexicon.probes.items()}
    said = {word for head in heads for word in head.split()[:2] if word in answering}
    found: dict[str, str] = {}
    for name in said or answering:
        found = {**answering[name], **found}
    yield from (_item(name, CompletionItemKind.Field, kind) for name, kind in found.items())


def choices(field: Field, quoted: bool) -> Iterator[CompletionItem]:
    """The values of a closed set, in its order; `quoted`: a quote stands there already."""
    for number, choice in enumerate(field.field.choices):
        item = _item(choice, CompletionItemKind.EnumMember, order=f"0{number:02}")
        item.insert_text = choice if quoted else f'"{choice}"'
        item.filter_text = item.insert_text
        yield item


NAMED_BY_KIND = {kind: declaration for kind, declaration in DECLARED_BY.items() if declaration not in TYPES}
