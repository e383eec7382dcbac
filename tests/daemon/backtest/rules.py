"""Rules of a backtest, from their text."""

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.source import Source


def program(text: str) -> Program:
    checked = check([Source("a.rules", text)], vocabulary())
    assert checked.program is not None, checked.findings
    return checked.program
