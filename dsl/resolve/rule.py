"""What every kind of rule has: its head, and conditions with a hold."""

from __future__ import annotations

from typing import Literal

from dsl.expressions import Aggregate, Expression, Field, nodes_of
from dsl.program import Condition, RuleHead
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said
from dsl.resolve.expression import condition
from dsl.resolve.known import Declared
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import Text, Word

_PASSING = frozenset(
    {"fault", "recovery", "run", "step", "steps"}
)  # nobody watches these between two moments


def resolve_head(site: Site, declared: Declared, body: Body) -> RuleHead | None:
    title = constants.title(site, declared.match.node("title") if declared.match else None)
    owner, runbook = _text(site, body, "owner"), _text(site, body, "runbook")
    if title is None or owner is None or runbook is None:
        return None
    return RuleHead(
        name=declared.name,
        title=title,
        place=site.place(declared.clause),
        priority=word_of(body, "priority", "medium"),
        tags=_tags(body),
        owner=owner,
        runbook=runbook,
        shadow=declared.shadow or body.has("shadow"),
        off=body.has("off"),
        text=declared.block.text,
        was=_former(site, declared, body),
    )


def _former(site: Site, declared: Declared, body: Body) -> str:
    """`was OLD_NAME`, "" where nothing is written."""
    said = body.one("was")
    name = said.match.word("former") if said else None
    if said is None or name is None:
        return ""
    if name in site.known.of(declared.kind):
        own = name == declared.name
        message = (
            f"`{name}` is what it is called now" if own else f"there is another {declared.kind} `{name}`"
        )
        help_ = "take it away" if own else "it goes on under that name itself"
        site.report("V207", message, said.match.node("former") or site.head(said.clause), help=help_)
    return name


def _text(site: Site, body: Body, word: str) -> str | None:
    said = body.one(word)
    return constants.title(site, said.match.node(word) if said else None)


def word_of(body: Body, word: str, default: str) -> str:
    """The word that was chosen in `severity critical`."""
    said = body.one(word)
    return said.match.word(word) or default if said else default


def _tags(body: Body) -> tuple[str, ...]:
    said = body.one("tags")
    nodes = said.match.nodes("tags") if said else ()
    return tuple(
        node.name if isinstance(node, Word) else node.raw for node in nodes if isinstance(node, (Word, Text))
    )


def resolve_state(site: Site, scope: Scope, said: Said) -> Condition | None:
    """`when C for D`."""
    node, hold = said.match.node("state"), said.match.node("hold")
    expression = None if node is None else condition(site, scope, node)
    seconds = 0.0 if hold is None else constants.duration(site, hold, zero=True)
    if node is None or expression is None or seconds is None:
        return None
    return Condition(expression, seconds, site.text(node.start, node.end))


def resolve_state_of(site: Site, scope: Scope, body: Body, word: str) -> Condition | Literal[False] | None:
    """The same of the clause with this word; None where it is not written, False when it was reported."""
    said = body.one(word)
    return None if said is None else resolve_state(site, scope, said) or False


def resolve_block(site: Site, scope: Scope, body: Body) -> Condition | Literal[False] | None:
    """`unless C for D` of a rule that is about no fact of its own: what it is told of in passing has no past, so it can hold nothing."""
    unless = resolve_state_of(site, scope, body, "unless")
    if not unless or not unless.hold:
        return unless
    nodes = [*nodes_of(unless.expression)]
    members = {node.members.name for node in nodes if isinstance(node, Aggregate)}
    read = {node.subject for node in nodes if isinstance(node, Field)}
    passing = sorted((read & _PASSING) - members)
    if not passing:
        return unless
    said = body.one("unless")
    message = f"`{passing[0]}` is known here in passing, so nothing can have been true of it for so long"
    where = None if said is None else said.match.node("hold")
    site.report(
        "V217",
        message,
        where or site.head(body.clause),
        help="take `for …` away; a detection can hold what lasts",
    )
    return False


def resolve_guard(site: Site, scope: Scope, body: Body) -> Expression | Literal[False] | None:
    """`only if C`; None where none is written, False when it was reported."""
    said = body.one("only")
    node = said.match.node("condition") if said else None
    return None if node is None else condition(site, scope, node) or False
