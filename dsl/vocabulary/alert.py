"""`alert`, and its clauses."""

from dsl.vocabulary.moment import FAULT
from dsl.vocabulary.word import Word

_ALERT = ("alert",)
_AGAIN = "[repeat every repeat:DURATION] [until acknowledged]"

WORDS = (
    Word(
        name="alert",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="alert",
        doc="How faults reach people: which of them, told together with which others, to whom, and to whom next when nobody answers.",
        example=(
            'alert night {\n    on fault where fault.severity >= "error"\n    group by fault.category within 30s\n'
            "    notify oncall repeat every 30m until acknowledged\n    then notify boss after 15m unacknowledged\n}"
        ),
        repeats=True,
    ),
    Word(
        name="on",
        inside=_ALERT,
        shape=FAULT,
        doc="The faults it is for: by the names of their detections, by a condition over `fault`, or by both.",
        example='on fault where fault.severity >= "error"',
        required=True,
    ),
    Word(
        name="only",
        inside=_ALERT,
        shape="if condition:CONDITION",
        doc="Looked at when the fault is raised: unless this is true, nobody is told by this alert.",
        example="only if during(business_hours)",
    ),
    Word(
        name="unless",
        inside=_ALERT,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true nobody is told.",
        example="unless host.load > 20",
    ),
    Word(
        name="group",
        inside=_ALERT,
        shape="by paths:PATH,… [within within:DURATION]",
        doc=(
            "Faults with the same values in these fields (of the fault, or of what it is about) are told as one; the first notice waits so "
            "long for others. Without it every fault is told by itself."
        ),
        example="group by fault.category, agent.labels.tier within 30s",
    ),
    Word(
        name="notify",
        inside=_ALERT,
        shape=f"channel:CHANNEL [text:TEXT] {_AGAIN}",
        doc="Who is told first, in which words, and how often again. What somebody has acknowledged is not repeated.",
        example="notify oncall repeat every 30m until acknowledged",
        required=True,
        repeats=True,
    ),
    Word(
        name="then",
        inside=_ALERT,
        shape=f"notify channel:CHANNEL [text:TEXT] after after:DURATION [unacknowledged] {_AGAIN}",
        doc="Who is told next, when nobody has acknowledged it so long after the first notice.",
        example="then notify boss after 15m unacknowledged",
        repeats=True,
    ),
    Word(
        name="cleared",
        inside=_ALERT,
        shape="notify channels:CHANNEL,…",
        doc="Who is told when the last of its faults has gone.",
        example="cleared notify oncall",
    ),
)
