from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from daemon.world.commands import CommandRefused
from tests.daemon.actions.calls import done
from tests.daemon.worlds import Mailbox, a_world, descriptors, gone, python, zombies


def test_arguments_arrive_as_they_stand_and_no_shell_reads_them(tmp_path: Path) -> None:
    words = ["a b", "$(touch x)", ";", "&&", "|", "> y", "~", "$HOME", "", "'\""]
    script = "import json, sys; print(json.dumps(sys.argv[1:]))"

    async def scenario() -> None:
        async with a_world() as (world, _):
            outcome = await done(world, "exec", command=[*python(script), *words], directory=str(tmp_path))
            assert outcome.outcome == "succeeded"
            assert outcome.detail == f"exit status 0: {json.dumps(words)}"

    asyncio.run(scenario())
    assert list(tmp_path.iterdir()) == []


def test_lists_are_spliced_and_numbers_written() -> None:
    script = "import json, sys; print(json.dumps(sys.argv[1:]))"

    async def scenario() -> None:
        async with a_world() as (world, _):
            outcome = await done(world, "exec", command=[*python(script), ["BTC", "ETH"], [], 5.0, True])
            assert outcome.detail == 'exit status 0: ["BTC", "ETH", "5", "true"]'

    asyncio.run(scenario())


def test_the_environment_is_fixed_and_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    script = "import os; print(*sorted(os.environ))"

    async def scenario() -> None:
        async with a_world() as (world, _):
            assert (
                await done(world, "exec", command=python(script))
            ).detail == "exit status 0: HOME LANG PATH"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("raise SystemExit(3)", "exit status 3"),
        ("import os; os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("import sys; print('fine'); sys.exit('no\\x1b[31m disk')", "exit status 1: no\\x1b[31m disk"),
    ],
)
def test_a_failure_says_how_it_ended_and_what_was_said(script: str, detail: str) -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            outcome = await done(world, "exec", command=python(script))
            assert (outcome.outcome, outcome.detail) == ("failed", detail)

    asyncio.run(scenario())


def test_a_bare_name_is_found_on_the_configured_path_and_a_slash_below_the_programs(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "redeploy"
    program.write_text("#!/bin/sh\necho redeployed $1\n")
    program.chmod(0o700)

    async def scenario() -> None:
        async with a_world(programs=tmp_path) as (world, _):
            assert (await done(world, "exec", command=["echo", "found"])).detail == "exit status 0: found"
            assert (await done(world, "exec", command=["bin/redeploy", "api"])).detail.endswith(
                "redeployed api"
            )
            with pytest.raises(CommandRefused, match="leads out of"):
                await done(world, "exec", command=["../bin/redeploy"])
            with pytest.raises(CommandRefused, match="'nosuch' is not on the path"):
                await done(world, "exec", command=["nosuch"])

    asyncio.run(scenario())


@pytest.mark.parametrize("command", [None, [], "echo", [[]], [None], ["echo", None], ["echo", "a\0b"], [""]])
def test_what_is_no_command_is_refused(command: object) -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            with pytest.raises(CommandRefused):
                await done(world, "exec", command=command)

    asyncio.run(scenario())


def test_what_is_cancelled_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "leader = os.getpid()\n"
        "if os.fork() == 0: say(f'{leader} {os.getpid()}')\n"
        "while True: signal.pause()\n"
    )

    async def scenario() -> None:
        async with a_world() as (world, _):
            before = descriptors()
            running = asyncio.create_task(done(world, "exec", command=python(script)))
            pids = [int(pid) for pid in (await mailbox.next()).split()]
            running.cancel()
            await asyncio.wait({running})
            assert running.cancelled()
            assert all(gone(pid) for pid in pids)
            assert zombies() == []
            assert descriptors() == before

    asyncio.run(scenario())


def test_a_child_that_stays_behind_with_the_output_holds_nothing_up(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "print('done', flush=True)\n"
        "if os.fork() == 0:\n"
        "    say(os.getpid())\n"
        "    signal.pause()\n"
    )

    async def scenario() -> None:
        async with a_world() as (world, _):
            outcome = await done(world, "exec", command=python(script))
            assert outcome.detail == "exit status 0: done"

    asyncio.run(scenario())


def test_of_much_output_the_end_is_kept() -> None:
    script = "import sys; sys.stdout.write('x' * 5_000_000 + ' the end'); sys.exit(1)"

    async def scenario() -> None:
        async with a_world() as (world, _):
            detail = (await done(world, "exec", command=python(script))).detail
            assert detail.startswith("exit status 1: xxx")
            assert detail.endswith("x the end")
            assert len(detail) < 1000

    asyncio.run(scenario())


def test_the_program_dies_with_volexd() -> None:
    """The same launcher as for units: see tests/daemon/units. Here only that it is used."""

    async def scenario() -> None:
        async with a_world() as (world, _):
            script = "import os; print(os.getppid(), os.getsid(0) == os.getpid())"
            outcome = await done(world, "exec", command=[sys.executable, "-I", "-S", "-c", script])
            assert outcome.detail == f"exit status 0: {os.getpid()} True"

    asyncio.run(scenario())


def test_what_it_printed_is_its_reply() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            json_like = await done(world, "exec", command=["/bin/echo", '{"price": 3}'])
            assert json_like.reply == {"status": 0, "output": '{"price": 3}\n', "body": {"price": 3}}
            plain = await done(world, "exec", command=["/bin/echo", "plain"])
            assert plain.reply == {"status": 0, "output": "plain\n", "body": None}

    asyncio.run(scenario())
