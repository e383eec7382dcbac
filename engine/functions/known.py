"""known(x): whether a value was reported and is fresh."""

from dsl.vocabulary.word import FunctionWord

FUNCTION = FunctionWord(
    name="known",
    parameters=("any",),
    result="flag",
    doc="True when the value was reported and is not stale; never unknown itself.",
    example="when not known(agent.status) for 1m",
)
TAKES_UNKNOWN = True


def evaluate(now: float, value: object) -> bool:
    return value is not None
