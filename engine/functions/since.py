"""since(t): how long ago an instant was."""

from dsl.vocabulary.word import FunctionWord

FUNCTION = FunctionWord(
    name="since",
    parameters=("time",),
    result="duration",
    doc="How long ago an instant was; negative while it lies ahead.",
    example="when since(stream.last_update) > 60s",
)
FOLLOWS_TIME = True


def evaluate(now: float, instant: float) -> float:
    return now - instant
