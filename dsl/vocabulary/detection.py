"""The clauses of `detection`."""

from dsl.vocabulary.moment import MOMENT
from dsl.vocabulary.word import Word

_DETECTION = ("detection",)
_STATE = "state:CONDITION [for hold:DURATION]"

WORDS = (
    Word(
        name="severity",
        inside=_DETECTION,
        shape="severity:(info | warning | error | critical)",
        doc="How bad the fault is; warning where none is written.",
        example="severity critical",
    ),
    Word(
        name="severity",
        inside=_DETECTION,
        shape="severity:(info | warning | error | critical) when state:CONDITION [for hold:DURATION]",
        doc=(
            "How bad the fault is in this state. Several of these, instead of `when`, are one fault, which rises and falls: it is as bad "
            "as the worst state that holds."
        ),
        example="severity critical when disk.usage > 95%",
        repeats=True,
    ),
    Word(
        name="category",
        inside=_DETECTION,
        shape="category:(agent | resource | performance | communication)",
        doc="What sort of fault it is.",
        example="category agent",
        required=True,
    ),
    Word(
        name="when",
        inside=_DETECTION,
        shape=_STATE,
        doc="The state that is a fault; with `for`, once it has lasted that long.",
        example='when agent.status == "down" for 15s',
    ),
    Word(
        name="on",
        inside=_DETECTION,
        shape=MOMENT,
        doc=(
            "The moment in which the fault is raised, instead of a state: an event, a change, a recovery that gave up. Then `until` says "
            "when it ends. A schedule (`every`, `cron`) is a moment too."
        ),
        example='on event deploy where deploy.version == "rejected"',
    ),
    Word(
        name="only",
        inside=_DETECTION,
        shape="if condition:CONDITION",
        doc="Looked at in the moment in which the fault would be raised: unless this is true, it is not.",
        example="only if during(business_hours)",
    ),
    Word(
        name="until",
        inside=_DETECTION,
        shape=_STATE,
        doc=(
            "The state that ends the fault; without it, when `when` has been false for one interval of its probes. A fault that was raised "
            "in a moment (`on`) needs it."
        ),
        example='until agent.status == "up" for 10s',
    ),
    Word(
        name="unless",
        inside=_DETECTION,
        shape=_STATE,
        doc="While this is true no fault is raised, and an open one is closed as suppressed.",
        example="unless agent.paused",
    ),
    Word(
        name="message",
        inside=_DETECTION,
        shape="message:TEXT",
        doc="What people read, with {expressions}.",
        example='message "{agent.name} is {agent.status}: {agent.last_error}"',
    ),
    Word(
        name="notify",
        inside=_DETECTION,
        shape="channel:CHANNEL [after after:DURATION] [text:TEXT]",
        doc="Tells a channel of the fault: at once, or when it is still open after this time.",
        example="notify oncall after 3m",
        repeats=True,
    ),
    Word(
        name="inhibited",
        inside=_DETECTION,
        shape="by cause:SELECTOR",
        doc="While that fault is open, this one is recorded, and neither notified nor recovered.",
        example="inhibited by fault host_overloaded",
        repeats=True,
    ),
)
