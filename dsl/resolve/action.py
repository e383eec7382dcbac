"""Actions: the words that do something, and what agents can do for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from dsl import types
from dsl.diagnostics import so_many
from dsl.expressions import Constant, Expression
from dsl.lexicon import Families
from dsl.parts import Several
from dsl.program import Action, Selector
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said, read_body, unknown
from dsl.resolve.expression import condition, of_type
from dsl.resolve.known import OwnAction, Thing
from dsl.resolve.retry import may_be_repeated, resolve_retry
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.selector import resolve_selector
from dsl.resolve.setting_facts import set_arguments
from dsl.resolve.settings import settings_of
from dsl.resolve.site import Site
from dsl.resolve.steering import resolve_steering
from dsl.syntax import Named, Node, Path
from dsl.vocabulary.word import ActionWord

Arguments = tuple[tuple[str, Expression], ...]
_CAPPED = {"cpu": types.NUMBER, "memory": types.SIZE}
NOTHING_MORE: Mapping[str, Families] = MappingProxyType({})


def resolve_actions(
    site: Site, scope: Scope, body: Body, more: Mapping[str, Families] = NOTHING_MORE
) -> tuple[Action, ...] | None:
    """The actions among the clauses of a body, in order; `affects` beside them speaks for those that declare nothing.

    `more` are families of clauses that may stand in the braces of such actions here, by the family that stands there anyway.
    """
    beside = affects(site, scope, body.all("affects"))
    said = [one for one in body.said if isinstance(one.word, ActionWord)]
    found = [
        resolve_steering(site, scope, one)
        if "steering" in one.word.inside
        else _action(site, scope, one, beside, more)
        for one in said
    ]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) and body.sound else None


def _action(
    site: Site, scope: Scope, said: Said, beside: tuple[str, ...] | None, more: Mapping[str, Families]
) -> Action | None:
    word = said.word
    assert isinstance(word, ActionWord)
    families = (word.body, *more.get(word.body, ())) if word.body else ()
    inner = read_body(site, said.clause, ("action body", *families))
    each = said if said.match.has("each") else inner.one("for")
    if each is not None:
        scope = scope.with_variable("agent", thing_named(site.known, "agent"))
    target = _target(site, scope, said) if each is None else _each(site, scope, each)
    several = resolve_several(site, said)
    arguments = _arguments(site, scope, said, inner, target)
    timeout, retry = _timeout(site, inner, word), resolve_retry(site, inner)
    expect = _expect(site, scope, inner, word)
    if arguments is None or timeout is None or retry is None or target is False or not inner.sound:
        return None
    if several is False or expect is False:
        return None
    own = affects(site, scope, inner.all("affects"))
    declared = own if own is not None else word.affects if word.affects is not None else beside
    clause = said.clause
    action = Action(
        kind=word.name,
        target=target if isinstance(target, Selector) else None,
        arguments=arguments,
        timeout=timeout,
        affects=declared,
        repeatable=word.repeatable or inner.has("repeatable"),
        risk=word.risk if word.name in site.known.lexicon.actions else "reconnect",
        place=site.place(clause),
        text=site.text(clause.start, clause.line_end),
        several=several,
        retry=retry,
        expect=expect,
    )
    return action if may_be_repeated(site, inner.one("retry"), (action,)) else None


def _expect(site: Site, scope: Scope, inner: Body, word: ActionWord) -> Expression | Literal[False] | None:
    """None where nothing is expected, False when it was reported."""
    said = inner.one("expect")
    node = said.match.node("expect") if said else None
    if node is None:
        return None
    reply = Thing("reply", {name: types.named(kind) for name, kind in word.reply.items()})
    return condition(site, scope.with_variable("reply", reply), node) or False


def affects(site: Site, scope: Scope, said: tuple[Said, ...]) -> tuple[str, ...] | None:
    """The fields that are declared to change (`agent.status`), by type; None where nothing is declared."""
    if not said:
        return None
    found: list[str] = []
    for node in (node for one in said for node in one.match.nodes("affects")):
        if isinstance(node, Path) and len(node.parts) >= 2:
            found.append(_affected(site, node))
        else:
            site.report(
                "V304", "expected a field of a fact", node, help="write, for example, `affects agent.status`"
            )
    return tuple(found)


def _affected(site: Site, node: Path) -> str:
    kind, name = str(node.parts[0]), str(node.parts[1])
    declared = site.known.types.get(kind)
    if declared is None and kind not in site.known.unclear:
        unknown(site, "V206", f"there is no fact type `{kind}`", kind, node, list(site.known.types))
    elif declared is not None:
        fields = [field.name for field in (*declared.keys, *declared.fields)]
        if name not in fields:
            unknown(site, "V204", f"{kind} has no field `{name}`", name, node, fields)
    return f"{kind}.{name}"


def _timeout(site: Site, inner: Body, word: ActionWord) -> float | None:
    said = inner.one("timeout")
    node = said.match.node("timeout") if said else None
    return word.timeout if node is None else constants.duration(site, node)


def _target(site: Site, scope: Scope, said: Said) -> Selector | Literal[False] | None:
    """None where the word acts upon nothing, False when it was reported."""
    word = said.word
    assert isinstance(word, ActionWord)
    if word.target is None:
        return None
    part = said.match.part("agent" if said.match.part("agent") else "selector")
    if part is None:
        return _bound_subject(site, scope, said, word.target)
    return resolve_selector(site, scope, part, kind=word.target, bound=True) or False


def resolve_several(site: Site, said: Said) -> Several | Literal[False] | None:
    """`each agent … ordered by needs, 1 at once`: None where one is meant, False when it was reported."""
    if not said.match.has("each"):
        return None
    node = said.match.node("at_once")
    at_once = None if node is None else constants.count(site, node)
    if node is not None and at_once is None:
        return False
    return Several(said.match.has("ordered"), at_once)


def _each(site: Site, scope: Scope, said: Said) -> Selector | Literal[False]:
    """`each agent where C`: every one for which the condition holds; all of them without one."""
    node = said.match.node("where")
    where = Constant(True) if node is None else condition(site, scope, node)
    return False if where is None else Selector("agent", None, where)


def _bound_subject(site: Site, scope: Scope, said: Said, kind: str) -> Selector | Literal[False]:
    """An agent's own action without `on agent …` is done by the agent that the rule is about."""
    if isinstance(scope.variables.get(kind), Thing):
        return Selector(kind)
    if scope.unclear:
        return False
    site.report(
        "V209", f"which {kind} does `{said.word.name}`?", site.head(said.clause), help=f"add `on {kind} NAME`"
    )
    return False


