"""The words that may stand in column 1."""

from dsl.vocabulary.word import Word

_FILE = ("file",)

WORDS = (
    Word(
        name="language",
        inside=_FILE,
        shape="version:NUMBER",
        doc="The version of the language that the file was written in; this is version 1.",
        example="language 1",
    ),
    Word(
        name="use",
        inside=_FILE,
        shape="file:PATH | file:TITLE",
        body="use",
        doc="Takes in another file: a standard one (`std.NAME`), or one by its path inside the rules directory.",
        example="use std.healing { without agent_down }",
        repeats=True,
    ),
    Word(
        name="without",
        inside=("use",),
        shape="names:NAME,…",
        doc="Leaves out these declarations of the file that is used, so that others can take their place.",
        example="without agent_down, disk_full",
        repeats=True,
    ),
    Word(
        name="shadow",
        inside=("use",),
        shape="",
        doc="The rules of the file are evaluated and recorded, and do nothing.",
        example="shadow",
    ),
    Word(
        name="let",
        inside=_FILE,
        shape="name:NAME = value:VALUE",
        doc="Gives a constant a name.",
        example="let page_after = 3m",
        repeats=True,
    ),
    Word(
        name="fact",
        inside=_FILE,
        shape="name:NAME [title:TITLE]",
        body="fact",
        doc="Declares a type of fact: what can be known of a kind of thing, and by which key its things are told apart.",
        example='fact stream "One data stream" {\n    key   name: text\n    field connected: flag\n}',
        repeats=True,
    ),
    Word(
        name="fact",
        inside=_FILE,
        shape="name:NAME [title:TITLE] from prometheus probe:PROBE",
        body="fact",
        doc=(
            "Declares a type of fact that is made of scraped series: the keys are labels, and every field is a series of that name, or "
            "what is calculated from some. Series that have the same labels in the keys are one fact. `key series: text`, as the only "
            'key, stands for all labels together, as in `{code="200",job="web"}`; `field labels: map` holds those that all series of '
            "the fact have in common, and `field job: text = labels.job` is one of them, the empty text where there is none."
        ),
        example=(
            "fact filesystem from prometheus node {\n    key   instance, mountpoint\n    field free: size = node_filesystem_avail_bytes\n}"
        ),
        repeats=True,
    ),
    Word(
        name="probe",
        inside=_FILE,
        shape="name:NAME",
        body="probe",
        doc="A source that is asked at an interval; what it says becomes facts.",
        example='probe streams {\n    http  get "http://127.0.0.1:8026/streams"\n    every 10s\n    into  stream from reply.body\n}',
        repeats=True,
    ),
    Word(
        name="agent",
        inside=_FILE,
        shape="name:NAME [title:TITLE]",
        body="agent",
        doc="A supervised thing: how it runs, how its health is seen, what it needs and what it can do.",
        example='agent api {\n    unit   process ["bin/api"]\n    health http "http://127.0.0.1:8080/health"\n}',
        repeats=True,
    ),
    Word(
        name="channel",
        inside=_FILE,
        shape="name:NAME",
        body="channel",
        doc="Where notices go.",
        example='channel oncall { url secret("env:ONCALL_URL") }',
        repeats=True,
    ),
    Word(
        name="detection",
        inside=_FILE,
        shape="name:NAME [title:TITLE]",
        body="detection",
        doc="What counts as a fault.",
        example='detection agent_down {\n    for each agent\n    category agent\n    when agent.status == "down" for 15s\n}',
        repeats=True,
    ),
    Word(
        name="recovery",
        inside=_FILE,
        shape="name:NAME [title:TITLE]",
        body="recovery",
        doc="What is done about a fault, how often at most, and how it is seen that it helped.",
        example="recovery revive {\n    on    fault agent_down\n    try restart { restart agent; verify within 60s }\n"
        "    limit 3 per 1h by agent\n}",
        repeats=True,
    ),
    Word(
        name="test",
        inside=_FILE,
        shape="name:TITLE",
        body="test",
        doc="A scenario on a virtual clock: what is given, and what must follow.",
        example='test "a fault is raised" {\n    given  agent api status: "down"\n    at 20s expect fault agent_down\n}',
        repeats=True,
    ),
)
