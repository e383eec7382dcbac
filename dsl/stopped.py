"""Where and why the grammar's parser stops in a text: lark's own reading of it, for the texts that do not parse."""

from __future__ import annotations

from functools import cache

import msgspec
from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dsl import unexpected
from dsl.diagnostics import Mistake
from dsl.tables import grammar
from dsl.tabulate import lark_of


class Stopped(msgspec.Struct, frozen=True):
    """`at` is the offset of what did not fit, the end of the text where something is missing there."""

    text: str
    at: int
    error: UnexpectedInput

    def mistake(self) -> Mistake:
        if isinstance(self.error, UnexpectedToken):
            accepted: set[str] = self.error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
            return unexpected.token(self.text, self.at, self.error.token, accepted)
        assert isinstance(self.error, UnexpectedCharacters)
        return unexpected.characters(self.text, self.at)


def stopped(text: str, start: str) -> Stopped:
    """Of a text that does not parse."""
    try:
        _lark().parse(text, start=start)
    except UnexpectedInput as error:
        return Stopped(text, _offset(text, error), error)
    raise AssertionError("lark reads what the tables do not: they are not those of the grammar")


@cache
def _lark() -> Lark:
    return lark_of(grammar())


def _offset(text: str, error: UnexpectedInput) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip())
    at: int | None = getattr(error, "pos_in_stream", None)  # its declared type says that it is never an int
    return min(0 if at is None else at, len(text))
