"""What follows from the shapes of a rule's conditions alone: what it reads, by which equalities it is found, which limit it asks for.

Rules that differ in their constants only have one form. It is worked out for the first of them; the others add their constants.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from dsl.expressions import And, Compare, Constant, Expression, Field
from engine.analysis.compile import Predicate
from engine.analysis.shape import Shape, lifted

Path = tuple[str | int, ...]
_ORDERED = ("<", "<=", ">", ">=")


class Evidence(NamedTuple):
    """A field that the condition reads, by its path as written."""

    name: str
    subject: str
    path: Path


class Place(NamedTuple):
    """Where a constant stands: in which condition, and the how manieth it is of those lifted out."""

    condition: int
    number: int


class Asked(NamedTuple):
    """A limit: `field operator` the constant at `place`."""

    field: str
    operator: str
    place: Place


class Form:
    """Of `where`, `when`, `unless` and `until`, as far as there are any, of a rule about a fact of `type`, bound as `subject`.

    `keys` are the equalities that must hold for `where` and `when` to be true, by their paths; `fields` those of the subject that are read.
    `reads_all`: the subject is read as a whole, or something is looked at anew whenever it is asked for. `calls`: time may turn it.
    `limit`: what the subject must pass, where beside the keys this is all that is read, and time does nothing to it.
    `on_status`: it goes by what is concluded of an agent. `has_slots`: what people wrote stands for slots.
    """

    __slots__ = (
        "_in_where",
        "_keys",
        "calls",
        "evidence",
        "fields",
        "has_slots",
        "keys",
        "limit",
        "on_status",
        "others",
        "own_evidence",
        "reads",
        "reads_all",
        "subject",
        "type",
    )

    def __init__(self, kind: str, subject: str, shapes: Sequence[Shape | None]) -> None:
        self.type, self.subject = kind, subject
        found = [shape for shape in shapes if shape is not None]
        self.reads = {(field.subject, field.path) for shape in found for field in shape.fields}
        own = [path for name, path in self.reads if name == subject]
        self.fields = frozenset(str(path[0]) for path in own if path)
        self.others = sorted({name for name, _ in self.reads if name != subject})
        self.reads_all = any(shape.looks for shape in found) or not all(own)
        self.calls = any(shape.calls for shape in found)
        self.on_status = kind == "agent" and "status" in self.fields
        self.evidence = evidence_of(shapes[1], {})
        self.has_slots = any(one.name.startswith("#") for one in self.evidence)
        self.own_evidence = _own(self.evidence, subject)
        equalities = _equalities(subject, shapes)
        self.keys = tuple(equalities)
        places = list(equalities.values())
        self._in_where = any(place.condition == 0 for place in places)
        self._keys = itemgetter(*[place.number for place in places]) if places else None
        self.limit = None if self.calls or self.reads_all else _limit(subject, shapes, {*own} - {*self.keys})

    def keys_of(self, where: Predicate | None, when: Predicate) -> Hashable:
        """The constants of its keys in these conditions: of several all of them."""
        condition = where if self._in_where else when
        return () if self._keys is None or condition is None else self._keys(condition.constants)

    def limit_of(self, where: Predicate | None, when: Predicate) -> float | None:
        """The limit in these conditions."""
        if self.limit is None:
            return None
        place = self.limit.place
        condition = where if place.condition == 0 else when
        return None if condition is None else float(condition.constants[place.number])


_forms: dict[tuple[object, ...], Form] = {}  # pure, so one for the process


def form_of(kind: str, subject: str, *conditions: Predicate | None) -> Form:
    """Of these conditions, in the order that `Form` has them."""
    shapes = [None if one is None else one.shape for one in conditions]
    key = (kind, subject, *shapes)
    form = _forms.get(key)
    if form is None:
        form = _forms[key] = Form(kind, subject, shapes)
    return form


def evidence_of(when: Shape | None, texts: Mapping[str, str]) -> tuple[Evidence, ...]:
    """What a condition reads, each field once, as people wrote it: `texts` are what slots stand for, which may be several: a value and its
    bounds."""
    fields = when.fields if when is not None else ()
    return tuple(dict.fromkeys(Evidence(_name(one, texts), one.subject, one.path) for one in fields))


def _name(field: Field, texts: Mapping[str, str]) -> str:
    *front, last = (field.subject, *field.path)
    if str(last).startswith("#"):
        return texts.get(str(last).rstrip("<>"), str(last))
    return ".".join(str(part) for part in (*front, last) if part != "*")


def _own(evidence: Sequence[Evidence], subject: str) -> tuple[tuple[str, str], ...] | None:
    """Names and fields, where all of it are fields of the subject, and none is a slot: the quick way to read it."""
    own = {one.name: str(one.path[0]) for one in evidence if one.subject == subject and len(one.path) == 1}
    slots = any(name.startswith("#") for name in own)
    return tuple(own.items()) if len(own) == len(evidence) and subject != "fault" and not slots else None


def _equalities(subject: str, shapes: Sequence[Shape | None]) -> dict[Path, Place]:
    """`FIELD == constant` among the parts that must all hold: from `where` if it has any, else from `when`."""
    for number, shape in enumerate(shapes[:2]):
        found: dict[Path, Place] = {}
        for part, place in _compared(number, shape):
            left, right = part.left, part.right
            if (
                part.operator == "=="
                and isinstance(left, Field)
                and left.subject == subject
                and left.path
                and isinstance(right, Constant)
                and isinstance(right.value, (str, float, int))
            ):
                found[left.path] = place
        if found:
            return {path: found[path] for path in sorted(found, key=repr)}
    return {}


def _limit(subject: str, shapes: Sequence[Shape | None], free: set[Path]) -> Asked | None:
    """`free`: what is read of the subject beside the keys."""
    if len(free) != 1:
        return None
    for number, shape in enumerate(shapes[:2]):
        for part, place in _compared(number, shape):
            left, right = part.left, part.right
            if (
                part.operator in _ORDERED
                and part.order is None
                and isinstance(left, Field)
                and left.subject == subject
                and left.path in free
                and len(left.path) == 1
                and isinstance(right, Constant)
                and type(right.value) in (int, float)
            ):
                return Asked(str(left.path[0]), part.operator, place)
    return None


def _compared(condition: int, shape: Shape | None) -> list[tuple[Compare, Place]]:
    """The comparisons with a constant that must all hold, and where that stands."""
    if shape is None:
        return []
    numbers = {id(node): number for number, node in enumerate(lifted(shape.example))}
    return [
        (part, Place(condition, numbers[id(part.right)]))
        for part in conjuncts(shape.example)
        if id(part.right) in numbers
    ]


def conjuncts(expression: Expression) -> list[Compare]:
    """The comparisons that must all be true for it to be true."""
    parts = expression.operands if isinstance(expression, And) else (expression,)
    flat = [inner for part in parts for inner in (conjuncts(part) if isinstance(part, And) else [part])]
    return [part for part in flat if isinstance(part, Compare)]
