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
        "orchestration",
        _FILE,
        "REST",
        "what is set in motion, and when",
        "orchestration calm { when host.cpu > 90% }",
    ),
    _later("adaptation", _FILE, "REST", "how running work changes", "adaptation lean { of workflow }"),
    _later(
        "workflow",
        _FILE,
        "REST",
        "steps with an order",
        'workflow rebalance { step prices { exec ["bin/prices"] } }',
    ),
    _later(
        "automation",
        _FILE,
        "REST",
        "a schedule for a workflow",
        "automation hourly { every 1h; run rebalance }",
    ),
    _later(
        "maintenance",
        _FILE,
        "REST",
        "a window in which nothing is recovered",
        "maintenance nightly { every day at 03:00 }",
    ),
    _later(
        "fact",
        _FILE,
        "name:NAME [title:TITLE] from REST",
        "a fact made of scraped series",
        "fact fs from prometheus node",
    ),
)

_CLAUSES = (
    _later("was", ("detection", "recovery", "agent", "fact"), "old:NAME", "a renaming", "was old_name"),
    _later(
        "severity",
        ("detection",),
        "severity:(info | warning | error | critical) when when:CONDITION [for hold:DURATION]",
        "a tier: one fault that rises and falls",
        "severity critical when disk.usage > 95%",
    ),
    _later(
        "for", ("detection",), "each type:TYPE by fields:PATH,…", "groups", "for each http_requests by job"
    ),
    _later(
        "for",
        ("detection",),
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
    _later("on", ("detection",), "REST", "moments", "on change of agent.status"),
    _later("only", ("detection", "recovery"), "if REST", "a guard", "only if during(business_hours)"),
    _later("when", ("recovery",), "REST", "a state", "when host.cpu < 90%"),
    _later("unless", ("recovery",), "REST", "what blocks", "unless agent.paused"),
    _later("timezone", ("detection", "recovery"), "REST", "times of a place", 'timezone "Europe/London"'),
    _later("catch", ("detection", "recovery"), "up REST", "schedules that were missed", "catch up once"),
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
        ("run", "starting a workflow"),
        ("pause", "holding something back"),
        ("resume", "lifting a pause"),
        ("cancel", "ending what runs"),
        ("prune", "deleting old files"),
        ("cap", "limiting resources"),
        ("wait", "waiting for a condition"),
        ("approve", "asking a person"),
        ("skip", "leaving out a step"),
        ("add", "adding a step"),
        ("replace", "replacing a step"),
        ("move", "moving a step"),
    )
) + tuple(
    _later(
        name, ("action",), "each REST", "an action over several", f"{name} each agent where agent.cpu > 90%"
    )
    for name in ("restart", "start", "stop")
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

WORDS = (*_DECLARATIONS, *_CLAUSES, *_PROBES, *_ACTIONS)

# Names that stand for a value.
NAMES = {"now": "the instant", "never": "an instant that does not come"}
