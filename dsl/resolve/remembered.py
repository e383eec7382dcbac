"""Rules that mean what they meant at the last check, and are not resolved again.

What a rule means follows from its text, from what is no rule (facts, constants, agents, probes, …), and from the rules that it names. So
it is resolved again when one of these changed, or when a rule changed whose name stands in it, or in one that it names, and so on. A
rule is not remembered that speaks of others without naming them, nor one of which anything was reported, nor any while a declaration
has no name. Whoever lets resolving leave more behind in `Known` than constants used and labels read keeps that here too.

All rules of one kind in a file that was not touched are one page, so that they cost what a single one costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from dsl.diagnostics import Finding
from dsl.memory import Memory
from dsl.resolve.known import Declared, Known, Sheet
from dsl.resolve.site import Site
from dsl.source import Span
from dsl.syntax import Word

T = TypeVar("T")

Rules = Mapping[str, Mapping[str, Declared]]
Resolve = Callable[[Site, Declared], T | None]

RULES = frozenset(
    {
        *("detection", "recovery", "orchestration", "adaptation", "workflow", "automation"),
        *("maintenance", "alert", "test"),
    }
)
_MOST_CHANGED = 50  # names; if more have to be followed, looking for them takes longer than resolving


class _Entry(msgspec.Struct, frozen=True, gc=False):
    """What a rule was resolved to, and what it left behind in `Known` on the way."""

    declared: Declared
    value: Any
    constants: frozenset[str]
    labels: tuple[tuple[str, Span], ...]


class _Page(msgspec.Struct, frozen=True, gc=False):
    """The same of all rules of one kind in one file, which `rules` are by name. Each has an entry, and none waits for others."""

    rules: Mapping[str, Declared]
    values: list[Any]
    constants: frozenset[str]
    labels: tuple[tuple[str, Span], ...]


Key = tuple[str, str]  # kind and name of a rule


class Change(msgspec.Struct, frozen=True):
    """Since the check before: `names` behind which something else may stand now, and what the rules of these names meant, as far as
    that was remembered. Of all others that are resolved anew only the place is another one."""

    names: frozenset[str]
    before: Mapping[Key, Any]


class Past(msgspec.Struct):
    """`ground` is everything that is no rule; `rules` is kind to name to declaration, `sheets` the same by file; `entries` are by the
    identity of the declaration, which each holds. Those of declarations that are gone are thrown away now and then. `pages` are by the
    identity of their rules."""

    ground: tuple[object, ...]
    lost: frozenset[str]
    rules: dict[str, Mapping[str, Declared]]
    sheets: tuple[Sheet, ...]
    entries: dict[int, _Entry] = msgspec.field(default_factory=dict)
    pages: dict[int, _Page] = msgspec.field(default_factory=dict)


class Remembered(msgspec.Struct, frozen=True):
    """`entries` still stand; they grow by what is resolved anew, which is what `anew` tells by kind and name (None: it means nothing)."""

    known: Known
    findings: list[Finding]
    entries: dict[int, _Entry]
    pages: dict[int, _Page]
    change: Change | None = None
    anew: dict[Key, Any] = msgspec.field(default_factory=dict)

    def resolved(self, declared: Declared, resolve_one: Resolve[T]) -> T | None:
        """What a rule means: as it was, or as `resolve_one` says."""
        entry = self.entries.get(id(declared))
        if entry is None:
            entry = self._resolved(declared, resolve_one)
            self.known.constants.used.update(entry.constants)
        else:
            self._leave(entry)
        value: T | None = entry.value
        return value

    def _leave(self, behind: _Entry | _Page) -> None:
        if behind.labels:
            self.known.labels_read.extend(behind.labels)
        if behind.constants:
            self.known.constants.used.update(behind.constants)

    def value(self, key: Key) -> Any:
        """What a rule means now; None where there is none of that name, or nothing that it means."""
        if key in self.anew:
            return self.anew[key]
        declared = self.known.of(key[0]).get(key[1])
        entry = self.entries.get(id(declared)) if declared is not None else None
        return entry.value if entry is not None else None

    def all(self, kind: str, resolve_one: Resolve[T]) -> list[T]:
        """What the rules of a kind mean, in the order of their places."""
        return self.each(kind, resolve_one, lambda declared: False)[0]

    def each(
        self, kind: str, resolve_one: Resolve[T], but: Callable[[Declared], object]
    ) -> tuple[list[T], list[Declared]]:
        """The same of all but some, and these."""
        found: list[T] = []
        left: list[Declared] = []
        for rules in (sheet.rules[kind] for sheet in self.known.sheets if kind in sheet.rules):
            page = self.pages.get(id(rules))
            if page is None:
                self._each(rules, resolve_one, but, found, left)
            else:
                self._leave(page)
                found += page.values
        return found, left

    def _each(
        self, rules: Mapping[str, Declared], resolve_one: Resolve[T], but: Callable[[Declared], object],
        found: list[T], left: list[Declared],
    ) -> None:  # fmt: skip
        """Those of one file, of which a page is made if that is possible."""
        before = len(found), len(left)
        for one in rules.values():
            if id(one) not in self.entries and but(one):
                left.append(one)
            elif (value := self.resolved(one, resolve_one)) is not None:
                found.append(value)
        if len(left) == before[1]:
            self._keep(rules, found[before[0] :], but)

    def _keep(
        self, rules: Mapping[str, Declared], values: list[Any], but: Callable[[Declared], object]
    ) -> None:
        entries = [entry for one in rules.values() if (entry := self.entries.get(id(one))) is not None]
        if len(entries) == len(rules):
            constants = frozenset[str]().union(*(entry.constants for entry in entries if entry.constants))
            labels = tuple(label for entry in entries if entry.labels for label in entry.labels)
            self.pages[id(rules)] = _Page(rules, values, constants, labels)

    def _resolved(self, declared: Declared, resolve_one: Callable[[Site, Declared], Any]) -> _Entry:
        constants, labels = self.known.constants, self.known.labels_read
        used, constants.used = constants.used, set()
        read, reported = len(labels), len(self.findings)
        value = resolve_one(Site(declared.block, self.known, self.findings), declared)
        own, constants.used = constants.used, used
        entry = _Entry(declared, value, frozenset(own), tuple(labels[read:]))
        self.anew[declared.kind, declared.name] = value
        clear = value is not None and len(self.findings) == reported
        if clear and not (self.known.lost or self.known.nameless) and _names_what_it_means(declared):
            self.entries[id(declared)] = entry
        return entry


def remembered(known: Known, findings: list[Finding], memory: Memory) -> Remembered:
    """What the memory holds that still stands. From here on it holds what this check finds."""
    rules = {kind: known.of(kind) for kind in RULES}
    now = Past(tuple(_ground(known)), frozenset(known.lost), rules, known.sheets)
    past, memory.past = memory.past, now
    if past is None or past.ground != now.ground:
        return Remembered(known, findings, now.entries, now.pages)
    followed = _followed(_changed(past.sheets, now.sheets) | (past.lost ^ now.lost), now.sheets)
    if followed is None:
        return Remembered(known, findings, now.entries, now.pages)
    change = Change(followed, dict(_meant(past, followed)))
    now.entries = past.entries
    _forget(now, followed)
    now.pages.update(_left(past, now.sheets, followed))
    return Remembered(known, findings, now.entries, now.pages, change)


def _left(past: Past, sheets: Iterable[Sheet], changed: Collection[str]) -> Iterator[tuple[int, _Page]]:
    """The pages that still stand."""
    for sheet in sheets:
        for rules in sheet.rules.values():
            page = past.pages.get(id(rules))
            if page is not None and rules.keys().isdisjoint(changed):
                yield id(rules), page


def _meant(past: Past, names: Collection[str]) -> Iterator[tuple[Key, Any]]:
    for kind, rules in past.rules.items():
        for declared in (rules[name] for name in names if name in rules):
            if (entry := past.entries.get(id(declared))) is not None:
                yield (kind, declared.name), entry.value


def _forget(past: Past, changed: Collection[str]) -> None:
    """Rules of these names; and, when there are as many as of those that are there, all that are gone."""
    for rules in past.rules.values():
        for name in changed:
            if name in rules:
                past.entries.pop(id(rules[name]), None)
    if len(past.entries) > 2 * sum(map(len, past.rules.values())) + _MOST_CHANGED:
        there = {id(declared) for rules in past.rules.values() for declared in rules.values()}
        for gone in past.entries.keys() - there:
            del past.entries[gone]


def nothing_remembered(known: Known, findings: list[Finding]) -> Remembered:
    """Everything is resolved anew, and nothing kept."""
    return Remembered(known, findings, {}, {})


def _ground(known: Known) -> Iterator[object]:
    for kind, of_kind in known.declared.items():
        if kind not in RULES:
            for declared in of_kind.values():
                yield kind, declared.block.text, declared.block.source, declared.shadow, declared.broken
    yield frozenset(known.unclear - known.lost)


def _changed(former: Sequence[Sheet], now: Sequence[Sheet]) -> frozenset[str]:
    """Names behind which something else stands now. To stand elsewhere in a file changes nothing for others."""
    before, after = _without(former, now), _without(now, former)
    found = set()
    for kind in RULES:
        once, there = before.get(kind, {}), after.get(kind, {})
        for name, declared in there.items():
            one = once.get(name)
            if one is not declared and (one is None or not _alike(one, declared)):
                found.add(name)
        found |= once.keys() - there.keys()
    return frozenset(found)


def _without(sheets: Iterable[Sheet], others: Iterable[Sheet]) -> dict[str, dict[str, Declared]]:
    """What stands on some sheets and not on the same ones among the others."""
    same = {id(sheet.rules) for sheet in others}
    found: dict[str, dict[str, Declared]] = {}
    for sheet in sheets:
        for kind, rules in sheet.rules.items() if id(sheet.rules) not in same else ():
            found.setdefault(kind, {}).update(rules)
    return found


def _alike(one: Declared, other: Declared) -> bool:
    return (one.block.text, one.block.source, one.shadow, one.broken) == (
        other.block.text,
        other.block.source,
        other.shadow,
        other.broken,
    )


def _followed(changed: frozenset[str], sheets: Sequence[Sheet]) -> frozenset[str] | None:
    """These names, and the names of all rules in which one of them stands; None where that leads too far."""
    found, waiting = set(changed), list(changed)
    while waiting:
        if len(found) > _MOST_CHANGED:
            return None
        name = waiting.pop()
        new = set().union(*(_naming(name, sheet.rules) for sheet in sheets if name in sheet.text)) - found
        found |= new
        waiting += new
    return frozenset(found)


def _naming(name: str, rules: Rules) -> Iterator[str]:
    """The rules in which this name stands."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for kind in RULES & rules.keys():
        for other, declared in rules[kind].items():
            if name in declared.block.text and word.search(declared.block.text):
                yield other


def _names_what_it_means(declared: Declared) -> bool:
    """Not so `on fault where …`, nor `of workflow` alone."""
    if declared.kind in ("adaptation", "maintenance", "alert", "test"):
        return False
    for clause in declared.clause.body or ():
        if clause.word == "on" and isinstance(first := next(iter(clause.items), None), Word):
            second = clause.items[1] if len(clause.items) > 1 else None
            named = isinstance(second, Word) and second.name != "where"
            if first.name in ("fault", "exhausted") and not named:
                return False
    return True
