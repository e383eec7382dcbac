"""The pages of the language reference that are made from the vocabulary, the grammar and the list of what is not run yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from daemon.vocabulary import vocabulary
from dsl.lexicon import Lexicon, lexicon, noun
from dsl.program import FactType
from dsl.shape import kinds_of, words_of
from dsl.vocabulary.facts import BUILT_IN
from dsl.vocabulary.word import ActionWord, FunctionForm, FunctionWord, ProbeWord, Word

_GRAMMAR = Path(__file__).parent.parent / "dsl" / "grammar.lark"
_MADE = "Made by `make docs` from the vocabulary that the checker itself uses."
_NOTATION = "CAPITALS are kinds of values, `name:` before one is its label, `[…]` is optional, `a | b` a choice, `…` a list with commas."
_NOT_RUN = "*Not run yet*: read and checked, and then refused by name ([V190](../findings/V190.md))."
_HERE = {"step action": "a step", "action": "wherever actions stand"}
_MANY = 3  # a word of at least so many kinds of braces is told once, and not in each of them


def pages() -> dict[str, str]:
    """The name of every page that is made, and its text."""
    made = {
        "clauses.md": _clauses(),
        "actions.md": _of_kind("Actions", _ACTIONS, ActionWord),
        "probes.md": _of_kind("Probes", _PROBES, ProbeWord),
        "functions.md": _functions(),
        "known-facts.md": _facts(),
        "not-run-yet.md": _not_run_yet(),
        "grammar.md": _grammar(),
    }
    return {name: "\n".join(lines).rstrip("\n") + "\n" for name, lines in made.items()}


# --- clauses ----------------------------------------------------------------------------------------------------------


def _clauses() -> Iterator[str]:
    yield f"# Every clause\n\n{_MADE} {_NOTATION}"
    yield "[Actions](actions.md), [probes](probes.md) and [functions](functions.md) have pages of their own."
    plain = [word for word in vocabulary().words if type(word) is Word]
    shared = [word for word in plain if len(word.inside) >= _MANY]
    yield "\n## In several declarations\n"
    for word in shared:
        yield from _word(word, "Stands in: " + ", ".join(noun(family) for family in word.inside) + ".")
    for family in dict.fromkeys(inside for word in plain for inside in word.inside):
        own = [word for word in plain if family in word.inside and word not in shared]
        more = dict.fromkeys(word.name for word in shared if family in word.inside)
        yield "\n## In column 1\n" if family == "file" else f"\n## In `{family}`\n"
        if more:
            yield "Also, from *In several declarations*: " + ", ".join(f"`{name}`" for name in more) + ".\n"
        for word in own:
            yield from _word(word)


def _word(word: Word, where: str = "") -> Iterator[str]:
    yield f"### `{f'{word.name} {word.shape}'.strip()}`\n"
    yield word.doc + "\n"
    if where:
        yield where + "\n"
    if not_run(word):
        yield not_run(word) + "\n"
    yield f"```\n{word.example}\n```\n"


_ACTIONS = (
    "What rules do. They stand in the braces of `try`, `otherwise`, `then`, `afterwards`, `do`, `undo`, of a step, and of an agent's own "
    "`action`. Behind each, braces may hold `timeout`, `retry`, `repeatable` and `affects` ([clauses](clauses.md), *In `action body`*)."
)
_PROBES = (
    "Ways to look at the world: of a `probe`, and of an agent's `health` and `ready`. `every`, `timeout` and `expect` stand in the braces. "
    "`reply` is what was seen; its fields are listed with each."
)


def _of_kind(title: str, intro: str, kind: type[ActionWord] | type[ProbeWord]) -> Iterator[str]:
    yield f"# {title}\n\n{intro}\n\n{_MADE} {_NOTATION}\n"
    words = [word for word in vocabulary().words if isinstance(word, kind)]
    for word in sorted(words, key=lambda word: word.name):
        yield from _word(word)
        if isinstance(word, ActionWord):
            yield "\n".join(_of_action(word)) + "\n"
        if word.reply:
            yield (
                "| of its answer | type |\n|---|---|\n"
                + "\n".join(
                    f"| `{'reply' if kind is ProbeWord else 'answer'}.{name}` | {_cell(of)} |"
                    for name, of in word.reply.items()
                )
                + "\n"
            )


def _of_action(word: ActionWord) -> Iterator[str]:
    affects = "what the rule says with `affects`" if word.affects is None else _listed(word.affects)
    yield f"Timeout {word.timeout:g} s · risk: {word.risk} · changes: {affects} · may be repeated: {'yes' if word.repeatable else 'no'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


# --- functions and facts ------------------------------------------------------------------------------------------------


def _functions() -> Iterator[str]:
    known = vocabulary()
    words = lexicon(known)
    yield f"# Functions\n\n{_MADE} {_NOTATION}"
    yield "A function is written with no blank before its parenthesis. With `over DURATION` it ranges over time, without it over members;"
    yield "never over both in one call: put one call into the other.\n"
    yield "## Over the values of now\n"
    for function in known.functions:
        yield from _call(function.name, ", ".join(function.parameters), function, words)
    for over, forms in groupby(sorted(known.forms, key=lambda form: form.over), lambda form: form.over):
        yield f"\n## Over {over}\n"
        for form in forms:
            yield from _call(form.name, form.shape, form, words)
    yield "\n## Names of values\n"
    for value in known.values:
        yield f"### `{value.name}` → {value.type}\n\n{value.doc}\n\n```\n{value.example}\n```\n"


def _call(name: str, arguments: str, function: FunctionWord | FunctionForm, words: Lexicon) -> Iterator[str]:
    yield f"### `{name}({arguments})` → {function.result}\n\n{function.doc}\n"
    if isinstance(function, FunctionForm) and f"{name} over {function.over}" in words.later:
        yield _NOT_RUN + "\n"
    yield f"```\n{function.example}\n```\n"


def _facts() -> Iterator[str]:
    yield f"# Facts that are always there\n\n{_MADE}"
    yield "They need neither `use` nor a `probe`; `for each`, `any(…)` and `count(…)` range over them.\n"
    for fact in BUILT_IN.values():
        yield from _fact(fact)


def _fact(fact: FactType) -> Iterator[str]:
    yield f"## `{fact.name}`\n\n{fact.title}.\n\n| field | type |\n|---|---|"
    for field in fact.keys:
        yield f"| `{fact.name}.{field.name}` (key) | {_cell(field.type)} |"
    for field in fact.fields:
        yield f"| `{fact.name}.{field.name}` | {_cell(field.type)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# --- what is not run yet ------------------------------------------------------------------------------------------------


def _not_run_yet() -> Iterator[str]:
    yield "# What is not run yet\n\nMade by `make docs` from `dsl/vocabulary/later.py`, the list that the checker itself uses."
    yield "All of this is part of the language: it is read, its names, types and units are checked, and every finding in it is told."
    yield "Then the rule set is refused, by [V190](../findings/V190.md) at the place of the word. Nothing of it is ever ignored.\n"
    yield "| written as | where | what it is |\n|---|---|---|"
    rows: dict[tuple[str, str], list[str]] = {}
    for key, what in vocabulary().later.items():
        written, where = _place(key)
        rows.setdefault((written, what), []).append(where)
    for (written, what), places in rows.items():
        yield f"| {written} | {', '.join(places)} | {what} |"


def _place(key: str) -> tuple[str, str]:
    """How what a key of the list means is written, and where."""
    name, over, what = key.partition(" over ")
    if over:
        return f"`{name}(…)`", f"conditions, over {what}"
    if key.startswith("secret "):
        return f'`secret("{key.split()[1]}:…")`', "where a secret is read"
    family, name, said = _split(key)
    if not family:
        return f"`{key}`", "conditions"
    return f"`{' '.join(filter(None, (name, said)))} …`", _spoken([family])


def _split(key: str) -> tuple[str, str, str]:
    """Family, word and what is said in it; no family where the key is the name of a value."""
    for family in sorted(_families(), key=len, reverse=True):
        if key.startswith(f"{family} "):
            name, _, said = key.removeprefix(f"{family} ").partition(" ")
            return family, name, said
    return "", key, ""


def _families() -> set[str]:
    words = vocabulary().words
    return {family for word in words for family in (*word.inside, word.body or "file")}


def not_run(word: Word) -> str:
    """One line that says which forms of a word are not run yet, and where; empty where all are."""
    own = {"probe kind"} if isinstance(word, ProbeWord) else set(word.inside)
    places: list[str] = []
    for key in vocabulary().later:
        family, name, said = ("", "", "") if " over " in key else _split(key)
        homes = own & {*lexicon(vocabulary()).members((family,))}
        if name != word.name or not homes or (said and said not in _sayable(word)):
            continue
        if said or homes == own == {family}:
            return _NOT_RUN
        places.append(family)
    if not places or set(places) >= own:
        return _NOT_RUN if places else ""
    return _NOT_RUN.replace("yet*", f"yet* in {_spoken(places)}")


def _spoken(families: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(_HERE.get(one) or noun(one) for one in families))


def _sayable(word: Word) -> set[str]:
    """What a clause of this word can say; of a choice that is fixed for this form, only that."""
    return set(words_of(word.shape)) | set(kinds_of(word.shape))


def _grammar() -> Iterator[str]:
    yield "# The grammar\n\nThis is all of it, as the parser reads it (`dsl/grammar.lark`; this page is made by `make docs`)."
    yield "It knows no clause words: which there are, and which values each takes, is [vocabulary](clauses.md)."
    yield "A file is cut into blocks at the words in column 1, and each block is read by itself.\n"
    yield f"```lark\n{_GRAMMAR.read_text(encoding='utf-8').rstrip()}\n```"
