"""The clauses of `recovery`."""

from dsl.vocabulary.moment import EXHAUSTED, FAULT
from dsl.vocabulary.word import Word
from dsl.vocabulary.work import RETRY

_RECOVERY = ("recovery",)

WORDS = (
    Word(
        name="on",
        inside=_RECOVERY,
        shape=f"{FAULT} | {EXHAUSTED}",
        doc=(
            "The faults it is for: by the names of their detections, by a condition over `fault`, or by both; or those that another "
            "recovery gave up. A recovery knows no other moments: it is a contract about a fault."
        ),
        example="on fault agent_down",
        required=True,
    ),
    Word(
        name="only",
        inside=_RECOVERY,
        shape="if condition:CONDITION",
        doc="Looked at when the fault is raised: unless this is true, the recovery leaves it alone.",
        example="only if during(business_hours)",
    ),
    Word(
        name="unless",
        inside=_RECOVERY,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true no attempt begins.",
        example="unless host.load > 20",
    ),
    Word(
        name="order",
        inside=_RECOVERY,
        shape="order:(written | learned)",
        doc=(
            "Which step is tried first: as written, or what healed best so far. Only neighbours of one class of risk change places: no "
            "step moves past one that is graver or milder."
        ),
        example="order learned",
    ),
    Word(
        name="try",
        inside=_RECOVERY,
        shape="name:NAME",
        body="try",
        doc="A step: actions, and how it is seen that they helped. The next one is tried when it did not.",
        example="try restart { restart agent; verify within 60s }",
        required=True,
        repeats=True,
    ),
    Word(
        name="verify",
        inside=("try",),
        shape="[condition:CONDITION] [within within:DURATION]",
        doc="The fault must have gone (and the condition be true) within this time after the action ended; 1m by default.",
        example="verify within 60s",
    ),
    Word(
        name="undo",
        inside=("try",),
        shape="",
        body="undo",
        doc="What takes the step back when it did not help, before the next one is tried.",
        example='undo { exec ["bin/leave-safe-mode"] }',
    ),
    Word(
        name="retry",
        inside=("try",),
        shape=RETRY,
        doc="How often the step is tried again when it did not help, and how long is waited before each of them.",
        example="retry 2 backoff 10s",
    ),
    Word(
        name="otherwise",
        inside=_RECOVERY,
        shape="",
        body="otherwise",
        doc="What is done, once for a fault, when no step helped or the limits are used up.",
        example='otherwise { notify oncall "{agent.name} could not be revived: {recovery.reason}" }',
    ),
    Word(
        name="cooldown",
        inside=_RECOVERY,
        shape="base:DURATION [doubling to most:DURATION]",
        doc="The time between two attempts on one subject; doubled after each failure as far as said.",
        example="cooldown 10s doubling to 5m",
    ),
    Word(
        name="limit",
        inside=_RECOVERY,
        shape="count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)",
        doc="How many attempts may begin in any such time, or run at once, and for whom they are counted.",
        example="limit 3 per 1h by agent",
        repeats=True,
    ),
    Word(
        name="keep",
        inside=(*_RECOVERY, "orchestration"),
        shape="at least count:NUMBER members:SELECTOR",
        doc="No action begins that would leave fewer.",
        example='keep at least 2 agent where agent.status == "up"',
        repeats=True,
    ),
)
