"""Units as process groups: started, watched, ended, with real processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.units.unit import UnitFailure
from daemon.world.child import living_members
from engine.events import UnitObserved
from tests.daemon.worlds import LIMIT, Mailbox, a_world, an_agent, descriptors, gone, python, zombies

SLEEPS = ["/bin/sleep", "3600"]

# Says its process id, ignores SIGTERM, and has a child that does the same.
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
parent = os.getpid()
child = os.fork()
if child == 0:
    say(f"{parent} {os.getpid()}")
signal.pause()
"""


def test_a_start_tells_the_process_and_an_end_tells_how_it_ended() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", python("raise SystemExit(3)"))) as (world, events):
            pid = await world.units.start("api")
            started, ended = await events.when(UnitObserved), await events.when(UnitObserved, running=False)
            assert (started.agent, started.running, started.pid) == ("api", True, pid)
            assert (ended.agent, ended.detail) == ("api", "exit status 3")

    asyncio.run(scenario())


def test_a_process_that_is_killed_is_told_by_the_name_of_the_signal() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", SLEEPS)) as (world, events):
            pid = await world.units.start("api")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert (await events.when(UnitObserved, running=False)).detail == "killed by SIGKILL"

    asyncio.run(scenario())


def test_what_a_process_is_given(tmp_path: Path) -> None:
    """Its arguments as they stand, a fixed environment, a session of its own, no input and no descriptors of volexd's."""
    mailbox = Mailbox(tmp_path)
    words = ["a b", "$(touch x)", "; rm -rf /", "*", "`id`", "", '"', "ü\n"]
    script = (
        mailbox.says()
        + """
import json, os, sys
fds = [int(fd) for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}")]
say(json.dumps({
    "argv": sys.argv[1:], "environment": dict(os.environ), "leads": os.getsid(0) == os.getpid() == os.getpgid(0),
    "input": os.readlink("/proc/self/fd/0"), "fds": sorted(fds), "directory": os.getcwd(),
}))
"""
    )

    async def scenario() -> dict[str, object]:
        agent = an_agent("api", python(script, *words), directory="/", environment={"PORT": "80"})
        async with a_world(agent) as (world, _):
            await world.units.start("api")
            return json.loads(await mailbox.next())  # type: ignore[no-any-return]

    said = asyncio.run(scenario())
    assert said == {
        "argv": words,
        "environment": {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/",
            "PORT": "80",
        },
        "leads": True,
        "input": "/dev/null",
        "fds": [0, 1, 2],
        "directory": "/",
    }


def status(pid: int | None) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def test_no_signal_is_turned_off_for_a_command() -> None:
    async def scenario() -> str:
        async with a_world(an_agent("api", SLEEPS)) as (world, _):
            return status(await world.units.start("api"))

    found = dict(line.split(":\t", 1) for line in asyncio.run(scenario()).splitlines())
    libc_own = 1 << 31 | 1 << 32  # signals 32 and 33, which nobody but the C library may touch
    assert int(found["SigIgn"], 16) & ~libc_own == 0
    assert int(found["SigBlk"], 16) == 0


def test_what_runs_is_not_started_again_and_what_is_stopped_may_be_stopped() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", SLEEPS)) as (world, events):
            await world.units.stop("api", 1.0)
            pid = await world.units.start("api")
            with pytest.raises(UnitFailure, match=f"api is already running .process {pid}."):
                await world.units.start("api")
            await world.units.stop("api", LIMIT)
            await world.units.stop("api", LIMIT)
            assert [event.running for event in events.of(UnitObserved)] == [True, False]
            assert events.of(UnitObserved)[-1].detail == "killed by SIGTERM"

    asyncio.run(scenario())


def test_a_stop_ends_grandchildren_and_what_ignores_sigterm(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)

    async def scenario() -> None:
        async with a_world(an_agent("api", python(mailbox.says() + STUBBORN))) as (world, events):
            pid = await world.units.start("api")
            leader, grandchild = map(int, (await mailbox.next()).split())
            await world.units.stop("api", 0.05)
            assert leader == pid
            assert living_members(leader) == []
            assert gone(grandchild)
            assert events.of(UnitObserved)[-1].detail == "killed by SIGKILL"

    asyncio.run(scenario())


def test_a_process_that_was_stopped_by_a_signal_can_be_ended_gently() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", SLEEPS)) as (world, events):
            await world.units.start("api")
            await world.units.signal("api", signal.SIGSTOP)
            await world.units.stop("api", LIMIT)
            assert events.of(UnitObserved)[-1].detail == "killed by SIGTERM"

    asyncio.run(scenario())


