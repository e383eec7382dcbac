"""Clauses that several kinds of work have in common: what is reserved, what is done, and what must hold."""

from __future__ import annotations

from collections.abc import Mapping

from dsl import types
from dsl.lexicon import Families
from dsl.program import Action
from dsl.resolve import constants
from dsl.resolve.action import NOTHING_MORE, resolve_actions
from dsl.resolve.clauses import Body, read_body
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import Named
from dsl.work import Reserve

# In the braces of an `http`, `for each agent` says that the request goes to several.
SEVERAL: Mapping[str, Families] = {"http request": ("http of several",)}

# --- what is reserved -------------------------------------------------------------------------------------------------


def resolve_reserve(site: Site, body: Body) -> Reserve | None:
    """`reserve cpu: 2, memory: 512MiB, gpu: 1`; nothing where none is written. None when it was reported."""
    said = body.one("reserve")
    nodes = [node for node in said.match.nodes("resources") if isinstance(node, Named)] if said else []
    found: dict[str, float] = {}
    for node in nodes:
        amount = None if _twice(site, node, found) else _amount(site, node)
        if amount is None:
            return None
        found[node.name] = amount
    cpu, memory = found.pop("cpu", 0.0), found.pop("memory", 0.0)
    return Reserve(cpu, memory, tuple((name, int(number)) for name, number in sorted(found.items())))


def _twice(site: Site, node: Named, found: dict[str, float]) -> bool:
    if node.name not in found:
        return False
    site.report("V114", f"`{node.name}` stands twice", (node.start, node.name_end))
    return True


def _amount(site: Site, node: Named) -> float | None:
    if node.name not in ("cpu", "memory"):
        return constants.count(site, node.value)
    amount = constants.value(site, node.value, types.NUMBER if node.name == "cpu" else types.SIZE)
    if not isinstance(amount, float):
        return None
    if amount <= 0:
        site.report("V309", "expected more than nothing", node.value, help="or take it away")
        return None
    return amount


# --- what is done -----------------------------------------------------------------------------------------------------


def resolve_done(
    site: Site, scope: Scope, body: Body, word: str, more: Mapping[str, Families] = NOTHING_MORE
) -> tuple[Action, ...] | None:
    """The actions in the braces of `do`, `undo`, `then` or `afterwards`; none where none is written. None when it was reported."""
    said = body.one(word)
    if said is None:
        return ()
    actions = resolve_actions(site, scope, read_body(site, said.clause, (word,)), more)
    if actions == ():
        site.report(
            "V113", f"this `{word}` does nothing", site.head(said.clause), help="write in braces what it does"
        )
        return None
    return actions
