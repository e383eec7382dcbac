"""The vocabulary, arranged for looking up: which words may stand in which braces."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from dsl.vocabulary.word import (
    ActionWord,
    FunctionForm,
    FunctionWord,
    ProbeWord,
    ValueWord,
    Vocabulary,
    Word,
)

Families = tuple[str, ...]

# Braces that hold the words of other families too.
_MEMBERS: Mapping[str, Families] = {
    "probe": ("probe", "probe kind"),
    "try": ("try", "steering", "action"),
    "otherwise": ("otherwise", "steering", "action"),
    "agent action": ("agent action", "steering", "action"),
    "detection": ("detection",),
    "step": ("step", "step action"),
    "added step": ("added step", "step", "step action"),
    "replacement": ("replacement", "step action"),
    "undo": ("undo", "steering", "action"),
    "do": ("do", "steering", "action"),
    "then": ("then", "steering", "action"),
    "afterwards": ("afterwards", "steering", "action"),
}

_NOUNS: Mapping[str, str] = {
    "file": "column 1",
    "use": "the braces of `use`",
    "fact": "a fact",
    "event": "an event",
    "derive": "a derived fact",
    "calendar": "a calendar",
    "alert": "an alert",
    "probe": "a probe",
    "check": "the braces of a check",
    "probe kind": "a probe",
    "agent": "an agent",
    "unit process": "the braces of a `unit process`",
    "unit commands": "the braces of a `unit commands`",
    "agent action": "an action of an agent",
    "action": "a `try` or `otherwise` of a recovery",
    "action body": "the braces of an action",
    "http request": "the braces of an `http` action",
    "exec": "the braces of an `exec`",
    "prune": "the braces of a `prune`",
    "sql": "the braces of an `sql`",
    "dns": "the braces of a `dns`",
    "lines": "the braces of a `log` or `journal`",
    "webhook": "the braces of a `webhook`",
    "channel": "a channel",
    "detection": "a detection",
    "recovery": "a recovery",
    "try": "a `try` of a recovery",
    "otherwise": "the `otherwise` of a recovery",
    "workflow": "a workflow",
    "step": "a step of a workflow",
    "undo": "the `undo` of a step",
    "automation": "an automation",
    "do": "the braces of `do`",
    "orchestration": "an orchestration",
    "then": "the `then` of an orchestration",
    "steering": "the `then` of an orchestration",
    "afterwards": "the `afterwards` of an orchestration",
    "adaptation": "an adaptation",
    "changes": "the `then` of an adaptation",
    "added step": "an `add step` of an adaptation",
    "replacement": "a `replace step` of an adaptation",
    "maintenance": "a maintenance",
    "test": "a test",
    "moment": "a moment of a test (`at 10s …`)",
}


class Lexicon(msgspec.Struct, frozen=True):
    """Family to word to its forms, in the order in which they are tried; and functions, names of values, and what is not run yet."""

    families: Mapping[str, Mapping[str, tuple[Word, ...]]]
    actions: Mapping[str, ActionWord]
    probes: Mapping[str, ProbeWord]
    functions: Mapping[str, FunctionWord]
    calls: Mapping[str, tuple[FunctionForm, ...]]
    values: Mapping[str, ValueWord]
    later: Mapping[str, str]
    later_words: frozenset[str]  # those in its keys
    # What was looked up before: the same few words and braces, ten thousand times.
    _forms: dict[tuple[str, Families], tuple[Word, ...]] = msgspec.field(default_factory=dict)
    _later_in: dict[tuple[str, Families, Families], Families] = msgspec.field(default_factory=dict)
    _required: dict[Families, list[Word]] = msgspec.field(default_factory=dict)

    def forms(self, name: str, families: Families) -> tuple[Word, ...]:
        found = self._forms.get((name, families))
        if found is None:
            of_family = (self.families.get(family, {}) for family in self.members(families))
            found = tuple(word for words in of_family for word in words.get(name, ()))
            if found:
                self._forms[name, families] = found
        return found

    def names(self, families: Families) -> list[str]:
        return [name for family in self.members(families) for name in self.families.get(family, {})]

    def homes(self, name: str) -> list[str]:
        """Where else a word may stand, in words for people."""
        families = [family for family, words in self.families.items() if name in words and family in _NOUNS]
        return list(dict.fromkeys(_NOUNS[family] for family in families))

    def required(self, families: Families) -> list[Word]:
        if families not in self._required:
            of_family = (self.families.get(family, {}).values() for family in self.members(families))
            self._required[families] = [
                word for words in of_family for forms in words for word in forms if word.required
            ]
        return self._required[families]

    def later_in(self, word: Word, families: Families) -> Families:
        """The families as which the braces around a word hold it, and in which some form of it is not run yet."""
        place = (word.name, word.inside, families)
        if place not in self._later_in:
            named = dict.fromkeys((*families, *self.members(families))) if families else word.inside
            holding = (
                one for one in named if not families or not {*self.members((one,))}.isdisjoint(word.inside)
            )
            self._later_in[place] = tuple(
                family
                for family in holding
                if any(f"{key} ".startswith(f"{family} {word.name} ") for key in self.later)
            )
        return self._later_in[place]

    def members(self, families: Families) -> Families:
        return _members(families)


@cache
def _members(families: Families) -> Families:
    return tuple(member for family in families for member in _MEMBERS.get(family, (family,)))


def noun(family: str) -> str:
    return _NOUNS.get(family, family)


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    families: dict[str, dict[str, tuple[Word, ...]]] = {}
    for word in vocabulary.words:
        for family in _families_of(word):
            forms = families.setdefault(family, {})
            forms[word.name] = (*forms.get(word.name, ()), word)
    actions = {word.name: word for word in vocabulary.words if isinstance(word, ActionWord)}
    probes = {word.name: word for word in vocabulary.words if isinstance(word, ProbeWord)}
    functions = {word.name: word for word in vocabulary.functions}
    calls: dict[str, tuple[FunctionForm, ...]] = {}
    for form in vocabulary.forms:
        calls[form.name] = (*calls.get(form.name, ()), form)
    values = {word.name: word for word in vocabulary.values}
    later = frozenset(word for key in vocabulary.later for word in key.split())
    return Lexicon(families, actions, probes, functions, calls, values, vocabulary.later, later)


def _families_of(word: Word) -> Families:
    return ("probe kind",) if isinstance(word, ProbeWord) else word.inside