def test_workers_may_finish_in_the_grace_after_their_leader_has_ended(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "leader = os.getpid()\n"
        "def ends(*_):\n"
        "    while os.getppid() == leader: pass\n"
        "    say('finished')\n"
        "    os._exit(0)\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGTERM, ends)\n"
        "    say('ready')\n"
        "while True: signal.pause()\n"
    )

    async def scenario() -> None:
        async with a_world(an_agent("api", python(script))) as (world, _):
            await world.units.start("api")
            assert await mailbox.next() == "ready"
            await world.units.stop("api", LIMIT)
            assert await mailbox.next() == "finished"

    asyncio.run(scenario())


def test_what_a_dead_leader_leaves_behind_is_gone_before_the_next_start(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)

    async def scenario() -> None:
        async with a_world(an_agent("api", python(mailbox.says() + STUBBORN))) as (world, events):
            first = await world.units.start("api")
            assert first is not None
            _, grandchild = map(int, (await mailbox.next()).split())
            os.kill(first, signal.SIGKILL)
            await events.when(UnitObserved, running=False)
            second = await world.units.start("api")
            assert gone(grandchild)
            assert living_members(first) == []
            assert second != first

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (None, 0, "there is no such file (ENOENT)"),
        ("#!/bin/sh\n", 0o600, "permission denied, or not marked as executable (EACCES)"),
        (
            "#!/no/such/interpreter\n",
            0o700,
            "the interpreter that its first line names does not exist (ENOENT)",
        ),
        ("just text\n", 0o700, "neither a binary nor a script with #! in its first line (ENOEXEC)"),
    ],
)
def test_a_program_that_cannot_be_executed_is_named_with_the_reason(
    tmp_path: Path, content: str | None, mode: int, message: str
) -> None:
    program = tmp_path / "a program"
    if content is not None:
        program.write_text(content)
        program.chmod(mode)

    async def scenario() -> str:
        async with a_world(an_agent("api", [str(program)])) as (world, events):
            with pytest.raises(UnitFailure) as failure:
                await world.units.start("api")
            assert events.all == []
            return str(failure.value)

    assert asyncio.run(scenario()) == f"'{program}' cannot be executed: {message}"
    assert zombies() == []


def test_a_directory_that_is_not_there_is_named() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", SLEEPS, directory="/no/such")) as (world, _):
            with pytest.raises(UnitFailure, match="the directory '/no/such' cannot be entered: no such file"):
                await world.units.start("api")

    asyncio.run(scenario())


def test_an_agent_without_a_unit_and_one_that_is_not_there() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("vault")) as (world, _):
            with pytest.raises(UnitFailure, match="agent vault has no unit"):
                await world.units.start("vault")
            with pytest.raises(UnitFailure, match="there is no agent 'api'"):
                await world.units.stop("api", 1.0)

    asyncio.run(scenario())


def test_output_is_appended_to_the_log_of_the_agent(tmp_path: Path) -> None:
    script = "import os; os.write(1, b'out\\n'); os.write(2, b'err\\n')"

    async def scenario() -> None:
        async with a_world(an_agent("api", python(script)), logs=tmp_path / "logs") as (world, events):
            for number in (1, 2):
                await world.units.start("api")
                await events.when(UnitObserved, count=number, running=False)

    asyncio.run(scenario())
    log = tmp_path / "logs" / "api.log"
    assert log.read_text() == "out\nerr\n" * 2
    assert stat.S_IMODE(log.stat().st_mode) & 0o137 == 0


def test_a_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "api.log").symlink_to(tmp_path / "elsewhere")

    async def scenario() -> None:
        async with a_world(an_agent("api", SLEEPS), logs=tmp_path) as (world, _):
            with pytest.raises(UnitFailure, match="the log of api cannot be written"):
                await world.units.start("api")

    asyncio.run(scenario())
    assert not (tmp_path / "elsewhere").exists()


def test_signals_reach_the_leader_alone(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "signal.signal(signal.SIGUSR1, lambda *_: say('leader'))\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGUSR1, lambda *_: say('child'))\n"
        "    signal.signal(signal.SIGUSR2, lambda *_: say('end'))\n"
        "    say(os.getpid())\n"
        "while True: signal.pause()\n"
    )

    async def scenario() -> None:
        async with a_world(an_agent("api", python(script))) as (world, _):
            await world.units.start("api")
            child = int(await mailbox.next())
            await world.units.signal("api", signal.SIGUSR1)
            assert await mailbox.next() == "leader"
            os.kill(child, signal.SIGUSR2)
            assert await mailbox.next() == "end"
            await world.units.stop("api", LIMIT)
            with pytest.raises(UnitFailure, match="api does not run"):
                await world.units.signal("api", signal.SIGUSR1)

    asyncio.run(scenario())


