"""The clauses of `recovery`."""

from dsl.vocabulary.word import Word

_RECOVERY = ("recovery",)

WORDS = (
    Word(
        name="on",
        inside=_RECOVERY,
        shape="fault where where:CONDITION | fault detections:DETECTION,… [where where:CONDITION]",
        doc="The faults it is for: by the names of their detections, by a condition over `fault`, or by both.",
        example="on fault agent_down",
        required=True,
    ),
    Word(
        name="order",
        inside=_RECOVERY,
        shape="order:(written | learned)",
        doc="Which step is tried first.",
        example="order written",
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
        inside=_RECOVERY,
        shape="at least count:NUMBER members:SELECTOR",
        doc="No action begins that would leave fewer.",
        example='keep at least 2 agent where agent.status == "up"',
        repeats=True,
    ),
)
