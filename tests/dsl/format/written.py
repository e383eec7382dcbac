"""Rules as hypothesis writes them: every form of the grammar, with comments and blanks wherever they may stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

NAMES = ("a", "agent", "status", "for", "each", "at", "only", "try", "given", "a_rather_long_name", "x1")
VALUES = (
    '"text # none"',
    "'raw'",
    "3.5",
    "90%",
    "1h30m",
    "512MiB",
    "02:00",
    "true",
    "a.b[0].c",
    'f["odd key"]',
    "x",
)
COMPARISONS = ("==", "!=", "<", "not in", "not   in", "contains", "matches")
COMMENTS = ("#", "# why", "#no space   ", "# volexd: allow V407 because it is so", "# a; { b", '# "quoted')


class Writer:
    """Draws one choice after the other and writes what it stands for."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.written: list[str] = []

    def one_of(self, count: int) -> int:
        return self._draw(st.integers(0, count - 1))

    def choose(self, texts: Sequence[str]) -> str:
        return texts[self.one_of(len(texts))]

    def write(self, text: str) -> None:
        self.written.append(text)

    # --- blanks and comments ---

    def space(self) -> None:
        self.write(self.choose((" ", " ", "   ", "\t")))

    def nothing(self) -> None:
        self.write(self.choose(("", "", " ", "\t ")))

    def soft(self) -> None:
        """Where a line may break without ending anything."""
        if self.one_of(4):
            self.space()
        else:
            self.lines()

    def lines(self) -> None:
        """At least one end of a line, with comments and blank lines; the next thing is indented."""
        if self.one_of(4) == 0:
            self.write("  " + self.choose(COMMENTS))
        self.write("\n")
        for _ in range(self.one_of(3)):
            self.write(self.choose(("", "    " + self.choose(COMMENTS), self.choose(COMMENTS), "  ")) + "\n")
        self.write(self.choose((" ", "    ", "\t", "          ")))

    def end(self) -> None:
        """Of a clause in braces."""
        if self.one_of(3):
            self.lines()
        else:
            self.write(self.choose(("; ", ";", " ;; ", ";\n  ;\n  ")))

    # --- values ---

    def atom(self, depth: int) -> None:
        kind = self.one_of(9) if depth < 2 else 9
        if kind == 0:
            self.write("count(")
            self.inside(lambda: self.items(depth + 1), ")")
        elif kind == 1:
            self.write("[")
            self.inside(lambda: self.value(depth + 1), "]")
        elif kind == 2:
            self.write("(")
            self.nothing()
            self.expression(depth + 1)
            self.nothing()
            self.write(")")
        else:
            self.write(self.choose(VALUES))

    def inside(self, element: Callable[[], None], closing: str) -> None:
        if self.one_of(2):
            self.soft()
        for number in range(self.one_of(4)):
            if number:
                self.nothing()
                self.write(",")
                self.soft()
            element()
        if self.one_of(3) == 0:
            self.lines()
        self.write(closing)

    def value(self, depth: int) -> None:
        kind = self.one_of(6)
        if kind == 0 and depth < 3:
            self.write("{")
            self.inside(lambda: self.named(depth + 1), "}")
        elif kind == 1:
            self.write("-")
            self.nothing()
            self.write("3")
        else:
            self.atom(depth)

    def named(self, depth: int) -> None:
        self.write(self.choose(NAMES))
        self.nothing()
        self.write(":")
        self.nothing()
        self.value(depth)

    def comparison(self, depth: int) -> None:
        if self.one_of(6) == 0:
            self.write("not ")
        self.atom(depth)
        kind = self.one_of(3)
        if kind == 1:
            self.operator(COMPARISONS)
            self.value(depth)
        elif kind == 2:
            self.operator(("+", "-", "*", "/", "mod"))
            self.atom(depth)

    def operator(self, operators: Sequence[str]) -> None:
        """A line may begin with it, save with a word that a clause could begin with."""
        operator = self.choose(operators)
        self.space() if operator.startswith(("not", "mod")) else self.soft()
        self.write(operator)
        self.space()

    def expression(self, depth: int) -> None:
        self.comparison(depth)
        for _ in range(max(0, self.one_of(5) - 2)):
            self.soft()
            self.write(self.choose(("and", "or")))
            self.soft()
            self.comparison(depth)

    def items(self, depth: int) -> None:
        for number in range(1 + self.one_of(2)):
            if number:
                self.space()
            if self.one_of(4) == 0:
                self.named(depth)
            else:
                self.expression(depth)

    # --- clauses ---

    def clause(self, depth: int) -> None:
        self.write(self.choose(NAMES))
        if self.one_of(6):
            self.space()
            self.items(0)
        if self.one_of(8) == 0:
            self.write(",")
            self.soft()
            self.items(0)
        if depth < 3 and self.one_of(3) == 0:
            self.space()
            self.body(depth + 1)

    def body(self, depth: int) -> None:
        self.write("{")
        if self.one_of(2):
            self.lines()
        else:
            self.nothing()
        for number in range(self.one_of(4)):
            if number:
                self.end()
            self.clause(depth)
        self.end() if self.one_of(2) else self.nothing()
        self.write("}")

    def declaration(self) -> None:
        self.write(self.choose(("agent", "detection", "let", "test", "probe")))
        self.space()
        if self.one_of(4) == 0:
            if self.one_of(8) == 0:
                self.lines()
                self.write("= 3")
                return
            self.write("x =")
            self.space()
            self.value(0)
        else:
            self.items(0)
            if self.one_of(4):
                self.space()
                self.body(1)

    def between(self) -> None:
        if self.one_of(3) == 0:
            self.write(" " + self.choose(COMMENTS))
        self.write("\n")
        for _ in range(self.one_of(3)):
            self.write(self.choose(("", "   ", self.choose(COMMENTS), "  " + self.choose(COMMENTS))) + "\n")


@st.composite
def files(draw: Callable[[st.SearchStrategy[int]], int]) -> str:
    writer = Writer(draw)
    if writer.one_of(2):
        writer.between()
    for _ in range(1 + writer.one_of(3)):
        writer.declaration()
        writer.between()
    return "".join(writer.written)
