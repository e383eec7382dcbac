"""Names and paths: what they read, and what was probably meant where they read nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf

from dsl import types
from dsl.expressions import Call, Constant, Expression, Field
from dsl.resolve.known import Group, Listed, Readable, Thing, Things
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed
from dsl.suggest import closest, did_you_mean
from dsl.syntax import Path, Word
from dsl.types import ANY, LIST, MAP, Type
from dsl.vocabulary.facts import SINGLE
from dsl.vocabulary.word import ValueWord

_OPEN = (ANY, MAP, LIST)


def word(site: Site, scope: Scope, node: Word) -> Typed | None:
    """A bare name: a parameter, or a member of the item."""
    what = scope.variables.get(node.name)
    if isinstance(what, (Type, Listed)):
        return Typed(Field(node.name, ()), what if isinstance(what, Type) else LIST)
    if what is not None:
        fields = ", ".join(_names_in(what)) or "none"
        site.report(
            "V304", f"`{node.name}` has many values; name one of them", node, help=f"its fields: {fields}"
        )
        return None
    value = site.known.lexicon.values.get(node.name)
    if value is not None:
        return _named_value(site, node, value)
    if scope.items:
        return Typed(Field(scope.items, (node.name,)), ANY)
    _report_unknown(site, scope, node)
    return None


def _names_in(what: Thing | Things | Group) -> Sequence[str]:
    if isinstance(what, Group):
        return what.names
    return sorted(what.fields if isinstance(what, Thing) else what.by_name)


def _named_value(site: Site, node: Word, value: ValueWord) -> Typed:
    """`now`, `never`."""
    later = site.known.lexicon.later.get(value.name)
    if later is not None:
        site.report_later(value.name, later, node)
    meaning: Expression = Constant(inf) if value.name == "never" else Call(value.name, ())
    return Typed(meaning, types.named(value.type))


def path(site: Site, scope: Scope, node: Path) -> Typed | None:
    """A field of something that is bound."""
    root = str(node.parts[0])
    what = scope.variables.get(root)
    if what is None and scope.items:
        return Typed(Field(scope.items, node.parts), ANY)
    if what is None:
        _report_root(site, scope, node, root)
        return None
    kind = _type_at(site, node, what)
    return None if kind is None else Typed(_field(root, node.parts[1:]), kind)


@lru_cache(10_000)
def _field(root: str, path: tuple[str | int, ...]) -> Field:
    """Rules read the same few fields: each is there once, whoever reads it."""
    return Field(root, path)


def _type_at(site: Site, node: Path, what: Readable) -> Type | None:
    parts = node.parts[1:]
    if isinstance(what, Things):
        return _type_of_member(site, node, what)
    if isinstance(what, Group):
        return _type_in_group(site, node, what)
    if isinstance(what, (Type, Listed)):
        kind, rest = what if isinstance(what, Type) else LIST, parts
    else:
        name = str(parts[0])
        found = what.fields.get(name)
        if found is None:
            _report_field(site, node, what, name)
            return None
        kind, rest = found, parts[1:]
    if rest and kind not in _OPEN:
        site.report("V204", f"{kind} has no members", node, help=f"take `.{rest[0]}` away")
        return None
    if rest and isinstance(what, Thing) and (what.type, parts[0]) == ("agent", "labels"):
        site.known.labels_read.append((str(rest[0]), site.span(node)))
    return ANY if rest else kind


def _type_of_member(site: Site, node: Path, what: Things) -> Type | None:
    """`steps.prices.duration`: a field of one of the things that are told apart by name."""
    name = str(node.parts[1])
    member = what.by_name.get(name)
    if member is None:
        _report_member(site, node, what, name)
        return None
    if len(node.parts) == 2:
        fields = ", ".join(sorted(member.fields))
        site.report("V304", f"`{name}` has many values; name one of them", node, help=f"its fields: {fields}")
        return None
    found = member.fields.get(str(node.parts[2]))
    if found is None:
        _report_field(site, node, member, str(node.parts[2]))
    elif len(node.parts) > 3 and found not in _OPEN:
        site.report("V204", f"{found} has no members", node, help=f"take `.{node.parts[3]}` away")
        return None
    return ANY if len(node.parts) > 3 and found else found


def _type_in_group(site: Site, node: Path, what: Group) -> Type | None:
    """A field by which the facts are grouped; the others differ from member to member."""
    parts = tuple(map(str, node.parts[1:]))
    chosen = next((path for path in what.by if parts[: len(path)] == path), None)
    if chosen is None and parts[0] not in what.fields:
        _report_field(site, node, Thing(what.type, what.fields), parts[0])
        return None
    if chosen is None:
        _report_grouped(site, node, what)
        return None
    kind = what.fields[chosen[0]] if len(chosen) == 1 else ANY
    rest = parts[len(chosen) :]
    if rest and kind not in _OPEN:
        site.report("V204", f"{kind} has no members", node, help=f"take `.{rest[0]}` away")
        return None
    return ANY if rest else kind


def is_unquoted(site: Site, scope: Scope, node: Word, other: Type) -> bool:
    """Whether a bare word beside a closed set is one of its values without quotes; says so."""
    if node.name not in other.choices or node.name in scope.variables or node.name in site.known.of("let"):
        return False
    site.report(
        "V203",
        f"a value is written in quotes: `{node.name}`",
        node,
        help=f'write "{node.name}"',
        replacement=f'"{node.name}"',
    )
    return True


# --- messages -------------------------------------------------------------------------------------------------------------


def _report_unknown(site: Site, scope: Scope, node: Word) -> None:
    if scope.unclear or node.name in site.known.lost:
        return
    if node.name in site.known.types or node.name in site.known.unclear:
        _report_unbound(site, scope, node, node.name)
        return
    owners = [
        name for name, what in scope.variables.items() if isinstance(what, Thing) and node.name in what.fields
    ]
    owners = [name for name in owners if name not in SINGLE] or owners
    if len(owners) == 1:
        whole = f"{owners[0]}.{node.name}"
        help_ = f"did you mean `{whole}`?"
        site.report("V203", f"`{node.name}` is not known here", node, help=help_, replacement=whole)
        return
    known = [*scope.variables, *site.known.of("let"), *site.known.lexicon.values]
    near = closest(node.name, known)
    help_ = did_you_mean(node.name, known) or f'a text is written in quotes: "{node.name}"'
    site.report("V203", f"`{node.name}` is not known here", node, help=help_, replacement=near)


def _report_root(site: Site, scope: Scope, node: Path, root: str) -> None:
    if scope.unclear or root in site.known.unclear:
        return
    where = (node.start, node.start + len(root))
    if root in site.known.types:
        _report_unbound(site, scope, node, root)
        return
    known = [name for name, what in scope.variables.items() if isinstance(what, (Thing, Things, Group))]
    near = closest(root, [*known, *site.known.types])
    bound = ", ".join(known)
    help_ = f"did you mean `{near}`?" if near else f"known here: {bound}" if bound else ""
    site.report("V203", f"`{root}` is not known here", where, help=help_, replacement=near)


def _report_unbound(site: Site, scope: Scope, node: Word | Path, name: str) -> None:
    others = [other for other in scope.variables if other not in (*SINGLE, "fault", "recovery")]
    if others:
        message = f"which {name}? This rule is about {', '.join(others)}"
        join = f"`for each {others[0]}, {name} matching …`"
        help_ = f"two types in one rule need a join ({join}); all of them are asked by `any({name} where …)`"
    elif "fault" in scope.variables:
        message = f"which {name}? The faults that it is about are not all about one"
        help_ = f"name faults of detections that say `for each {name}`"
    else:
        message = f"which {name}? Nothing says it here"
        help_ = f"in a rule, write `for each {name}` first"
    site.report("V209", message, node, help=help_)


def _report_member(site: Site, node: Path, what: Things, name: str) -> None:
    at = node.start + site.block.text[node.start : node.end].find(name, len(str(node.parts[0])))
    if name in what.absent:
        message = f"`{name}` cannot be read here: {what.reason}"
        site.report("V209", message, (at, at + len(name)), help=f"add `after {name}`")
        return
    near = closest(name, what.by_name)
    known = ", ".join(what.by_name) or "none"
    help_ = f"did you mean `{near}`?" if near else f"those that can be read here: {known}"
    where = (at, at + len(name))
    site.report("V206", f"there is no {what.type} `{name}`", where, help=help_, replacement=near)


def _report_grouped(site: Site, node: Path, what: Group) -> None:
    written = site.text(node.start, node.end)
    message = (
        f"`{written}` differs from member to member: the rule is about groups, by {', '.join(what.names)}"
    )
    site.report("V215", message, node, help=f"ask for it in an aggregate, as in `max({written})`")


def _report_field(site: Site, node: Path, what: Thing, name: str) -> None:
    at = node.start + site.block.text[node.start : node.end].find(name, len(str(node.parts[0])))
    near = closest(name, what.fields)
    if what.type == "agent" and name in site.known.labels:
        near = f"labels.{name}"
    help_ = f"did you mean `{near}`?" if near else f"its fields: {', '.join(sorted(what.fields))}"
    site.report(
        "V204", f"{what.type} has no field `{name}`", (at, at + len(name)), help=help_, replacement=near
    )
