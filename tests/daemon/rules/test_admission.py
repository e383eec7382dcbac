from __future__ import annotations

from msgspec.structs import replace

from daemon.rules.admission import unresolved
from daemon.world.commands import Commands
from dsl.expressions import Constant, Field, ListOf
from dsl.program import Action, AgentAction, Place, Probe, Program, Recovery, RuleHead, Try, Verify
from tests.daemon.worlds import HERE, a_check, an_agent, constants
from tests.dsl.checking import program


def an_exec(line: int, *command: object) -> Action:
    return Action(
        "exec",
        None,
        constants({"command": list(command)}),
        60.0,
        None,
        False,
        "redeploy",
        Place("a.rules", line),
    )


def a_recovery(*actions: Action, otherwise: tuple[Action, ...] = ()) -> Recovery:
    attempt = Try("one", actions, Verify(None, 60.0))
    return Recovery(RuleHead("r", "", HERE), (), None, (attempt,), otherwise, None, (), ())


def test_programs_that_are_not_to_be_found_are_told_with_their_place() -> None:
    agent = replace(
        an_agent("api", ["bin/api"], health=a_check("exec", command=["nosuch1"])),
        actions=(AgentAction("own", (), (an_exec(3, "nosuch2"),), None),),
    )
    folded = replace(an_exec(7), arguments=(("command", Constant(("nosuch7", "x"))),))
    program = Program(
        agents=(agent,),
        probes=(Probe("p", a_check("exec", command=["nosuch3"]), None, (), 15.0, Place("a.rules", 2)),),
        recoveries=(
            a_recovery(an_exec(4, "nosuch4"), an_exec(5, "true"), folded, otherwise=(an_exec(6, "../x"),)),
        ),
    )
    found = unresolved(program, Commands(programs="/srv/programs", path=("/usr/bin", "/bin")))
    assert [f"{one.place.file}:{one.place.line}: {one.reason}" for one in found] == [
        "a.rules:2: probe p: 'nosuch3' is not on the path (/usr/bin:/bin); write the absolute path",
        "test.rules:1: agent api: 'nosuch1' is not on the path (/usr/bin:/bin); write the absolute path",
        "a.rules:3: exec: 'nosuch2' is not on the path (/usr/bin:/bin); write the absolute path",
        "a.rules:4: exec: 'nosuch4' is not on the path (/usr/bin:/bin); write the absolute path",
        "a.rules:7: exec: 'nosuch7' is not on the path (/usr/bin:/bin); write the absolute path",
        "a.rules:6: exec: '../x' leads out of /srv/programs; write it without '..'",
    ]


def test_programs_of_work_are_looked_for_too() -> None:
    text = """
    workflow w { step a { exec ["nosuch1"]; undo { exec ["nosuch2"] } }; step b { after a; exec ["true"] } }
    automation a { do { exec ["nosuch3"] } }
    orchestration o { when host.cpu > 90%; then { exec ["nosuch4"] }; afterwards { exec ["nosuch5"] } }
    adaptation d { of workflow w; when host.cpu > 90%; then { add step c { exec ["nosuch6"] } } }
    maintenance m { every day at 02:00 lasting 1h; do { exec ["nosuch7"] } }
    """
    found = unresolved(program(text), Commands(path=("/usr/bin", "/bin")))
    assert {one.reason.split("'")[1] for one in found} == {f"nosuch{number}" for number in range(1, 8)}


def test_a_program_that_is_calculated_is_known_only_when_it_runs() -> None:
    action = Action(
        "exec", None, (("command", ListOf((Field("agent", ("tool",)),))),), 60.0, None, False, "none", HERE
    )
    assert unresolved(Program(recoveries=(a_recovery(action),)), Commands()) == ()
