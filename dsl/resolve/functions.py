"""Calls: is there such a function, does it get what it takes, and what comes of it."""

from __future__ import annotations

from dsl import types
from dsl.diagnostics import so_many
from dsl.expressions import Call, Constant
from dsl.resolve import amounts
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.suggest import closest
from dsl.syntax import Call as CallNode
from dsl.syntax import Node, Text
from dsl.types import SECRET, Type
from dsl.vocabulary.channel import SECRETS
from dsl.vocabulary.word import FunctionWord


def known(site: Site, node: CallNode) -> FunctionWord | None:
    functions = site.known.lexicon.functions
    if node.name in functions:
        return functions[node.name]
    where = (node.start, node.start + len(node.name))
    names = [*functions, *site.known.lexicon.calls]
    near = closest(node.name, names)
    help_ = f"did you mean `{near}`?" if near else f"functions are {', '.join(sorted(names))}"
    site.report("V208", f"there is no function `{node.name}`", where, help=help_, replacement=near)
    return None


def arity_fits(site: Site, node: CallNode, word: FunctionWord) -> bool:
    given, wanted = len(node.arguments), len(word.parameters)
    if given == wanted and all(len(argument) == 1 for argument in node.arguments):
        return True
    if given == wanted:
        long = next(argument for argument in node.arguments if len(argument) > 1)
        site.report("V212", f"`{node.name}` takes single values", (long[1].start, long[-1].end))
        return False
    help_ = f"`{node.name}({', '.join(word.parameters)})` gives {word.result}"
    message = f"`{node.name}` takes {so_many(wanted, 'value')}, and is given {given or 'none'}"
    site.report("V212", message, node, help=help_)
    return False


def result(site: Site, node: CallNode, word: FunctionWord, arguments: list[Typed]) -> Type | None:
    """The type of the call; None when an argument does not fit."""
    same: Type | None = None
    for (where,), given, wanted in zip(node.arguments, arguments, word.parameters, strict=True):
        if wanted == "part":
            if amounts.part(site, where, given) is None:
                return None
            continue
        if wanted == "T":
            same = same or given.type
            wanted_type = same
        else:
            wanted_type = types.named(wanted)
        if given.type == SECRET or not fits(site, where, given, wanted_type):
            return None
    return same if word.result == "T" and same else types.named(word.result)


# --- secrets ----------------------------------------------------------------------------------------------------------


def secret(site: Site, scope: Scope, node: CallNode) -> Typed | None:
    """`secret("env:NAME")`: read by the daemon at its use, never stored."""
    argument: Node | None = node.arguments[0][0] if len(node.arguments) == 1 else None
    if not isinstance(argument, Text) or ":" not in argument.raw:
        site.report(
            "V212",
            "a secret is named by one text",
            node,
            help='write secret("env:NAME") or secret("file:/path")',
        )
        return None
    kind = argument.raw.split(":", 1)[0]
    later = site.known.lexicon.later.get(f"secret {kind}")
    if later is not None:
        site.report_later(f'secret("{kind}:…")', later, argument)
    if kind not in (*SECRETS, "vault"):
        near = closest(kind, [*SECRETS, "vault"])
        help_ = f"did you mean `{near}:`?" if near else f"secrets are read from {', '.join(SECRETS)}"
        site.report("V205", f"`{kind}:` is no place for secrets", argument, help=help_)
        return None
    if not secret_allowed(site, scope, node, SECRET):
        return None
    return Typed(Call("secret", (Constant(argument.raw),)), SECRET)


def secret_allowed(site: Site, scope: Scope, node: Node, kind: Type) -> bool:
    if kind != SECRET or scope.secrets:
        return True
    site.report(
        "V307",
        "a secret cannot stand here",
        node,
        help="secrets stand in channels, checks and environments, by themselves",
    )
    return False
