"""Programs for the workloads: of rules in the language, or made by hand where ten thousand rules would take longer to check than to run."""

from __future__ import annotations

from functools import cache

from dsl.expressions import Compare, Constant, Expression, Field
from dsl.program import Binding, Condition, Detection, FactField, FactType, Place, Program, RuleHead


def program_of(text: str) -> Program:
    """What the daemon makes of such a file."""
    from daemon.vocabulary import vocabulary
    from dsl.check import check
    from dsl.source import Source

    checked = check([Source("bench.rules", text)], vocabulary())
    if checked.program is None:
        raise ValueError(f"the workload's rules have errors: {checked.errors}")
    return checked.program


def head(name: str) -> RuleHead:
    return RuleHead(name, "", Place("bench.rules", 1))


def compare(subject: str, name: str, operator: str, constant: object) -> Compare:
    return Compare(operator, _field(subject, name), Constant(constant))


@cache
def _field(subject: str, name: str) -> Field:
    """Rules that read the same field share it, as those do that were checked."""
    return Field(subject, (name,))


def detection(name: str, subject: str, when: Expression) -> Detection:
    binding = Binding(subject, subject)
    return Detection(
        head(name), binding, "error", "performance", Condition(when), None, None, None, (), (), 0.0
    )


def fact_types(*names: str) -> dict[str, FactType]:
    return {name: FactType(name, "", (FactField("name", "text"),), ()) for name in names}
