"""The clauses of `probe`, and of the checks by which an agent's health is seen."""

from dsl.vocabulary.word import Word

CHECK = ("probe", "check")

WORDS = (
    Word(
        name="every",
        inside=CHECK,
        shape="every:DURATION",
        doc="The interval; 5s where none is written.",
        example="every 10s",
    ),
    Word(
        name="timeout",
        inside=CHECK,
        shape="timeout:DURATION",
        doc="How long an answer may take; the interval, but at most 5s, where none is written.",
        example="timeout 2s",
    ),
    Word(
        name="expect",
        inside=CHECK,
        shape="expect:CONDITION",
        doc="What must be true of the reply for the check to be good.",
        example="expect reply.status == 200",
    ),
    Word(
        name="into",
        inside=("probe",),
        shape="type:TYPE [from from:PATH]",
        doc="The fact type that the reply becomes, and where in the reply it stands: a list gives one fact an item.",
        example="into stream from reply.body.connections",
    ),
    Word(
        name="stale",
        inside=("probe",),
        shape="after stale:DURATION",
        doc="How long a value stands without being seen again; three intervals where none is written.",
        example="stale after 1m",
    ),
    Word(
        name="matching",
        inside=("lines",),
        shape="matching:PATTERN",
        doc="Only lines that fit this regular expression as a whole; all of them where none is written.",
        example="matching 'ERROR (?P<reason>.*)'",
    ),
    Word(
        name="token",
        inside=("webhook",),
        shape="token:SECRET",
        doc="What the sender has to know: it is sent as `Authorization: Bearer …`.",
        example='token secret("env:DEPLOY_TOKEN")',
    ),
    Word(
        name="server",
        inside=("dns",),
        shape="server:ADDRESS",
        doc="The name server to ask; those of the machine where none is written.",
        example='server "127.0.0.1:53"',
    ),
)
