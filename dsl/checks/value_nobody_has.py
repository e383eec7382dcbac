"""V448: a name or label is compared with a value that nothing has."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Aggregate, Compare, Constant, Expression, Field
from dsl.proofs.conditions import Stated
from dsl.resolve.whole import Resolved
from dsl.suggest import did_you_mean

_NAMED = {"agent": "agent", "automation": "automation", "workflow": "workflow"}


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    members = {node.members.name: node.members.type for node in nodes if isinstance(node, Aggregate)}
    for node in nodes:
        if isinstance(node, Compare) and isinstance(node.left, Field):
            for value in _texts(node):
                yield from _value(resolved, stated, node.left, value, members)


def _texts(node: Compare) -> tuple[str, ...]:
    if not isinstance(node.right, Constant):
        return ()
    value = node.right.value
    if node.operator in ("==", "!=") and isinstance(value, str):
        return (value,)
    return (
        tuple(one for one in value if isinstance(one, str))
        if node.operator == "in" and isinstance(value, tuple)
        else ()
    )


def _value(
    resolved: Resolved, stated: Stated, field: Field, value: str, members: Mapping[str, str]
) -> Iterator[Finding]:
    declared = stated.world.types.get(field.subject)
    kind = members.get(field.subject) or (declared.name if declared is not None else "")
    known = _known(resolved, kind, field.path)
    if known and value not in known:
        what = "label `" + str(field.path[1]) + "`" if len(field.path) == 2 else f"{_NAMED[kind]} name"
        help_ = did_you_mean(value, known) or f"there are {', '.join(sorted(known)[:8])}"
        yield finding("V448", f'nothing has the {what} "{value}"', stated_span(resolved, stated), help=help_)


def _known(resolved: Resolved, kind: str, path: tuple[str | int, ...]) -> Collection[str]:
    """All values that there can be; none where nobody can know."""
    if kind == "agent" and len(path) == 2 and path[0] == "labels":
        return resolved.known.label_values.get(str(path[1]), ())
    return resolved.known.of(_NAMED[kind]).keys() if path == ("name",) and kind in _NAMED else ()


CHECK = ConditionLint(_look)
