"""V603: `${agent.name}` in a text, as shells and JavaScript write it: here the sign would be shown."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from dsl.checks.lint import Lint, finding
from dsl.diagnostics import Finding, Fix
from dsl.resolve.whole import Resolved
from dsl.structure import TOKENS

_DOLLAR = re.compile(r"\$(?=\{)")


def _run(resolved: Resolved) -> Iterator[Finding]:
    for one in resolved.declarations():
        for at in _dollars(one.block.text):
            span = one.block.span(at, at + 1)
            help_ = "an expression stands in braces alone: take the `$` away"
            found = finding("V603", "the `$` before the brace is shown as it stands", span, help=help_)
            yield replace(found, fix=Fix(span, ""))


def _dollars(text: str) -> Iterator[int]:
    """Inside double quotes: in single quotes a text is taken as it stands, and the brace too."""
    for token in TOKENS.finditer(text) if "${" in text else ():
        if token[0].startswith('"'):
            yield from (match.start() for match in _DOLLAR.finditer(text, token.start(), token.end()))


CHECK = Lint(_run, needs_all=False, each=True)
