"""What the language has and this version does not run: read, and refused by name.

A word that also runs in another form has the other form in its own file; here stands the form that does not.
"""

from __future__ import annotations

from dsl.vocabulary.word import Word


def _later(name: str, inside: tuple[str, ...], shape: str, doc: str, example: str) -> Word:
    return Word(
        name=name,
        inside=inside,
        shape=shape,
        doc=doc,
        example=example,
        body="anything",
        repeats=True,
        runs=False,
    )


_FILE = ("file",)
_DECLARATIONS = (
    _later(
        "calendar", _FILE, "REST", "times of the week", "calendar office { hours mon to fri 09:00 to 18:00 }"
    ),
    _later(
        "event", _FILE, "REST", "something that happens, and passes", "event deploy { field agent: text }"
    ),
    _later(
        "derive",
        _FILE,
        "REST",
        "a fact computed from others",
        "derive lag { for each topic; field value = 1 }",
    ),
    _later("alert", _FILE, "REST", "the routing of faults to people", "alert night { on fault agent_down }"),
    _later(
        "fact",
        _FILE,
        "name:NAME [title:TITLE] from REST",
        "a fact made of scraped series",
        "fact fs from prometheus node",
    ),
)

_RULES = ("detection", "recovery")
_WORK = ("workflow", "automation", "orchestration", "adaptation", "maintenance")
_EACH = ("detection", "orchestration", "step")

_CLAUSES = (
    _later("was", (*_RULES, *_WORK, "agent", "fact"), "old:NAME", "a renaming", "was old_name"),
    _later(
        "severity",
        ("detection",),
        "severity:(info | warning | error | critical) when when:CONDITION [for hold:DURATION]",
        "a tier: one fault that rises and falls",
        "severity critical when disk.usage > 95%",
    ),
    _later("for", _EACH, "each type:TYPE by fields:PATH,…", "groups", "for each http_requests by job"),
    _later(
        "for",
        _EACH,
        "each types:TYPE,… matching fields:PATH,… [where where:CONDITION]",
        "a join",
        "for each topic_end, consumer matching topic",
    ),
    _later(
        "on",
        ("recovery",),
        "change of path:PATH | exhausted recovery:RECOVERY | event REST | path:PATH from REST",
        "moments other than faults",
        "on exhausted revive_agent",
    ),
    _later("on", ("orchestration",), "event REST", "events", "on event deploy"),
    _later("on", ("detection", "adaptation"), "REST", "moments", "on change of agent.status"),
    _later(
        "only", (*_RULES, "adaptation", "maintenance"), "if REST", "a guard", "only if during(business_hours)"
    ),
    _later("when", ("recovery",), "REST", "a state", "when host.cpu < 90%"),
    _later(
        "unless",
        ("recovery", "automation", "adaptation", "maintenance"),
        "REST",
        "what blocks",
        "unless agent.paused",
    ),
    _later("keep", ("orchestration",), "REST", "what has to be left", "keep at least 2 agent"),
    _later("timezone", _RULES, "REST", "times of a place", 'timezone "Europe/London"'),
    _later("catch", _RULES, "up REST", "schedules that were missed", "catch up once"),
    _later(
        "unit",
        ("agent",),
        "kind:(systemd | docker) name:TEXT | kind:commands",
        "agents that something else runs",
        'unit systemd "postgresql.service"',
    ),
    _later(
        "undo",
        ("try",),
        "",
        "compensation",
        'undo { exec ["bin/undo"] }',
    ),
    _later("retry", ("try", "action body"), "REST", "repeated attempts of one action", "retry 3 backoff 2s"),
    _later("expect", ("http request",), "REST", "a condition on the reply", "expect reply.status == 200"),
)

_PROBES = tuple(
    _later(name, ("probe kind",), "REST", doc, f"{name} …")
    for name, doc in (
        ("file", "the age and size of files"),
        ("systemd", "the state of units"),
        ("docker", "the state of containers"),
        ("prometheus", "scraped series"),
        ("sql", "the rows of a query"),
        ("dns", "the answers of a name server"),
        ("log", "lines of a log file"),
        ("journal", "entries of the journal"),
        ("webhook", "what others send"),
    )
)

_ACTIONS = tuple(
    _later(name, ("action",), "REST", doc, f"{name} …")
    for name, doc in (
        ("prune", "deleting old files"),
        ("cap", "limiting resources"),
        ("wait", "waiting for a condition"),
        ("approve", "asking a person"),
    )
) + tuple(
    _later(
        name, ("action",), "each REST", "an action over several", f"{name} each agent where agent.cpu > 90%"
    )
    for name in ("restart", "start", "stop")
)

# What orchestrations do, elsewhere; and what steps and adaptations cannot do yet.
_STEERING = tuple(
    _later(name, ("try", "otherwise", "agent action", "undo"), "REST", doc, f"{name} …")
    for name, doc in (
        ("run", "starting a workflow"),
        ("pause", "holding something back"),
        ("resume", "lifting a pause"),
        ("cancel", "ending what runs"),
    )
)
_STEPS = (
    *(
        _later(name, ("step",), "REST", doc, f"{name} …")
        for name, doc in (
            ("run", "a workflow as a step"),
            ("wait", "waiting for a condition"),
            ("approve", "asking a person"),
        )
    ),
    _later("move", ("changes",), "REST", "moving a step", "move step report"),
)

# Functions; the shape is not looked at.
FUNCTIONS = {
    name: doc
    for names, doc in (
        ("any all no", "members of a type"),
        ("count distinct sum avg min max", "aggregates"),
        ("rate increase delta slope stddev changes share quantile last past absent", "windows"),
        ("forecast time_until anomaly", "foresight"),
        ("during", "calendars"),
        ("learned.duration learned.success", "history"),
    )
    for name in names.split()
}

WORDS = (*_DECLARATIONS, *_CLAUSES, *_PROBES, *_ACTIONS, *_STEERING, *_STEPS)

# Names that stand for a value.
NAMES = {"now": "the instant", "never": "an instant that does not come"}
