"""The clauses of `orchestration`."""

from dsl.vocabulary.moment import MOMENT
from dsl.vocabulary.word import Word

_ORCHESTRATION = ("orchestration",)

WORDS = (
    Word(
        name="orchestration",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="orchestration",
        doc=(
            "What is set in motion, when, and with which resources: in a state that begins and ends (`when`), or in a moment "
            "(`on`, `every`)."
        ),
        example="orchestration shed_load {\n    when host.cpu > 90% for 1m\n"
        '    then { pause automation where automation.priority < "high" }\n    afterwards { resume automation }\n}',
        repeats=True,
    ),
    Word(
        name="when",
        inside=_ORCHESTRATION,
        shape="state:CONDITION [for hold:DURATION]",
        doc="The state in which it acts; with `for`, once it has lasted that long.",
        example="when host.cpu > 90% for 1m",
    ),
    Word(
        name="on",
        inside=_ORCHESTRATION,
        shape=MOMENT,
        doc=(
            "The moment in which it acts: a fault is raised, a recovery has used up its limits or its steps, something happens (and is "
            "followed by something else, or is not), a value changes, or a value changes from one to another."
        ),
        example='on agent.status from "up" to "down"',
    ),
    Word(
        name="only",
        inside=_ORCHESTRATION,
        shape="if condition:CONDITION",
        doc="Looked at in that moment: unless this is true, nothing is done.",
        example="only if host.memory < 80%",
    ),
    Word(
        name="unless",
        inside=_ORCHESTRATION,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true it does not act.",
        example="unless host.load > 20",
    ),
    Word(
        name="limit",
        inside=_ORCHESTRATION,
        shape="count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)",
        doc="How often it may act in any such time, and for whom that is counted.",
        example="limit 1 per 10m overall",
        repeats=True,
    ),
    Word(
        name="then",
        inside=_ORCHESTRATION,
        shape="",
        body="then",
        doc="What is done, one after the other.",
        example='then { pause automation where automation.priority < "high" }',
        required=True,
    ),
    Word(
        name="afterwards",
        inside=_ORCHESTRATION,
        shape="",
        body="afterwards",
        doc="What is done when the state has ended, or when what was measured did not get better.",
        example="afterwards { resume automation }",
    ),
    Word(
        name="measure",
        inside=_ORCHESTRATION,
        shape="path:PATH falls by [at least] least:VALUE after settle:DURATION",
        doc=(
            "The value is read before, and again so long after what was done: what helped by so much is kept, "
            "and what did not is taken back (`afterwards`)."
        ),
        example="measure host.cpu falls by 10% after 30s",
    ),
    Word(
        name="for",
        inside=("http of several",),
        shape="each agent [where where:CONDITION]",
        doc=(
            "The request goes to each of these agents, with its values in the address and the body; every reply becomes a fact `answer` "
            "(rule, agent, ok, status, body)."
        ),
        example='for each agent where agent.status == "up"',
    ),
)
