"""What is told of words, functions, fields and declarations: Markdown, as editors show it."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.editor.meaning import Field, fields
from daemon.editor.words import words
from dsl.program import EventType, FactType
from dsl.resolve.known import Declared
from dsl.shape import kinds_of, readable, words_of
from dsl.vocabulary.word import ActionWord, FunctionForm, FunctionWord, ProbeWord, ValueWord, Word

_MOST_LINES = 14  # of a declaration


def code(text: str) -> str:
    return f"```volexd\n{text}\n```"


def of_word(word: Word) -> str:
    body = " { … }" if word.body else ""
    parts = [code(f"{word.name} {readable(word.shape)}".strip() + body), word.doc]
    if word.required:
        parts.append("It cannot be left out.")
    if is_later(word):
        parts.append("*This version reads and checks it, and does not run it yet.*")
    if isinstance(word, ActionWord) and word.affects is None:
        parts.append("What it changes is said beside it: `affects PATH, …`.")
    if isinstance(word, (ActionWord, ProbeWord)) and word.reply:
        parts.append("Its answer: " + ", ".join(f"`{name}` {kind}" for name, kind in word.reply.items()))
    parts.append(code(word.example))
    return "\n\n".join(parts)


def is_later(word: Word) -> bool:
    """Whether no version of it runs yet; see `dsl.vocabulary.later`."""
    families = ("probe kind",) if isinstance(word, ProbeWord) else word.inside
    meant = {*words_of(word.shape), *kinds_of(word.shape)}
    for key in words().later:
        family, said = next(
            ((one, key.removeprefix(f"{one} ")) for one in families if key.startswith(f"{one} ")), ("", "")
        )
        name, _, form = said.partition(" ")
        if family and name == word.name and (not form or form in meant):
            return True
    return False


def of_forms(forms: Iterable[Word]) -> str:
    return "\n\n---\n\n".join(dict.fromkeys(map(of_word, forms)))


def functions_named(name: str) -> list[FunctionWord | FunctionForm]:
    lexicon = words()
    plain = lexicon.functions.get(name)
    return [*([plain] if plain else []), *lexicon.calls.get(name, ())]


def call_of(function: FunctionWord | FunctionForm) -> str:
    if isinstance(function, FunctionWord):
        return f"{function.name}({', '.join(function.parameters)})"
    return f"{function.name}({readable(function.shape)})"


def of_function(function: FunctionWord | FunctionForm) -> str:
    return "\n\n".join(
        (code(f"{call_of(function)} → {function.result}"), function.doc, code(function.example))
    )


def of_value(value: ValueWord) -> str:
    return "\n\n".join((code(f"{value.name}: {value.type}"), value.doc, code(value.example)))


def of_field(field: Field) -> str:
    path = ".".join((field.owner.name, *field.path))
    kind = field.field.type if len(field.path) == 1 else "any"
    where = f"A field of `{field.owner.name}`"
    return f"{code(f'{path}: {kind}')}\n\n{where}: {_title(field.owner)}"


def of_type(owner: FactType | EventType) -> str:
    keys = owner.keys if isinstance(owner, FactType) else ()
    lines = [
        f"    {'key  ' if field in keys else 'field'} {field.name}: {field.type}" for field in fields(owner)
    ]
    return code("\n".join([f"{owner.name} {{", *lines, "}"])) + f"\n\n{_title(owner)}"


def _title(owner: FactType | EventType) -> str:
    return owner.title or "A type of these rules."


def of_declaration(declared: Declared) -> str:
    """Its text, shortened, and where it stands."""
    lines = declared.block.text.split("\n")
    shown = lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "    …", "}"]
    place = f"{declared.block.source}:{declared.block.line}"
    return f"{code(chr(10).join(shown))}\n\n{place}"
