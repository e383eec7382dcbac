"""PromQL as conditions of the rule language.

Every series is a fact with all its labels, and every metric a field of it, so that arithmetic between metrics with equal labels is
arithmetic between fields. What is summed up `by` labels becomes a group; what is matched `on` labels an aggregate over the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import fmod
from typing import Any

import promql_parser as promql

from daemon.importing.prometheus.amounts import duration, name_of, number, raw
from daemon.importing.prometheus.values import Untranslatable, Value, constant, in_unit, joined, merged

_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_FLIPPED = {"==": "==", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
_OVER_TIME = {
    "rate": ("rate", -1),
    "increase": ("increase", 0),
    "delta": ("delta", 0),
    "deriv": ("slope", -1),
    "changes": ("changes", 0),
    "avg_over_time": ("avg", 0),
    "min_over_time": ("min", 0),
    "max_over_time": ("max", 0),
    "sum_over_time": ("sum", 0),
    "count_over_time": ("count", 0),
    "last_over_time": ("last", 0),
    "stddev_over_time": ("stddev", 0),
}
_OWN_FIELDS = ("series", "labels")  # of every fact
_PLAIN = re.compile(r"[\w /:@-]+")  # a regular expression that matches itself only
_AGGREGATES = ("sum", "avg", "min", "max", "count")


_LONGEST = 8000  # characters; the parser is native code that recurses, and would run out of stack
_DEEPEST = 100


def parsed(expression: str) -> Any:
    """Raises Untranslatable."""
    if len(expression) > _LONGEST:
        raise Untranslatable(f"an expression of more than {_LONGEST} characters")
    if sum(map(expression.count, "([{")) > 2 * _DEEPEST:
        raise Untranslatable(f"an expression with more than {2 * _DEEPEST} pairs of brackets")
    try:
        return promql.parse(expression)
    except ValueError as error:
        raise Untranslatable(f"the expression does not parse: {error}") from error


@dataclass(slots=True)
class Translation:
    """Of one alert. `kind` is the fact type of its series; `fields` collects those that it reads."""

    kind: str
    recordings: Mapping[str, str]
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: what it is made of, type
    variable: str = ""  # by which the fact that the rule is about is called
    is_inside: bool = False  # it speaks of the members of an aggregate
    uses_one: bool = False  # the rule speaks of another series beside its own
    depth: int = 0  # of recordings inside recordings
    level: int = 0  # of expressions inside expressions

    def __post_init__(self) -> None:
        self.variable = self.variable or self.kind

    def of(self, node: Any) -> Value:
        """Raises Untranslatable."""
        if self.level > _DEEPEST:
            raise Untranslatable(f"an expression over more than {_DEEPEST} levels")
        self.level += 1
        found = self._of(node)
        self.level -= 1
        return found

    def _of(self, node: Any) -> Value:
        name = type(node).__name__
        handler = _HANDLERS.get(name)
        if handler is None:
            raise Untranslatable(f"{name} is not known here")
        return handler(self, node)

    # --- series ------------------------------------------------------------------------------------------------------

    def metric(self, node: Any) -> str:
        if not node.name:
            raise Untranslatable("a selector without the name of a metric")
        return str(node.name)

    def field(self, metric: str, kind: str = "number") -> str:
        """The field of a metric, as it is read here."""
        if ":" in metric:
            raise Untranslatable(f"the recording rule {metric} is in none of the files")
        name = _field_name(metric, kind)
        return self._registered(name, metric, kind)

    def selector(self, node: Any, kind: str = "number") -> Value:
        metric = self.metric(node)
        if metric in self.recordings:
            return self._recorded(node, metric)
        text = self.field(metric, kind)
        filters = tuple(self._filter(one) for one in node.matchers.matchers if one.name != "__name__")
        return Value(text, about="fact", reads=(text,), filters=tuple(filter(None, filters)))

    def _recorded(self, node: Any, metric: str) -> Value:
        """A recording rule says the same as its expression."""
        if node.matchers.matchers or node.offset:
            raise Untranslatable(f"the recording rule {metric} with a choice of labels, or with an offset")
        if self.depth > 5:
            raise Untranslatable(f"the recording rule {metric} leads to itself")
        self.depth += 1
        found = self.of(parsed(self.recordings[metric]))
        self.depth -= 1
        return found

    def label(self, name: str) -> str:
        """The field of a label: of a series that does not have it the empty text, as in Prometheus."""
        if name in _OWN_FIELDS:
            raise Untranslatable(f"the label {name}, since facts have a field of that name")
        return self._registered(label_field(name), f"labels.{name}", "text")

    def _registered(self, name: str, source: str, kind: str) -> str:
        if self.fields.setdefault(name, (source, kind)) != (source, kind):
            raise Untranslatable(f"{source} and {self.fields[name][0]} would be one field, {name}")
        return f"{self.variable}.{name}"

    def _filter(self, matcher: Any) -> str:
        label, value, kind = self.label(matcher.name), str(matcher.value), str(matcher.op).split(".")[-1]
        if kind in ("Equal", "NotEqual"):
            return f"{label} {'==' if kind == 'Equal' else '!='} {raw(value)}"
        return _matches(label, value, is_not=kind != "Re")

    # --- members -----------------------------------------------------------------------------------------------------

    def members(self, node: Any) -> Value:
        """An expression over each member of an aggregate."""
        found = self.inside().of(node)
        if found.about not in ("fact", ""):
            raise Untranslatable("an aggregate of an aggregate")
        return found

    def inside(self) -> Translation:
        """Members are called by the name of their type."""
        return replace(self, variable=self.kind, is_inside=True)

    def where(self, found: Value, *before: str) -> str:
        known = [f"known({one})" for one in found.reads]
        return joined([*known, *found.filters, *before, *found.conditions])


def _field_name(metric: str, kind: str) -> str:
    """The same metric may be read as a number and as an instant, which are two fields."""
    name = name_of(metric)
    if kind != "time":
        return name
    name = name.removesuffix("_seconds")
    return name if name.endswith(("_time", "_timestamp")) and name != name_of(metric) else f"{name}_time"


def label_field(name: str) -> str:
    return name_of(name)


def _matches(label: str, pattern: str, *, is_not: bool) -> str:
    """Without the anchors: a regular expression is held against the whole text anyway. "" where all labels match."""
    if "|" not in pattern or "(" in pattern:
        pattern = pattern.removeprefix("^").removesuffix("$")
    if pattern == ".*":
        return "false" if is_not else ""
    if pattern == ".+":
        return f"{label} {'==' if is_not else '!='} ''"
    if _PLAIN.fullmatch(pattern):
        return f"{label} {'!=' if is_not else '=='} {raw(pattern)}"
    return f"{label} {'not ' if is_not else ''}matches {raw(pattern)}"


# --- one kind of node after the other ---------------------------------------------------------------------------------


def _number(translation: Translation, node: Any) -> Value:
    return constant(node.val)


def _parentheses(translation: Translation, node: Any) -> Value:
    return translation.of(node.expr)


def _negative(translation: Translation, node: Any) -> Value:
    found = translation.of(node.expr)
    if found.constant is not None:
        return constant(-found.constant)
    return replace(found, text=f"0 - {found.inside()}", is_loose=True, is_difference=True)


def _instant(translation: Translation, node: Any) -> Value:
    if node.at is not None:
        raise Untranslatable("a fixed instant (`@`)")
    found = translation.selector(node)
    if node.offset:
        text = f"past({found.text}, {duration(node.offset.total_seconds())})"
        return replace(found, text=text, reads=(text,))
    return found


def _binary(translation: Translation, node: Any) -> Value:
    operator = str(node.op)
    modifier = node.modifier
    if modifier is not None and modifier.return_bool:
        raise Untranslatable("a comparison that gives 0 or 1 (`bool`)")
    if modifier is not None and modifier.matching is not None:
        return _matched(translation, node, operator, modifier)
    with_time = _with_time(translation, node, operator)
    if with_time is not None:
        return with_time
    return _combined(operator, translation.of(node.lhs), translation.of(node.rhs))


def _combined(operator: str, left: Value, right: Value) -> Value:
    if operator in ("and", "or", "unless"):
        return _of_sets(operator, left, right)
    if not left.text or not right.text:
        raise Untranslatable(f"`{operator}` beside something that is only there or not (`or`, `absent`)")
    if operator in _COMPARISONS:
        return _compared(operator, left, right)
    return _calculated(operator, left, right)


def _calculated(operator: str, left: Value, right: Value) -> Value:
    if left.constant is not None and right.constant is not None:
        return constant(_folded(operator, left.constant, right.constant))
    if left.is_absolute or right.is_absolute:
        raise Untranslatable("calculating with abs()")
    if operator in ("+", "-"):
        left, right = (
            (in_unit(left, right.seconds), right)
            if left.constant is not None
            else (left, in_unit(right, left.seconds))
        )
        text = f"{left.text} {operator} {right.inside()}"
        return merged(left, right, text=text, seconds=left.seconds, is_loose=True, is_difference=True)
    if operator not in ("*", "/", "%"):
        raise Untranslatable(f"the operator {operator}")
    seconds = left.seconds + {"*": right.seconds, "/": -right.seconds, "%": 0}[operator]
    sign = "mod" if operator == "%" else operator
    text = f"{_factor(left)} {sign} {right.inside()}"
    return merged(left, right, text=text, seconds=seconds, is_loose=True)


def _factor(value: Value) -> str:
    """A product stands beside a factor without parentheses."""
    return (
        value.text
        if value.is_loose and not any(f" {sign} " in value.text for sign in "+-")
        else value.inside()
    )


def _folded(operator: str, left: float, right: float) -> float:
    try:
        found = _ARITHMETIC[operator](left, right)
    except (KeyError, ArithmeticError):
        raise Untranslatable(f"the calculation {left} {operator} {right}") from None
    if isinstance(found, complex):
        raise Untranslatable(f"the calculation {left} {operator} {right}")
    return float(found)


_ARITHMETIC: Mapping[str, Callable[[float, float], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: fmod(left, right),
    "^": lambda left, right: left**right,
}


def _compared(operator: str, left: Value, right: Value) -> Value:
    """PromQL gives the left side where the comparison is true."""
    if left.constant is not None and right.constant is None:
        return _compared(_FLIPPED[operator], right, left)
    right = in_unit(right, left.seconds)
    found = merged(left, right, text=left.text, seconds=left.seconds, is_loose=left.is_loose)
    condition = _condition(operator, left, right)
    guards = () if _needs_no_guard(operator, left, right) else found.guards
    return replace(found, conditions=(*found.conditions, *guards, condition))


def _condition(operator: str, left: Value, right: Value) -> str:
    if not left.is_absolute:
        return f"{left.text} {operator} {right.text}"
    if right.constant is None or operator not in ("<", "<=", ">", ">="):
        raise Untranslatable("abs() beside something that is no number")
    other = f"{left.text} {_FLIPPED[operator]} -{right.text}"
    if operator in (">", ">="):
        return f"({left.text} {operator} {right.text} or {other})"
    return f"{left.text} {operator} {right.text} and {other}"


def _needs_no_guard(operator: str, left: Value, right: Value) -> bool:
    """A sum of nothing is 0, which is not above a number above 0."""
    above = operator in (">", ">=") and right.constant is not None and right.constant > 0
    return above and not left.is_difference


def _of_sets(operator: str, left: Value, right: Value) -> Value:
    if operator == "and":
        found = merged(left, right, text=left.text, seconds=left.seconds, is_loose=left.is_loose)
        return replace(found, conditions=tuple(dict.fromkeys((*found.conditions, *_there(right)))))
    said = joined(_wholly(right, left if operator == "or" else None))
    if operator == "unless":
        found = merged(left, replace(right, reads=(), filters=(), conditions=(), guards=()), text=left.text)
        found = replace(found, seconds=left.seconds, is_loose=left.is_loose)
        return replace(found, conditions=(*(left.conditions or _there(left)), f"not ({said})"))
    own = joined(_wholly(left, right))
    both = tuple(one for one in left.reads if one in right.reads)
    found = merged(
        replace(left, reads=both, filters=(), conditions=(), guards=()),
        replace(right, reads=both, filters=(), conditions=(), guards=()),
    )
    return replace(found, text="", conditions=(f"{_wrapped(own)} or {_wrapped(said)}",))


def _wholly(value: Value, beside: Value | None) -> tuple[str, ...]:
    """All that must be true, also that there is what it reads: what is not there makes a comparison unknown, and not false."""
    common = beside.reads if beside else ()
    there = [f"known({one})" for one in value.reads if one not in common]
    return tuple(dict.fromkeys((*there, *value.filters, *(value.conditions or _there(value)))))


def _wrapped(text: str) -> str:
    return f"({text})" if " or " in text or " and " in text else text


def _there(value: Value) -> tuple[str, ...]:
    """That there is a value at all, where no condition says so already."""
    if value.conditions or not value.text:
        return value.conditions
    return value.guards or (f"known({value.text})",)


# --- matching on labels -----------------------------------------------------------------------------------------------


def _matched(translation: Translation, node: Any, operator: str, modifier: Any) -> Value:
    """`left op on (labels) right`: for each of the left side, what is on the right side with the same labels."""
    matching = modifier.matching
    if not str(matching.type).endswith("Include"):
        raise Untranslatable("matching on all labels but some (`ignoring`)")
    labels, is_right = tuple(matching.labels), str(modifier.card).endswith("OneToMany")
    many, one = (node.rhs, node.lhs) if is_right else (node.lhs, node.rhs)
    if translation.is_inside:
        raise Untranslatable("matching on labels inside an aggregate")
    left = translation.of(many)
    if left.about == "group":
        other = _in_group(translation, one, left, labels)
    elif left.about == "fact":
        translation.uses_one = True
        other = _other(translation, one, labels, operator)
    else:
        raise Untranslatable("matching where one side is about all series together")
    return _combined(operator, other, left) if is_right else _combined(operator, left, other)


def _in_group(translation: Translation, node: Any, left: Value, labels: tuple[str, ...]) -> Value:
    """Beside what is summed up by the same labels: the other side, in the same group."""
    if set(labels) != set(left.labels):
        raise Untranslatable("matching on other labels than those that are summed up by")
    found = translation.of(node)
    if found.about == "fact":
        inner = translation.members(node)
        text = f"max({inner.text} where {translation.where(inner)})"
        return Value(text, about="group", labels=left.labels, seconds=inner.seconds)
    return found


def _other(translation: Translation, node: Any, labels: tuple[str, ...], operator: str) -> Value:
    """The other side as one value, found by the labels that both have."""
    same = [f"{translation.inside().label(name)} == {translation.label(name)}" for name in labels]
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ == "AggregateExpr":
        function, grouped = _function(node), _labels(node)
        if not set(labels) <= set(grouped):
            raise Untranslatable("matching on labels that are summed away")
        inner = translation.members(node.expr)
    else:
        function, inner = "max", translation.members(node)
    where = translation.where(inner, *same)
    if operator in ("and", "unless"):
        return Value("", about="fact", conditions=(f"any({translation.kind} where {where})",))
    text = _aggregated(translation, function, inner, where)
    guards = (f"any({translation.kind} where {where})",) if function in ("sum", "count") else ()
    return Value(text, about="fact", seconds=_seconds(function, inner), guards=guards)


def _seconds(function: str, inner: Value) -> int:
    return 0 if function == "count" else inner.seconds


ONE = "one"  # what the rule is about, where it speaks of others of the same type too


# --- aggregates -------------------------------------------------------------------------------------------------------


def _aggregate(translation: Translation, node: Any) -> Value:
    function, labels = _function(node), _labels(node)
    if function == "count" and (different := _different(translation, node.expr, labels)) is not None:
        return different
    inner = translation.members(node.expr)
    if inner.is_absolute:
        raise Untranslatable("abs() inside an aggregate")
    where = translation.where(inner)
    there = f"any({translation.kind} where {where})"
    return Value(
        _aggregated(translation, function, inner, where),
        about="group" if labels else "all",
        labels=labels,
        seconds=_seconds(function, inner),
        guards=(there,) if function in ("sum", "count") else (),
    )


def _different(translation: Translation, node: Any, labels: tuple[str, ...]) -> Value | None:
    """`count(count by (x) (…))`: how many different x there are."""
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ != "AggregateExpr" or _function(node) not in ("count", "sum", "max", "min", "avg"):
        return None
    counted = [label for label in _labels(node) if label not in labels]
    if len(counted) != 1 or not set(labels) <= set(_labels(node)):
        return None
    inner = translation.members(node.expr)
    label = translation.inside().label(counted[0])
    where = translation.where(inner)
    about = "group" if labels else "all"
    return Value(f"distinct({label} where {where})", about=about, labels=labels)


def _aggregated(translation: Translation, function: str, inner: Value, where: str) -> str:
    if function == "count":
        return f"count({translation.kind} where {where})"
    return f"{function}({inner.text} where {where})"


def _function(node: Any) -> str:
    name = str(node.op)
    if name not in _AGGREGATES or node.param is not None:
        raise Untranslatable(f"the aggregate {name}")
    return name


def _labels(node: Any) -> tuple[str, ...]:
    if node.modifier is None:
        return ()
    if not str(node.modifier.type).endswith("By"):
        raise Untranslatable("an aggregate over all labels but some (`without`)")
    return tuple(dict.fromkeys(node.modifier.labels))


# --- functions --------------------------------------------------------------------------------------------------------


def _call(translation: Translation, node: Any) -> Value:
    name = node.func.name
    if name in _OVER_TIME:
        function, seconds = _OVER_TIME[name]
        return _over_time(translation, function, seconds, node.args[0])
    handler = _CALLS.get(name)
    if handler is None:
        raise Untranslatable(f"the function {name}()")
    return handler(translation, list(node.args))


def _over_time(translation: Translation, function: str, seconds: int, node: Any, before: str = "") -> Value:
    if type(node).__name__ == "SubqueryExpr":
        return _over_expression(translation, function, seconds, node, before)
    if type(node).__name__ != "MatrixSelector":
        raise Untranslatable(f"{function} of something that is no series")
    selector = node.vector_selector
    found = translation.selector(selector)
    if found.about != "fact" or not found.reads:
        raise Untranslatable(f"{function} of a recording rule")
    span = f"over {duration(node.range.total_seconds())}"
    ending = f" ending {duration(selector.offset.total_seconds())} ago" if selector.offset else ""
    text = f"{function}({before}{found.text} {span}{ending})"
    return replace(found, text=text, seconds=seconds, reads=(text,) if ending else found.reads)


def _over_expression(translation: Translation, function: str, seconds: int, node: Any, before: str) -> Value:
    """A subquery: the same over the samples themselves."""
    found = translation.of(node.expr)
    if found.about != "fact" or " over " in found.text or found.conditions or not found.text:
        raise Untranslatable("a subquery over more than the fields of one series")
    text = f"{function}({before}{found.text} over {duration(node.range.total_seconds())})"
    return replace(found, text=text, seconds=seconds + found.seconds, is_loose=False)


def _quantile_over_time(translation: Translation, arguments: list[Any]) -> Value:
    part = translation.of(arguments[0])
    if part.constant is None or not 0 <= part.constant <= 1:
        raise Untranslatable("a quantile that is no number from 0 to 1")
    return _over_time(translation, "quantile", 0, arguments[1], f"{number(part.constant)}, ")


def _histogram_quantile(translation: Translation, arguments: list[Any]) -> Value:
    """Of `rate(x_bucket[…])`, summed up by `le` and others, or for each series."""
    part = translation.of(arguments[0])
    if part.constant is None:
        raise Untranslatable("a quantile that is no number")
    node = arguments[1]
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ == "AggregateExpr":
        labels = tuple(label for label in _labels(node) if label != "le")
        inner = _buckets(translation.inside(), node.expr)
        text = f"sum({inner.text} where {translation.where(inner)})"
        found = Value(text, about="group" if labels else "all", labels=labels)
    else:
        found = _buckets(translation, node)
    return replace(found, text=f"quantile({number(part.constant)}, {found.text})", seconds=0)


def _buckets(translation: Translation, node: Any) -> Value:
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ != "Call" or node.func.name not in ("rate", "increase"):
        raise Untranslatable("a histogram_quantile of something that is no rate of buckets")
    matrix = node.args[0]
    if type(matrix).__name__ != "MatrixSelector":
        raise Untranslatable("a histogram_quantile of something that is no series")
    found = translation.selector(matrix.vector_selector, "histogram")
    span = duration(matrix.range.total_seconds())
    filters = tuple(one for one in found.filters if not _is_about(one, f"{translation.variable}.le"))
    return replace(found, text=f"rate({found.text} over {span})", filters=filters)


def _is_about(condition: str, field_name: str) -> bool:
    return condition.startswith(f"{field_name} ")


def _predict(translation: Translation, arguments: list[Any]) -> Value:
    ahead = translation.of(arguments[1])
    matrix = arguments[0]
    selector: Any = None
    if type(matrix).__name__ == "SubqueryExpr":
        selector = matrix.expr
    elif type(matrix).__name__ == "MatrixSelector":
        selector = matrix.vector_selector
    if ahead.constant is None or type(selector).__name__ != "VectorSelector" or selector.offset:
        raise Untranslatable("predict_linear of something that is no series")
    found = translation.selector(selector)
    if found.about != "fact" or not found.reads:
        raise Untranslatable("predict_linear of a recording rule")
    span = f"after {duration(ahead.constant)} over {duration(matrix.range.total_seconds())}"
    return replace(found, text=f"forecast({found.text} {span})")


def _absolute(translation: Translation, arguments: list[Any]) -> Value:
    return replace(translation.of(arguments[0]), is_absolute=True)


def _absent(translation: Translation, arguments: list[Any]) -> Value:
    node = arguments[0]
    if type(node).__name__ == "MatrixSelector":
        node = node.vector_selector
    if translation.is_inside:
        raise Untranslatable("absent() inside an aggregate")
    inner = translation.members(node)
    return Value(
        "", about="all", shown="1", conditions=(f"no({translation.kind} where {translation.where(inner)})",)
    )


_CALLS: Mapping[str, Callable[[Translation, list[Any]], Value]] = {
    "quantile_over_time": _quantile_over_time,
    "histogram_quantile": _histogram_quantile,
    "predict_linear": _predict,
    "abs": _absolute,
    "absent": _absent,
}


# --- instants ---------------------------------------------------------------------------------------------------------


def _with_time(translation: Translation, node: Any, operator: str) -> Value | None:
    """`x - time()`, `time() - x`: the series holds an instant."""
    sides = [_is_time(node.lhs), _is_time(node.rhs)]
    if not any(sides):
        return None
    other = node.rhs if sides[0] else node.lhs
    found = _instants(translation, other)
    if operator == "-":
        text = f"now - {found.text}" if sides[0] else f"{found.text} - now"
        return replace(found, text=text, seconds=1, is_loose=True)
    if operator in _COMPARISONS:
        condition = f"now {operator} {found.text}" if sides[0] else f"{found.text} {operator} now"
        return replace(found, conditions=(*found.conditions, condition))
    raise Untranslatable(f"time() beside {operator}")


def _is_time(node: Any) -> bool:
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    return type(node).__name__ == "Call" and node.func.name == "time"


def _instants(translation: Translation, node: Any) -> Value:
    while type(node).__name__ == "ParenExpr":
        node = node.expr
    if type(node).__name__ == "AggregateExpr" and str(node.op) in ("min", "max"):
        inner = _instants(translation.inside(), node.expr)
        if inner.about != "fact":
            raise Untranslatable("an aggregate of an aggregate")
        labels = _labels(node)
        text = f"{node.op}({inner.text} where {translation.where(inner)})"
        return Value(text, about="group" if labels else "all", labels=labels)
    if type(node).__name__ == "Call" and node.func.name in (
        "max_over_time",
        "min_over_time",
        "last_over_time",
    ):
        return _instant_over_time(translation, _OVER_TIME[node.func.name][0], node.args[0])
    return translation.selector(_plain(node), "time")


def _instant_over_time(translation: Translation, function: str, node: Any) -> Value:
    if type(node).__name__ != "MatrixSelector":
        raise Untranslatable("time() beside something that is no series")
    found = translation.selector(_plain(node.vector_selector), "time")
    return replace(found, text=f"{function}({found.text} over {duration(node.range.total_seconds())})")


def _plain(node: Any) -> Any:
    if type(node).__name__ != "VectorSelector" or node.offset:
        raise Untranslatable("time() beside something that is no series")
    return node


_HANDLERS: Mapping[str, Callable[[Translation, Any], Value]] = {
    "NumberLiteral": _number,
    "ParenExpr": _parentheses,
    "UnaryExpr": _negative,
    "VectorSelector": _instant,
    "BinaryExpr": _binary,
    "AggregateExpr": _aggregate,
    "Call": _call,
}
