"""now: the instant. A name for a value, and no function that is called; its word is in `dsl.vocabulary.functions.names`."""

from dsl.vocabulary.word import FunctionWord

FUNCTION = FunctionWord(
    name="now",
    parameters=(),
    result="time",
    doc="The instant.",
    example="when certificate.expires < now + 14d",
)
FOLLOWS_TIME = True
IS_CALLED = False


def evaluate(now: float) -> float:
    return now
