"""The clauses that stand beside actions and in their braces; the actions themselves stand beside their code in the daemon."""

from dsl.vocabulary.word import Word
from dsl.vocabulary.work import RETRY

WORDS = (
    Word(
        name="timeout",
        inside=("action body",),
        shape="timeout:DURATION",
        doc="How long the action may take.",
        example="timeout 30s",
    ),
    Word(
        name="repeatable",
        inside=("action body",),
        shape="",
        doc="Doing it twice does no harm: after a crash it may be repeated.",
        example="repeatable",
    ),
    Word(
        name="retry",
        inside=("action body",),
        shape=RETRY,
        doc=(
            "How often the action is done again when it fails, and how long is waited before each of them. An `http post` has to be "
            "`repeatable` for that."
        ),
        example="retry 3 backoff 2s",
    ),
    Word(
        name="expect",
        inside=("http request",),
        shape="expect:CONDITION",
        doc="What must be true of the `reply` for the request to count as done, instead of a status of 2xx.",
        example="expect reply.status == 200 and reply.body.ok == true",
    ),
    Word(
        name="directory",
        inside=("exec",),
        shape="directory:TEXT",
        doc="The directory in which the program runs.",
        example='directory "/srv/api"',
    ),
    Word(
        name="matching",
        inside=("prune",),
        shape="matching:PATTERN",
        doc="Only files whose whole name fits this regular expression; all of them where none is written.",
        example="matching '.*[.]log[.]gz'",
    ),
    Word(
        name="body",
        inside=("http request",),
        shape="body:NAMED… | body:VALUE",
        doc="What is sent, as JSON; a text is sent as it stands.",
        example="body symbol: stream.name",
    ),
    Word(
        name="header",
        inside=("http request",),
        shape="headers:NAMED…",
        doc="Headers of the request.",
        example='header "X-Source": "volexd"',
    ),
    Word(
        name="affects",
        inside=("action body", "agent action", "try", "otherwise"),
        shape="affects:PATH,…",
        doc="The fact fields that the actions beside it may change.",
        example="affects stream.connected",
    ),
)