def test_a_stop_that_is_cancelled_leaves_a_unit_that_can_be_stopped(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)

    async def scenario() -> None:
        async with a_world(an_agent("api", python(mailbox.says() + STUBBORN))) as (world, events):
            await world.units.start("api")
            leader, _ = map(int, (await mailbox.next()).split())
            stopping = asyncio.create_task(world.units.stop("api", LIMIT))
            await asyncio.sleep(0)
            stopping.cancel()
            await asyncio.wait({stopping})
            assert events.of(UnitObserved, running=False) == []
            await world.units.stop("api", 0.0)
            assert living_members(leader) == []

    asyncio.run(scenario())


def test_closing_ends_every_unit() -> None:
    agents = [an_agent(f"agent{number}", SLEEPS) for number in range(5)]

    async def scenario() -> list[int]:
        async with a_world(*agents) as (world, _):
            return [await world.units.start(agent.name) or 0 for agent in agents]

    assert all(gone(pid) for pid in asyncio.run(scenario()))
    assert zombies() == []


def test_a_hundred_runs_leave_no_zombie_and_no_descriptor() -> None:
    agents = [an_agent(f"agent{number}", ["/bin/true"]) for number in range(20)]

    async def scenario() -> None:
        async with a_world(*agents) as (world, events):
            before = descriptors()
            for run in range(1, 6):
                await asyncio.gather(*(world.units.start(agent.name) for agent in agents))
                await events.when(UnitObserved, count=run * len(agents), running=False)
            await asyncio.gather(*(world.units.stop(agent.name, LIMIT) for agent in agents))
            assert descriptors() == before
            assert zombies() == []
            assert {event.detail for event in events.of(UnitObserved, running=False)} == {"exit status 0"}

    asyncio.run(scenario())


PARENT = """
import asyncio, signal, sys, time
from daemon.world.commands import Commands
from daemon.world.world import real_world
from dsl.expressions import Constant, ListOf
from dsl.program import Agent, Place, Program, Unit

if "ignore" in sys.argv:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
command = ListOf((Constant("/bin/sleep"), Constant(sys.argv[1])))
agent = Agent("api", "", Unit("process", (("command", command),)), None, None, 1.0, (), (), (), (), Place("x", 1))

async def main():
    over = asyncio.Event()
    details = []
    def post(event):
        details.append(event.detail)
        if not event.running:
            over.set()
    world = real_world(Commands(), None, post, time.time)
    world.units.replace(Program(agents=(agent,)))
    print(await world.units.start("api"), flush=True)
    await over.wait()
    print(details[-1])
    await world.close(10.0)

asyncio.run(main())
"""
ROOT = Path(__file__).parents[3]


def test_no_unit_outlives_a_daemon_that_is_killed() -> None:
    command = [sys.executable, "-c", PARENT, "3600"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        unit = int(daemon.stdout.readline())
        assert os.getsid(unit) == unit
        daemon.kill()
        assert gone(unit)


def test_a_unit_ends_properly_even_where_whoever_started_volexd_ignores_sigchld() -> None:
    command = [sys.executable, "-c", PARENT, "0", "ignore"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert found.stdout.splitlines()[1] == "ended, its status was lost"


def test_a_launcher_whose_daemon_has_died_already_runs_nothing(tmp_path: Path) -> None:
    launcher = ROOT / "daemon" / "world" / "launcher.py"
    reading, writing = os.pipe()
    not_its_parent = os.getppid()
    command = [sys.executable, "-I", "-S", str(launcher), str(not_its_parent), str(writing)]
    subprocess.run([*command, "/bin/touch", str(tmp_path / "done")], pass_fds=(writing,), check=False)
    os.close(reading)
    os.close(writing)
    assert not (tmp_path / "done").exists()


def test_agents_that_are_in_no_program_any_more_can_be_retired() -> None:
    from dsl.program import Program

    api, other = an_agent("api", SLEEPS), an_agent("other", SLEEPS)

    async def scenario() -> None:
        async with a_world(api, other) as (world, events):
            await world.units.start("api")
            await world.units.start("other")
            (gone_agent,) = world.units.replace(Program(agents=(other,)))
            await world.units.retire(gone_agent, LIMIT)
            assert events.of(UnitObserved, agent="api")[-1].running is False
            assert world.units.pids()["other"] is not None

    asyncio.run(scenario())