# --- arguments ----------------------------------------------------------------------------------------------------------


def _arguments(
    site: Site, scope: Scope, said: Said, inner: Body, target: Selector | Literal[False] | None
) -> Arguments | None:
    if said.word.name not in site.known.lexicon.actions:
        return _own_arguments(site, scope, said, target)
    if said.word.name == "set":
        return set_arguments(site, scope, said)
    if said.match.has("each"):
        return ()
    if said.word.name == "cap":
        return _caps(site, scope, said)
    extra = tuple(
        one for one in inner.said if said.word.body in one.word.inside and one.word.name != "expect"
    )
    settings = settings_of(site, scope, (said, *extra))
    return settings if settings is None or _says_enough(site, said) else None


def _says_enough(site: Site, said: Said) -> bool:
    """Whether `prune` says what may go."""
    if said.word.name != "prune" or said.match.node("age") or said.match.node("size"):
        return True
    help_ = "write `older than 7d`, or `down to 2GB`"
    site.report("V113", "this `prune` does not say what may go", site.head(said.clause), help=help_)
    return False


def _caps(site: Site, scope: Scope, said: Said) -> Arguments | None:
    """`cap agent realtime cpu: 1.5, memory: 512MiB`."""
    found: dict[str, Expression] = {}
    for node in said.match.nodes("limits"):
        assert isinstance(node, Named)
        where = (node.start, node.name_end)
        wanted = _CAPPED.get(node.name)
        if wanted is None:
            unknown(site, "V204", f"`{node.name}` cannot be limited", node.name, where, list(_CAPPED))
            return None
        value = of_type(site, scope, node.value, wanted)
        if value is None:
            return None
        if node.name in found or (isinstance(value, Constant) and value.value == 0):
            twice = node.name in found
            message = f"`{node.name}` stands twice" if twice else "expected more than nothing"
            site.report("V114" if twice else "V309", message, where)
            return None
        found[node.name] = value
    return tuple(found.items())


def _own_arguments(
    site: Site, scope: Scope, said: Said, target: Selector | Literal[False] | None
) -> Arguments | None:
    """The values for the parameters of an agent's own action."""
    action = _own_action(site, said, target)
    if action is None:
        return None
    given = _by_name(site, said, action)
    if given is None:
        return None
    found = [(p.name, of_type(site, scope, given[p.name], types.named(p.type))) for p in action.parameters]
    whole = tuple((name, value) for name, value in found if value is not None)
    return whole if len(whole) == len(found) else None


def _own_action(site: Site, said: Said, target: Selector | Literal[False] | None) -> OwnAction | None:
    by_agent = site.known.own_actions[said.word.name]
    if not isinstance(target, Selector):
        return None
    name = target.name.value if isinstance(target.name, Constant) else None
    if not isinstance(name, str):
        return next(iter(by_agent.values()))
    if name in by_agent:
        return by_agent[name]
    if not site.known.of("agent")[name].broken:
        able = ", ".join(sorted(by_agent))
        site.report(
            "V206",
            f"agent {name} has no action `{said.word.name}`",
            site.head(said.clause),
            help=f"agents that have it: {able}",
        )
    return None


def _by_name(site: Site, said: Said, action: OwnAction) -> dict[str, Node] | None:
    names = [parameter.name for parameter in action.parameters]
    named = [node for node in said.match.nodes("arguments") if isinstance(node, Named)]
    positional = said.match.nodes("positional")
    given = {node.name: node.value for node in named} if named else dict(zip(names, positional, strict=False))
    for node in named:
        if node.name not in names:
            unknown(
                site,
                "V212",
                f"`{action.name}` takes no `{node.name}`",
                node.name,
                (node.start, node.name_end),
                names,
            )
            return None
    if len(given) != len(names) or len(positional) > len(names):
        takes = ", ".join(f"{p.name}: {p.type}" for p in action.parameters)
        has = max(len(given), len(positional)) or "none"
        message = f"`{action.name}` takes {so_many(len(names), 'value')}, and is given {has}"
        site.report(
            "V212",
            message,
            (said.clause.start, said.clause.line_end),
            help=f"it is declared as {action.name}({takes})",
        )
        return None
    return given
