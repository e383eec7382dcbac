"""What may come next in a clause: the shape of its word, followed along the values that stand there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from daemon.editor.words import words
from dsl.shape import (
    KINDS,
    Choice,
    Family,
    Literal,
    Optional,
    Pattern,
    Repeated,
    Sign,
    Value,
    compiled,
)
from dsl.shape import Sequence as Run
from dsl.syntax import Comma, Equals, Node, Not, Word

Fits = Callable[[Node], bool]


@dataclass(frozen=True, slots=True)
class Expected:
    """A word or a sign that stands for itself (`kind` is ""), a kind of value, or a clause of a family (`kind` is "<family>")."""

    kind: str
    text: str = ""


def expected(shape: str, items: Sequence[Node]) -> list[Expected]:
    """In the order of the shape, each once. Nothing where what stands there does not fit."""
    following = _Following(tuple(items), {})
    for _ in following.run(compiled(shape), 0):
        pass
    return list(following.found)


@dataclass(slots=True)
class _Following:
    """Tries every way through a shape; whoever needs something behind the last item says so."""

    items: tuple[Node, ...]
    found: dict[Expected, None]

    def run(self, pattern: Pattern, at: int) -> Iterator[int]:
        """Where the items may be left off after this pattern."""
        match pattern:
            case Literal(word=word, negated=negated):
                yield from self._one(at, Expected("", f"not {word}" if negated else word), _is(word))
            case Sign(text=text):
                yield from self._one(at, Expected("", text), lambda node: isinstance(node, (Equals, Comma)))
            case Value(kind=kind):
                yield from self._value(kind, at)
            case Family(name=name):
                yield from self._family(name, at)
            case Optional(inner=inner):
                yield at
                yield from self.run(inner, at)
            case Repeated(inner=inner):
                yield from self._repeated(inner, at)
            case Run(parts=parts):
                yield from self._parts(parts, at)
            case Choice(options=options):
                for option in options:
                    yield from self.run(option, at)

    def _one(self, at: int, wanted: Expected, fits: Fits) -> Iterator[int]:
        if at == len(self.items):
            self.found[wanted] = None
        elif fits(self.items[at]):
            yield at + 1

    def _value(self, kind: str, at: int) -> Iterator[int]:
        known = KINDS[kind]
        if at == len(self.items):
            self.found[Expected(kind)] = None
        elif known.shape:
            yield from self.run(compiled(known.shape), at)
        elif isinstance(self.items[at], known.nodes):
            yield at + 1

    def _family(self, name: str, at: int) -> Iterator[int]:
        if at == len(self.items):
            self.found[Expected(f"<{name}>")] = None
            return
        head = self.items[at]
        if isinstance(head, Word):
            for form in _forms(head.name, name):
                yield from self.run(compiled(form), at + 1)

    def _repeated(self, inner: Pattern, at: int) -> Iterator[int]:
        for end in self.run(inner, at):
            yield end
            if end < len(self.items) and isinstance(self.items[end], Comma):
                yield from self._repeated(inner, end + 1)

    def _parts(self, parts: Sequence[Pattern], at: int) -> Iterator[int]:
        if not parts:
            yield at
            return
        for end in self.run(parts[0], at):
            yield from self._parts(parts[1:], end)


def _is(word: str) -> Fits:
    return lambda node: (isinstance(node, Word) and node.name == word) or isinstance(node, Not)


def _forms(word: str, family: str) -> list[str]:
    return [form.shape for form in words().forms(word, (family,))]
