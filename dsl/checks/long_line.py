"""V602: a line of which nobody sees the end. Texts do not count: they cannot be broken."""

import re
from collections.abc import Iterator

from dsl.checks.lint import Lint, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved
from dsl.structure import TOKENS

LONGEST = 160
_TOO_LONG = re.compile(rf"^[^\n]{{{LONGEST + 1},}}", re.MULTILINE)

_HELP = "break it before `and` or behind a comma, or put its clauses on lines of their own"


def _run(resolved: Resolved) -> Iterator[Finding]:
    for one in resolved.declarations():
        for line in _TOO_LONG.finditer(one.block.text):
            if len(_without_texts(line[0])) > LONGEST:
                span = one.block.span(line.start() + LONGEST, line.end())
                message = f"the line has {len(line[0])} characters"
                yield finding("V602", message, span, help=_HELP)


def _without_texts(line: str) -> str:
    return TOKENS.sub(lambda token: "" if token[0][0] in "\"'" else token[0], line)


CHECK = Lint(_run, needs_all=False, each=True)
