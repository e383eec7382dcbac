"""The clauses of `channel`."""

from dsl.vocabulary.word import Word

SCHEMES = ("http", "https", "log", "file")  # of the addresses that notices can be sent to
SECRETS = ("env", "file", "credential")  # where secrets can be read from

WORDS = (
    Word(
        name="url",
        inside=("channel",),
        shape="url:SECRET",
        doc="Where to: an http or https address gets a POST with JSON, `log:` writes to the log, `file:/path` appends a line.",
        example='url secret("env:ONCALL_URL")',
        required=True,
    ),
)
