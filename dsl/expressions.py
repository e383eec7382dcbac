"""Resolved expressions: what a condition means once its names and units are settled.

They carry no spans and no types, so two conditions that mean the same are equal and hash alike: holds and learned values follow
this meaning across a reload. Values are plain: number, percent (5% is 0.05), duration (seconds), size (bytes) and time (seconds since
1970 UTC) are floats; text is str; a flag is bool; a list is a tuple. Unknown is None everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Constant(msgspec.Struct, frozen=True, gc=False):
    value: object  # float | str | bool | tuple | None


class Field(msgspec.Struct, frozen=True, gc=False):
    """A value read from what a rule binds: `agent.labels.tier` is Field("agent", ("labels", "tier")).

    `subject` is a bound variable ("agent", "fault", "reply", a parameter of an action); `path` may be empty (a parameter itself).
    """

    subject: str
    path: tuple[str | int, ...]


class Call(msgspec.Struct, frozen=True, gc=False):
    """A built-in function of the engine's vocabulary: `since(stream.last_update)`."""

    function: str
    arguments: tuple[Expression, ...]


class Not(msgspec.Struct, frozen=True, gc=False):
    operand: Expression


class And(msgspec.Struct, frozen=True, gc=False):
    operands: tuple[Expression, ...]


class Or(msgspec.Struct, frozen=True, gc=False):
    operands: tuple[Expression, ...]


class Compare(msgspec.Struct, frozen=True, gc=False):
    operator: str  # == != < <= > >= in contains matches
    left: Expression
    right: Expression
    order: tuple[str, ...] | None = None  # the closed set whose written order `<` follows


class Arithmetic(msgspec.Struct, frozen=True, gc=False):
    operator: str  # + - * / mod
    left: Expression
    right: Expression


class Negative(msgspec.Struct, frozen=True, gc=False):
    operand: Expression


class Template(msgspec.Struct, frozen=True, gc=False):
    """An interpolated text: literal pieces and expressions in turn. `formats` says how each expression's type is written out."""

    parts: tuple[str | Expression, ...]
    formats: tuple[str, ...] = ()  # one for each expression: number percent duration size time text


class ListOf(msgspec.Struct, frozen=True, gc=False):
    elements: tuple[Expression, ...]


class MapOf(msgspec.Struct, frozen=True, gc=False):
    members: tuple[tuple[str, Expression], ...]


# --- what reads more than the values of now ---------------------------------------------------------------------------


class Members(msgspec.Struct, frozen=True, gc=False):
    """The facts of `type`, one after the other bound as `name`, of which `where` is true.

    `of_group`: only those of the group that the rule is about (`for each TYPE by FIELD, …`). Where `type` is no fact type, it is a bound
    list, and its elements are meant (`answers`, of a step that is done for several agents).
    """

    type: str
    name: str
    where: Expression | None = None
    of_group: bool = False


class Aggregate(msgspec.Struct, frozen=True, gc=False):
    """`any all no count distinct sum avg min max` over members.

    `value` reads the member: what is summed, or of `all` what must be true of each. `count`, `any` and `no` have none. The sum of
    histograms is `sum_of_histograms`.
    """

    function: str
    members: Members
    value: Expression | None = None


class Window(msgspec.Struct, frozen=True, gc=False):
    """What `value` was over time: `avg min max sum count rate increase delta slope stddev changes share quantile last past age absent`.

    `value` reads the fields of one fact only, the one bound as `subject`. The window is the `over` seconds that ended `ending` seconds
    ago. `past` has only `ending`, `age` neither. `number` is the fraction of `quantile`. The rate of a histogram is `rate_of_histogram`.
    """

    function: str
    value: Expression
    subject: str
    over: float = 0.0
    ending: float = 0.0
    number: float | None = None


class Occurrences(msgspec.Struct, frozen=True, gc=False):
    """What happened over time: `count(event deploy where … over 2m)`, `count(fault NAME of agent over 1h)`.

    `kind` is event or fault; `type` the event's type, or the detection ("" any). Each is bound as `name` in `where` and `value`.
    `of` is a bound variable: of faults, only those whose subject it is. `function`: count, or with `value` distinct sum avg min max.
    """

    kind: str
    type: str
    name: str
    where: Expression | None
    over: float
    ending: float = 0.0
    of: str | None = None
    function: str = "count"
    value: Expression | None = None


class Foresight(msgspec.Struct, frozen=True, gc=False):
    """`forecast(x after 6h over 3h)`, `time_until(x >= 95% over 3h)`, `anomaly(x over 1d)`; `value` is as in `Window`.

    `forecast` is the value in `after` seconds, `time_until` the seconds until `value operator threshold` (0 if so already, infinite if it
    recedes), `anomaly` from 0 to 1 how unusual the newest value is.
    """

    function: str
    value: Expression
    subject: str
    over: float
    after: float = 0.0
    operator: str = ""
    threshold: float | None = None


class During(msgspec.Struct, frozen=True, gc=False):
    """Whether the instant lies in the times of a calendar."""

    calendar: str


class Learned(msgspec.Struct, frozen=True, gc=False):
    """`learned.duration(STEP)` in seconds, `learned.success(STEP)` from 0 to 1; `step` is WORKFLOW/STEP."""

    what: str
    step: str


Expression = (
    Constant
    | Field
    | Call
    | Not
    | And
    | Or
    | Compare
    | Arithmetic
    | Negative
    | Template
    | ListOf
    | MapOf
    | Aggregate
    | Window
    | Occurrences
    | Foresight
    | During
    | Learned
)


def nodes_of(expression: Expression) -> list[Expression]:
    """The expression and everything in it, in the order in which it is written."""
    found = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += children_of(node)[::-1]
    return found


def children_of(node: Expression) -> tuple[Expression, ...]:
    """Its parts, in the order in which they are written."""
    children = _CHILDREN.get(type(node))
    return () if children is None else children(node)


_CHILDREN: Mapping[type, Callable[[Any], tuple[Expression, ...]]] = {
    Call: lambda node: node.arguments,
    Not: lambda node: (node.operand,),
    Negative: lambda node: (node.operand,),
    And: lambda node: node.operands,
    Or: lambda node: node.operands,
    Compare: lambda node: (node.left, node.right),
    Arithmetic: lambda node: (node.left, node.right),
    Template: lambda node: tuple(part for part in node.parts if not isinstance(part, str)),
    ListOf: lambda node: node.elements,
    MapOf: lambda node: tuple(member for _, member in node.members),
    Aggregate: lambda node: _written(node.members.where, node.value),
    Window: lambda node: (node.value,),
    Occurrences: lambda node: _written(node.where, node.value),
    Foresight: lambda node: (node.value,),
}


def _written(*parts: Expression | None) -> tuple[Expression, ...]:
    return tuple(part for part in parts if part is not None)
