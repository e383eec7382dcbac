"""The clauses of `agent`."""

from dsl.vocabulary.word import Word

_AGENT = ("agent",)

WORDS = (
    Word(
        name="unit",
        inside=_AGENT,
        shape="kind:process command:LIST",
        body="unit process",
        doc="How the agent runs: as a process that volexd starts itself, program and arguments, never a shell.",
        example='unit process ["bin/api", "--port", "8080"]',
    ),
    Word(
        name="directory",
        inside=("unit process",),
        shape="directory:TEXT",
        doc="The directory in which the process runs.",
        example='directory "/srv/api"',
    ),
    Word(
        name="environment",
        inside=("unit process",),
        shape="environment:NAMED…",
        doc="Variables for the process, added to the few it has.",
        example='environment PORT: "8080"',
    ),
    Word(
        name="starts",
        inside=_AGENT,
        shape="within within:DURATION",
        doc="How long the agent may take from its start to its first good check; 10s where none is written.",
        example="starts within 40s",
    ),
    Word(
        name="health",
        inside=_AGENT,
        shape="<probe kind>",
        body="check",
        doc="How the agent's health is seen.",
        example='health http "http://127.0.0.1:8080/health" { every 5s }',
    ),
    Word(
        name="ready",
        inside=_AGENT,
        shape="<probe kind>",
        body="check",
        doc="How it is seen that the healthy agent can do its work; it is degraded while this fails.",
        example='ready tcp "127.0.0.1:8080"',
    ),
    Word(
        name="needs",
        inside=_AGENT,
        shape="needs:AGENT,…",
        doc="The agents without which this one cannot work: their faults hold back its notices and recoveries.",
        example="needs vault, database",
    ),
    Word(
        name="labels",
        inside=_AGENT,
        shape="labels:NAMED…",
        doc="Names and values for your own use in conditions and limits.",
        example='labels tier: "trading"',
    ),
    Word(
        name="limit",
        inside=_AGENT,
        shape="count:NUMBER (per per:DURATION | at once) (by scope:PATH | overall)",
        doc="How many actions on this agent may begin in a time, whichever recovery asks for them.",
        example="limit 5 per 1h by agent",
        repeats=True,
        runs=False,
    ),
    Word(
        name="action",
        inside=_AGENT,
        shape="signature:SIGNATURE",
        body="agent action",
        doc="What this agent can do for itself, with parameters; recoveries use it like a word of the language.",
        example='action reconnect(stream: text) {\n    http post "http://127.0.0.1:8026/connect" { body symbol: stream }\n}',
        repeats=True,
    ),
)
