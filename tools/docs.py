"""`make docs`: writes the pages that are made from data: every word of the language, every finding. A test keeps them current."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from daemon.editor.textmate import grammar
from daemon.vocabulary import vocabulary
from dsl.codes import CODES, RANGES
from dsl.program import FactType
from dsl.vocabulary.facts import BUILT_IN
from dsl.vocabulary.word import ActionWord, FunctionForm, FunctionWord, ProbeWord, Word

DOCS = Path(__file__).parent.parent / "docs"
_KINDS = (("Actions", ActionWord), ("Probes", ProbeWord))


def pages() -> dict[Path, str]:
    """Every page that is made, and its text."""
    return {
        DOCS / "language" / "words.md": "\n".join(_words()) + "\n",
        DOCS / "findings.md": "\n".join(_findings()) + "\n",
        DOCS / "editors" / "vscode" / "syntaxes" / "volexd.tmLanguage.json": grammar(),
    }


def _words() -> Iterator[str]:
    yield "# The words of the rule language\n"
    yield "Made by `make docs` from the vocabulary that the checker itself uses. CAPITALS are kinds of values, `[…]` is optional,"
    yield "`a | b` a choice. What the daemon does not run yet is read and checked all the same, and then refused by name (V190)."
    known = vocabulary()
    plain = [word for word in known.words if type(word) is Word]
    for family in dict.fromkeys(inside for word in plain for inside in word.inside):
        title = "In column 1" if family == "file" else f"In `{family}`"
        yield from _section(title, [word for word in plain if family in word.inside])
    for title, kind in _KINDS:
        yield from _section(title, [word for word in known.words if isinstance(word, kind)])
    yield "\n## Facts that are always there\n"
    yield "Without `use` and without a `probe`; `for each`, `any(…)`, `count(…)` range over them.\n"
    for fact in BUILT_IN.values():
        yield from _fact(fact)
    yield "\n## Functions\n"
    yield "### Over the values of now\n"
    for function in known.functions:
        yield from _call(function.name, ", ".join(function.parameters), function)
    for over, forms in groupby(known.forms, lambda form: form.over):
        yield f"### Over {over}\n"
        for form in forms:
            yield from _call(form.name, form.shape, form)
    yield "\n## Names of values\n"
    for value in known.values:
        yield f"### `{value.name}` → {value.type}\n\n{value.doc}\n\n```\n{value.example}\n```\n"


def _fact(fact: FactType) -> Iterator[str]:
    yield f"### `{fact.name}`\n\n{fact.title}.\n\n| field | |\n|---|---|"
    for field in (*fact.keys, *fact.fields):
        yield f"| `{field.name}` | {field.type} |"
    yield ""


def _section(title: str, words: list[Word]) -> Iterator[str]:
    yield f"\n## {title}\n"
    for word in words:
        yield f"### `{word.name} {word.shape}`\n"
        yield f"{word.doc}\n\n```\n{word.example}\n```\n"


def _call(name: str, arguments: str, function: FunctionWord | FunctionForm) -> Iterator[str]:
    yield f"#### `{name}({arguments})` → {function.result}\n"
    yield f"{function.doc}\n\n```\n{function.example}\n```\n"


def _findings() -> Iterator[str]:
    yield "# Findings\n"
    yield "What `volexd --check` may say. A code keeps its meaning for ever. `volexd explain CODE` prints the page of one."
    yield "Made by `make docs` from the registry (dsl/codes.py)."
    for title in RANGES.values():
        codes = [code for code in CODES.values() if code.range == title]
        if codes:
            yield f"\n## {title}\n\n| code | | severity | what it means |\n|---|---|---|---|"
            yield from (
                f"| [{c.code}](findings/{c.code}.md) | {c.title} | {c.severity} | {c.meaning} |"
                for c in codes
            )


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
