"""remaining(t): how long until an instant."""

from dsl.vocabulary.word import FunctionWord

FUNCTION = FunctionWord(
    name="remaining",
    parameters=("time",),
    result="duration",
    doc="How long it is until an instant; negative once it has passed.",
    example="when remaining(certificate.expires) < 14d",
)
FOLLOWS_TIME = True


def evaluate(now: float, instant: float) -> float:
    return instant - now
