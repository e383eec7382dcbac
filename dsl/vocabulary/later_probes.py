"""Probes that the language has and whose code is not written yet. A word moves beside its code when there is some."""

from dsl.vocabulary.word import ProbeWord, Word

_KIND = ("probe kind",)
_INTO = "[into type:NAME [from from:PATH]]"

WORDS: tuple[Word, ...] = (
    ProbeWord(
        name="systemd",
        inside=_KIND,
        shape="name:TEXT",
        body="check",
        doc=(
            "Asks systemd about a unit. `state` is active, inactive, failed, activating, deactivating or reloading; `since` is when it "
            "became so. Without `expect`, an active one is good."
        ),
        example='systemd "postgresql.service"',
        reply={
            "state": 'one of ["active", "inactive", "failed", "activating", "deactivating", "reloading"]',
            "substate": "text",
            "result": "text",
            "since": "time",
            "restarts": "number",
            "pid": "number",
            "memory": "size",
            "cpu": "duration",
        },
    ),
    ProbeWord(
        name="docker",
        inside=_KIND,
        shape="name:TEXT",
        body="check",
        doc=(
            "Asks the local Docker about a container, by its name. `health` is what its own check says. Without `expect`, one that runs "
            "and is not unhealthy is good."
        ),
        example='docker "volexswarm-realtime_data-1"',
        reply={
            "running": "flag",
            "state": 'one of ["created", "running", "paused", "restarting", "removing", "exited", "dead"]',
            "health": 'one of ["none", "starting", "healthy", "unhealthy"]',
            "exit_status": "number",
            "restarts": "number",
            "since": "time",
            "image": "text",
            "pid": "number",
        },
    ),
    ProbeWord(
        name="sql",
        inside=_KIND,
        shape="query:TITLE",
        body="sql",
        doc=(
            "Asks a database, in a transaction that can only read; a row is an object with its columns as members, and at most 1000 are "
            "taken. Without `expect`, an answer is good."
        ),
        example='sql "select name, backlog from queue" { database secret("env:DATABASE_URL") }',
        reply={"rows": "list", "count": "number", "duration": "duration", "error": "text"},
    ),
    Word(
        name="database",
        inside=("sql",),
        shape="database:SECRET",
        doc="Which database, as a URL: `postgresql://…`, or `sqlite:///…`.",
        example='database secret("env:DATABASE_URL")',
    ),
    ProbeWord(
        name="journal",
        inside=_KIND,
        shape=f"[unit:TEXT] {_INTO}",
        body="lines",
        doc="Follows systemd's journal, of one unit where one is named; every entry that fits is an event.",
        example="journal \"api.service\" { matching '.*out of memory.*' }",
        reply={
            "message": "text",
            "unit": "text",
            "priority": "number",
            "time": "time",
            "pid": "number",
            "groups": "map",
            "fields": "map",
        },
        health=False,
        pushes=True,
    ),
)
