"""V490: `exec ["ps", "|", "grep", "x"]`: no shell reads it, so the program is given the sign as a word."""

import re
from collections.abc import Iterator

from dsl.checks.lint import Lint, finding
from dsl.diagnostics import Finding
from dsl.resolve.known import Declared
from dsl.resolve.whole import Resolved
from dsl.syntax import Clause, List, Node, Raw, Text, Word

_SIGNS = r"\|\|?|&&?|[012]?>>?|<<?|[012]?>&[012]|[012&]?>/dev/null"
_SIGN = re.compile(_SIGNS)
_QUOTED = re.compile(rf"[\"'](?:{_SIGNS})[\"']")  # seldom: most declarations need not be walked
_TAKE_SIGNS = re.compile(r"(?:.*/)?(?:expr|test|\[|find|awk|jq)")  # programs that have a use for such words


def _run(resolved: Resolved) -> Iterator[Finding]:
    for one in resolved.declarations():
        if _QUOTED.search(one.block.text):
            for command in _commands(one.clause):
                yield from _signs(one, command)


def _commands(clause: Clause) -> Iterator[List]:
    """Of `exec [...]`, `unit process [...]`, `health exec [...]`, however deep they stand."""
    words = [clause.word, *(item.name for item in clause.items if isinstance(item, Word))]
    if "exec" in words or "process" in words:
        yield from (item for item in clause.items if isinstance(item, List))
    for inner in clause.body or ():
        yield from _commands(inner)


def _signs(declared: Declared, command: List) -> Iterator[Finding]:
    if not command.elements or _TAKE_SIGNS.fullmatch(_text(command.elements[0])):
        return
    for element in command.elements:
        sign = _text(element)
        if _SIGN.fullmatch(sign):
            message = f"the program is given `{sign}` as a word: no shell reads this"
            help_ = "put what has to be joined into a script of its own, and run that"
            yield finding("V490", message, declared.block.span(element.start, element.end), help=help_)
            return  # the others of this command are the same mistake


def _text(node: Node) -> str:
    return node.raw if isinstance(node, Text) else node.text if isinstance(node, Raw) else ""


CHECK = Lint(_run, needs_all=False, each=True)
