"""What is set in motion: from the text to the data that the engine runs."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.capacity import Capacity
from dsl.check import check
from dsl.circle import circle, reached
from dsl.expressions import Compare, Constant, Expression, Field, ListOf, MapOf, Template
from dsl.parts import Moment, Schedule
from dsl.program import (
    Action,
    Adaptation,
    Automation,
    Binding,
    Condition,
    ExpectCount,
    ExpectWork,
    Limit,
    Maintenance,
    Orchestration,
    RunWork,
    Selector,
    Workflow,
)
from dsl.source import Source
from dsl.vocabulary.core import WORDS
from dsl.vocabulary.word import Word
from dsl.work import Measure, Reserve, Retry, Step
from tests.dsl.checking import checked, program

_WORK = ("workflow", "automation", "orchestration", "adaptation", "maintenance")
_GROUND = """
agent api { unit process ["x"]; labels role: "risk" }
channel oncall { url "log:" }
fact stream { key name: text; field connected: flag }
detection slow { for each agent; category agent; when agent.cpu > 90% }
detection full { category resource; when host.cpu > 90%; notify oncall }
recovery revive { on fault slow; try again { restart agent }; limit 1 per 1h by agent }
workflow rebalance(symbols: list) {
    step prices { http get "http://127.0.0.1:8026/quality" }
    step sentiment { after prices; exec ["bin/sentiment", symbols]; optional }
    step vote { after prices; exec ["bin/vote"] }
    step orders { after sentiment, vote; exec ["bin/orders"] }
}
workflow plain { step one { exec ["true"] } }
automation backup { do { log "x" } }
automation cleanup { do { log "x" } }
automation rebalance_hourly { every 1h; run rebalance(symbols: []) }
maintenance nightly { every day at 03:00 lasting 30m; covers agent }
adaptation lean_when_busy { of workflow rebalance; when host.cpu > 90%; then { skip step sentiment } }
"""


def workflow(steps: str, head: str = "w") -> Workflow:
    text = indent(dedent(steps), "    ")
    return program(f"workflow {head} {{\n{text}\n}}").workflows[0]


def step(text: str) -> Step:
    return workflow(f"step s {{ {text} }}").steps[0]


def automation(text: str) -> Automation:
    found = program(f"{_GROUND}automation a {{ {text} }}").automations
    return next(one for one in found if one.head.name == "a")


def schedule(text: str) -> Schedule:
    found = automation(f'{text}; do {{ log "x" }}').schedule
    assert found is not None
    return found


def orchestration(text: str) -> Orchestration:
    return program(f"{_GROUND}orchestration o {{ {text} }}").orchestrations[0]


def then(text: str, before: str = "when host.cpu > 90%") -> Action:
    return orchestration(f"{before}; then {{ {text} }}").then[0]


def adaptation(text: str, when: str = "host.cpu > 90%", of: str = "rebalance") -> Adaptation:
    found = program(
        f"{_GROUND}adaptation a {{ of workflow {of}; when {when}; then {{ {text} }} }}"
    ).adaptations
    return next(one for one in found if one.head.name == "a")


def maintenance(text: str) -> Maintenance:
    found = program(f"{_GROUND}maintenance m {{ {text} }}").maintenances
    return next(one for one in found if one.head.name == "m")


def _busy(limit: float = 0.9) -> Expression:
    return Compare(">", Field("host", ("cpu",)), Constant(limit))


# --- workflows ------------------------------------------------------------------------------------------------------------


def test_a_workflow_has_parameters_and_steps_as_written() -> None:
    found = workflow(
        'step b { after a; exec ["b", symbols] }\nstep a { exec ["a"] }\ntype trading\nlearning off',
        head='w(symbols: list, least: number) "Two steps"',
    )
    assert (found.head.name, found.head.title) == ("w", "Two steps")
    assert found.parameters == (("symbols", "list"), ("least", "number"))
    assert [(one.name, one.after) for one in found.steps] == [("b", ("a",)), ("a", ())]
    assert (found.type, found.learning) == ("trading", False)
    assert dict(found.steps[0].action.arguments)["command"] == ListOf((Constant("b"), Field("symbols", ())))


def test_a_step_that_says_nothing_else() -> None:
    found = step('exec ["x"]')
    assert (found.timeout, found.retry, found.reserve) == (60.0, Retry(), Reserve())
    assert (found.optional, found.priority, found.undo) == (False, "medium", ())
    assert (found.passes, found.binding, found.after) == (None, None, ())


def test_a_step_with_everything() -> None:
    found = step(
        """
        http post "{agent.url}/assess" { body name: agent.name; repeatable }
        for each agent where agent.status == "up"
        timeout 30s
        retry 3 backoff 2s doubling to 1m
        reserve cpu: 1.5, memory: 512MiB, gpu: 2, licence: 1
        optional
        priority high
        pass when answer.status == 200
        undo { http delete "http://127.0.0.1/x"; log "{steps.s.output}" }
        """
    )
    assert found.retry == Retry(3, 2.0, 60.0)
    assert found.reserve == Reserve(1.5, 512 * 1024.0**2, (("gpu", 2), ("licence", 1)))
    assert (found.optional, found.priority, found.timeout, found.action.timeout) == (True, "high", 30.0, 30.0)
    assert found.binding == Binding(
        "agent", "agent", Compare("==", Field("agent", ("status",)), Constant("up"))
    )
    assert found.passes == Condition(Compare("==", Field("answer", ("status",)), Constant(200.0)))
    assert [one.kind for one in found.undo] == ["http", "log"]
    assert found.undo[1].arguments == (("text", Template((Field("steps", ("s", "output")),), ("text",))),)


def test_a_timeout_in_the_braces_of_the_action_is_the_steps() -> None:
    assert step('exec ["x"] { timeout 5s }').timeout == 5.0
    assert step('exec ["x"] { timeout 5s }; timeout 7s').action.timeout == 7.0


def test_a_step_reads_those_before_it() -> None:
    found = workflow(
        'step a { exec ["a"] }\nstep b { after a; exec ["b"] }\n'
        'step c { after b; exec ["c", steps.a.output.items[0].id, steps.b.duration, run.workflow, host.cpu] }'
    )
    command = dict(found.steps[2].action.arguments)["command"]
    assert isinstance(command, ListOf)
    assert command.elements[1:] == (
        Field("steps", ("a", "output", "items", 0, "id")),
        Field("steps", ("b", "duration")),
        Field("run", ("workflow",)),
        Field("host", ("cpu",)),
    )


# --- schedules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 1h", Schedule("every", every=3600.0)),
        ("every 1h at minute 5", Schedule("every", every=3600.0, offset=300.0)),
        ("every 15m at minute 5", Schedule("every", every=900.0, offset=300.0)),
        ("every 200ms", Schedule("every", every=0.2)),
        ("every day at 02:00", Schedule("daily", offset=7200.0)),
        ("every wed, mon at 02:30", Schedule("daily", offset=9000.0, days=(0, 2))),
        ("cron '5  2 * * mon'", Schedule("cron", cron="5 2 * * mon")),
        ('cron "0 0 29 2 *"', Schedule("cron", cron="0 0 29 2 *")),
        ("immediate", Schedule("immediate")),
        (
            'every day at 02:00; timezone "Europe/London"; catch up once',
            Schedule("daily", offset=7200.0, timezone="Europe/London", catch_up=True),
        ),
    ],
)
def test_schedules(text: str, expected: Schedule) -> None:
    found = schedule(text)
    assert replace(found, text="") == expected
    assert found.text == text.split(";")[0]


def test_a_schedule_of_a_constant() -> None:
    found = program('let pause = 90m\nautomation a { every pause; do { log "x" } }').automations[0].schedule
    assert found is not None
    assert found.every == 5400.0


# --- automations ----------------------------------------------------------------------------------------------------------


def test_an_automation_that_says_nothing_else() -> None:
    found = automation('do { log "x"; exec ["y"] }')
    assert (found.schedule, found.only_if, found.workflow, found.after) == (None, None, None, ())
    assert [one.kind for one in found.actions] == ["log", "exec"]
    assert (found.strategy, found.overlap, found.deadline, found.learning) == ("adaptive", "skip", None, True)
    assert (found.type, found.head.priority, found.reserve) == ("task_scheduling", "medium", Reserve())


def test_an_automation_with_everything() -> None:
    found = automation(
        """
        every 1h
        only if host.cpu < 80%
        run rebalance(["BTC-USD"])
        after backup, cleanup
        priority critical
        reserve cpu: 2
        strategy reliable
        overlap queue
        deadline 20m
        learning off
        type resource_optimization
        """
    )
    assert found.only_if == Compare("<", Field("host", ("cpu",)), Constant(0.8))
    assert (found.workflow, found.actions) == ("rebalance", ())
    assert found.arguments == (("symbols", Constant(("BTC-USD",))),)
    assert (found.after, found.head.priority) == (("backup", "cleanup"), "critical")
    assert (found.strategy, found.overlap, found.deadline) == ("reliable", "queue", 1200.0)
    assert (found.learning, found.type, found.reserve.cpu) == (False, "resource_optimization", 2.0)


def test_more_urgent_automations_come_first() -> None:
    text = 'automation b { do { log "x" } }\nautomation a { do { log "x" }; priority high }\nautomation c { do { log "x" } }'
    assert [one.head.name for one in program(text).automations] == ["a", "b", "c"]


# --- orchestrations -------------------------------------------------------------------------------------------------------


def test_a_state_with_its_end() -> None:
    found = orchestration(
        "when host.cpu > 90% for 1m; unless host.load > 20; limit 2 per 1h overall; type task_scheduling;"
        'then { pause automation where automation.priority < "high" }; afterwards { resume automation }'
    )
    assert found.when == Condition(_busy(), 60.0)
    assert found.on is None
    assert found.limits == (Limit(2, 3600.0, None),)
    assert found.type == "task_scheduling"
    assert found.then[0].target is not None
    assert found.then[0].target.where == Compare(
        "<", Field("automation", ("priority",)), Constant("high"), ("low", "medium", "high", "critical")
    )
    assert found.afterwards[0].target == Selector("automation")  # what this rule paused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on fault slow", Moment("fault", ("slow",))),
        (
            'on fault where fault.category == "agent"',
            Moment("fault", (), Compare("==", Field("fault", ("category",)), Constant("agent"))),
        ),
        ("on exhausted revive", Moment("exhausted", ("revive",))),
        ("for each agent; on change of agent.status", Moment("change", path=("agent", "status"))),
        (
            'for each agent as a; on a.status from "up" to "down"',
            Moment("change", path=("a", "status"), before="up", after="down"),
        ),
        ("on host.cpu to 100%", Moment("change", path=("host", "cpu"), after=1.0)),
        ("every 1h", Moment("schedule", schedule=Schedule("every", every=3600.0))),
    ],
)
def test_moments(text: str, expected: Moment) -> None:
    found = orchestration(f'{text}; then {{ log "x" }}').on
    assert found is not None
    assert (replace(found, schedule=None), found.schedule and replace(found.schedule, text="")) == (
        replace(expected, schedule=None),
        expected.schedule,
    )


def test_a_fault_brings_what_it_is_about() -> None:
    found = orchestration('on exhausted revive; then { log "{agent.name}: {fault.name} {recovery.reason}" }')
    text = dict(found.then[0].arguments)["text"]
    assert isinstance(text, Template)
    assert Field("agent", ("name",)) in text.parts


def test_what_helped_is_kept() -> None:
    found = orchestration(
        "when host.cpu > 80%; measure host.cpu falls by at least 10% after 30s;"
        "then { pause automation backup }; afterwards { resume automation backup }"
    )
    assert found.measure == Measure(("host", "cpu"), 0.1, 30.0)


@pytest.mark.parametrize(
    ("text", "target", "arguments"),
    [
        ("run backup", None, {"name": Constant("backup"), "arguments": MapOf(())}),
        (
            "run rebalance(symbols: [host.name])",
            None,
            {
                "name": Constant("rebalance"),
                "arguments": MapOf((("symbols", ListOf((Field("host", ("name",)),))),)),
            },
        ),
        ("pause automation backup", Selector("automation", Constant("backup")), {}),
        ("cancel automation backup", Selector("automation", Constant("backup")), {}),
        ("cancel workflow rebalance", Selector("workflow", Constant("rebalance")), {}),
        ("resume agent", Selector("agent"), {}),
        ("pause agent api", Selector("agent", Constant("api")), {}),
    ],
)
def test_steering(text: str, target: Selector | None, arguments: dict[str, Expression]) -> None:
    found = then(text)
    assert (found.kind, found.target) == (text.split()[0], target)
    assert dict(found.arguments) == arguments


def test_an_agent_is_paused_that_the_rule_is_about() -> None:
    assert then("pause agent", "for each agent; when agent.cpu > 90%").target == Selector("agent")


def test_several_agents_are_asked() -> None:
    found = then(
        'http post "{agent.url}/x" { for each agent where agent.status == "up"; body name: agent.name }'
    )
    assert found.target == Selector("agent", None, Compare("==", Field("agent", ("status",)), Constant("up")))
    assert dict(found.arguments)["url"] == Template((Field("agent", ("url",)), "/x"), ("text",))
    everybody = then('http post "{agent.url}/x" { for each agent }')
    assert everybody.target == Selector("agent", None, Constant(True))


# --- adaptations ----------------------------------------------------------------------------------------------------------


def test_an_adaptation_of_one_workflow_and_of_any() -> None:
    found = adaptation(
        'skip step sentiment because "the host is busy"', when="steps.prices.duration > 10s for 5s"
    )
    assert found.workflow == "rebalance"
    assert found.when == Condition(Compare(">", Field("steps", ("prices", "duration")), Constant(10.0)), 5.0)
    assert (found.then[0].kind, found.then[0].step, found.then[0].because) == (
        "skip",
        "sentiment",
        "the host is busy",
    )
    assert adaptation("retry step", when='step.status == "failed"', of="").workflow is None


@pytest.mark.parametrize(
    ("text", "after", "before", "at_beginning"),
    [
        ("add step new { after prices; before vote; EXEC }", ("prices",), ("vote",), False),
        ("add step new at beginning { EXEC }", (), (), True),
        ("add step new at end { EXEC }", (), (), False),
        ("add step new { EXEC }", (), (), False),
        ("add step new { before orders; EXEC }", (), ("orders",), False),
    ],
)
def test_a_step_is_put_in(
    text: str, after: tuple[str, ...], before: tuple[str, ...], at_beginning: bool
) -> None:
    found = adaptation(text.replace("EXEC", 'exec ["x", symbols]; timeout 5s; optional')).then[0]
    assert (found.kind, found.step, found.after, found.before) == ("add", "new", after, before)
    assert found.at_beginning is at_beginning
    assert found.new is not None
    assert (found.new.name, found.new.after, found.new.timeout, found.new.optional) == (
        "new",
        after,
        5.0,
        True,
    )


def test_a_step_is_replaced() -> None:
    failed = adaptation('replace step { exec ["x", step.name] }', when='step.status == "failed"').then[0]
    assert (failed.kind, failed.step) == ("replace", None)
    assert failed.new is not None
    assert dict(failed.new.action.arguments)["command"] == ListOf((Constant("x"), Field("step", ("name",))))
    named = adaptation('replace step orders { exec ["x", steps.vote.output] }').then[0]
    assert (named.step, named.new and named.new.name) == ("orders", "orders")


def test_what_is_set_and_ordered() -> None:
    found = adaptation(
        'set steps.prices.timeout = 60s; set steps.vote.retry = 2; set steps.vote.priority = "high"; order by cost'
    ).then
    assert [(one.kind, one.step, one.what, one.value) for one in found[:3]] == [
        ("set", "prices", "timeout", Constant(60.0)),
        ("set", "vote", "retry", Constant(2.0)),
        ("set", "vote", "priority", Constant("high")),
    ]
    assert (found[3].kind, found[3].by) == ("order", "cost")
    slow = adaptation("set step.timeout = 2 * step.duration", when="step.duration > 1m").then[0]
    assert (slow.step, slow.what) == (None, "timeout")


# --- maintenance ----------------------------------------------------------------------------------------------------------


def test_a_window() -> None:
    found = maintenance(
        'every sun at 03:00 lasting 30m; timezone "Europe/London"; covers agent where agent.labels.role == "risk";'
        'do { exec ["bin/vacuum"] }'
    )
    assert replace(found.schedule, text="") == Schedule(
        "daily", offset=10800.0, days=(6,), timezone="Europe/London"
    )
    assert found.lasting == 1800.0
    assert found.covers == Selector(
        "agent", None, Compare("==", Field("agent", ("labels", "role")), Constant("risk"))
    )
    assert [one.kind for one in found.actions] == ["exec"]


def test_what_a_window_covers() -> None:
    assert maintenance('every 1h lasting 5m; do { log "x" }').covers is None
    assert maintenance("every 1h lasting 5m; covers agent").covers == Selector("agent", None, Constant(True))
    assert maintenance("cron '0 3 * * *' lasting 5m; covers agent api").covers == Selector(
        "agent", Constant("api")
    )


# --- tests of rules -------------------------------------------------------------------------------------------------------


def test_work_in_tests() -> None:
    text = _GROUND + dedent(
        """
        test "t" {
            at 1s run rebalance(symbols: ["a"])
            at 2s run backup
            at 3s expect workflow rebalance succeeded
            at 3s expect no workflow plain
            at 3s expect step sentiment of rebalance skipped
            at 3s expect automation backup succeeded
            at 3s expect adaptation lean_when_busy applied
            at 3s expect no step orders of rebalance failed
            at 3s expect no maintenance nightly
            at end expect count(workflow rebalance) == 1
        }
        """
    )
    assert [one.what for one in program(text).tests[0].steps] == [
        RunWork("rebalance", (("symbols", ("a",)),)),
        RunWork("backup", ()),
        ExpectWork("workflow", "rebalance", None, "succeeded", True),
        ExpectWork("workflow", "plain", None, "", False),
        ExpectWork("step", "sentiment", "rebalance", "skipped", True),
        ExpectWork("automation", "backup", None, "succeeded", True),
        ExpectWork("adaptation", "lean_when_busy", None, "applied", True),
        ExpectWork("step", "orders", "rebalance", "failed", False),
        ExpectWork("maintenance", "nightly", None, "", False),
        ExpectCount("workflow", "rebalance", "==", 1.0),
    ]


# --- what the machine has -------------------------------------------------------------------------------------------------


def _too_much(text: str, capacity: Capacity | None) -> list[tuple[str, int, str]]:
    findings = check([Source("a.rules", text)], vocabulary(), capacity=capacity).findings
    return [(one.code, one.span.line, one.message) for one in findings]


_RESERVES = """\
workflow w {
    step a { exec ["x"]; reserve cpu: 8, memory: 4GiB, gpu: 2 }
    step b { exec ["x"]; reserve cpu: 2, gpu: 1 }
}
automation b { reserve memory: 4000GiB; do { run w } }
adaptation c { of workflow w; when host.cpu > 90%; then { add step d { exec ["x"]; reserve cpu: 5 } } }
"""


def test_a_reserve_beyond_the_machine_is_found() -> None:
    assert sorted(_too_much(_RESERVES, Capacity(4.0, 2 * 1024.0**3, {}))) == [
        (
            "V420",
            2,
            "this reserves 2 of `gpu`, and there is 1: `work.slots` of the configuration says how many",
        ),
        ("V420", 2, "this reserves 4 GiB of memory, and there are 2"),
        ("V420", 2, "this reserves 8 cores, and there are 4"),
        ("V420", 5, "this reserves 4000 GiB of memory, and there are 2"),
        ("V420", 6, "this reserves 5 cores, and there are 4"),
    ]


@pytest.mark.parametrize("capacity", [None, Capacity(), Capacity(8.0, 4000 * 1024.0**3, {"gpu": 2})])
def test_a_reserve_within_the_machine_is_not(capacity: Capacity | None) -> None:
    assert _too_much(_RESERVES, capacity) == []


# --- circles --------------------------------------------------------------------------------------------------------------

_GRAPHS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4), max_size=8
)


@given(_GRAPHS)
def test_a_circle_is_one_and_is_found_where_there_is_one(graph: dict[str, list[str]]) -> None:
    found = circle(graph)
    pairs = zip(found, [*found[1:], *found[:1]], strict=True)
    assert all(after in graph[name] for name, after in pairs)
    has_one = any(name in reached(graph, graph[name]) for name in graph)
    assert bool(found) is has_one


@settings(max_examples=30, deadline=None)
@given(_GRAPHS)
def test_the_checker_refuses_exactly_the_graphs_with_circles(graph: dict[str, list[str]]) -> None:
    inside = {name: [one for one in dict.fromkeys(after) if one in graph] for name, after in graph.items()}
    steps = [
        f'step {name} {{ {"after " + ", ".join(after) + "; " if after else ""}exec ["x"] }}'
        for name, after in inside.items()
    ]
    found = checked("workflow w {\n    " + "\n    ".join(steps) + "\n}" if steps else "")
    codes = {one.code for one in found.errors}
    assert codes == ({"V211"} if circle(inside) else set())


# --- examples -------------------------------------------------------------------------------------------------------------

_DECLARATIONS = [word for word in WORDS if word.inside == ("file",) and word.body and word.name in _WORK]


@pytest.mark.parametrize("word", _DECLARATIONS, ids=lambda word: word.name)
def test_the_example_of_a_declaration_is_right(word: Word) -> None:
    ground = (
        _GROUND.replace("lean_when_busy", "lean").replace("nightly", "window")
        if word.name != "workflow"
        else ""
    )
    rules = f'{ground}\nagent database {{ unit process ["x"] }}\n{word.example}'
    assert checked(rules).errors == ()
