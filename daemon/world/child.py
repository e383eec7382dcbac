"""Child processes of volexd: each leads a session of its own, is watched by a pidfd, and dies with volexd.

Children are started from the loop's thread, and from no other: the kernel ties their lives to the thread that forked them.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from daemon.world.failures import OwnFailure, is_own, reason
from daemon.world.output import Output

LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_REPORT_LIMIT = 64
_LAUNCH_LIMIT = 30.0  # seconds until the command must have been executed, on however busy a machine


class StartFailure(Exception):
    """A command could not be started; the text says which, why, and what would help."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run. `argv[0]` is the absolute path of the program; the environment is complete, nothing is inherited."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: by itself with a status, or by a signal."""

    status: int | None
    signal: int | None

    def __str__(self) -> str:
        if self.signal is not None:
            return f"killed by {_signal_name(self.signal)}"
        return "ended, its status was lost" if self.status is None else f"exit status {self.status}"


async def spawn(command: Command, stdout: int | None = None, stderr: int | None = None) -> Child:
    """Starts a command and returns once it is executed. A descriptor None is inherited from volexd.

    Raises StartFailure, and OwnFailure when volexd lacks descriptors or memory.
    """
    try:
        report = Output(_REPORT_LIMIT)
    except OSError as error:
        raise OwnFailure(reason(error)) from error
    try:
        child = _forked(command, report, stdout, stderr)
        try:
            report.handed_over()
            # Not wait_for: in Python 3.11 it forgets that it was cancelled when what it waits for ends in the same moment,
            # and whoever cancelled a look waits for ever.
            async with asyncio.timeout(_LAUNCH_LIMIT):
                await report.end()
        except TimeoutError:
            child.abandon()
            raise OwnFailure(f"{command.argv[0]!r} was not executed within {_LAUNCH_LIMIT:g} s") from None
        except BaseException:
            child.abandon()
            raise
    finally:
        report.close()
    if report.kept:
        await child.destroy()
        raise StartFailure(_explained(report.text, command))
    return child


def _forked(command: Command, report: Output, stdout: int | None, stderr: int | None) -> Child:
    launch = [sys.executable, "-I", "-S", LAUNCHER, str(os.getpid()), str(report.writing)]
    try:
        process = subprocess.Popen(
            [*launch, *command.argv],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=command.directory,
            env=dict(command.environment),
            pass_fds=(report.writing,),
            start_new_session=True,
        )
    except ValueError as error:  # a NUL byte
        raise StartFailure(f"{command.argv[0]!r} cannot be started: {error}") from error
    except OSError as error:
        raise _unstartable(error, command) from error
    try:
        return Child(process)
    except OSError as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise OwnFailure(reason(error)) from error


def _unstartable(error: OSError, command: Command) -> Exception:
    if is_own(error):
        return OwnFailure(f"volexd cannot start a process: {reason(error)}")
    if command.directory is not None and error.filename == command.directory:
        return StartFailure(f"the directory {command.directory!r} cannot be entered: {reason(error)}")
    return StartFailure(f"{command.argv[0]!r} cannot be started: {reason(error)}")


def _explained(report: str, command: Command) -> str:
    what, _, number = report.partition(" ")
    program, code = command.argv[0], int(number or 0)
    if what != "exec":
        return f"{program!r} was not started: {what} failed ({os.strerror(code)})"
    name = errno.errorcode.get(code, str(code))
    return f"{program!r} cannot be executed: {_meaning(code, program)} ({name})"


def _meaning(code: int, program: str) -> str:
    match code:
        case errno.ENOENT if Path(program).exists():
            return "the interpreter that its first line names does not exist"
        case errno.ENOENT:
            return "there is no such file"
        case errno.EACCES:
            return "permission denied, or not marked as executable"
        case errno.ENOEXEC:
            return "neither a binary nor a script with #! in its first line"
        case _:
            return os.strerror(code)


class Child:
    """A running child, the leader of its process group. It stays unreaped until `reap`, so its number stays its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self._process = process
        self._pidfd = os.pidfd_open(process.pid)
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ending] = self._loop.create_future()
        self._reaped: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._pidfd, self._observe)

    @property
    def has_ended(self) -> bool:
        return self._ended.done()

    async def ended(self) -> Ending:
        """Waits until the leader has ended; it is a zombie then, until `reap`."""
        return await asyncio.shield(self._ended)

    def signal(self, number: int) -> None:
        """To the leader alone. Raises ProcessLookupError when it has ended, PermissionError."""
        signal.pidfd_send_signal(self._pidfd, number)

    def signal_group(self, number: int) -> None:
        """To the leader and all that it started and that stayed in its group. Raises PermissionError."""
        if not self._reaped.done():
            with suppress(
                ProcessLookupError
            ):  # only where SIGCHLD is ignored: the kernel has reaped it before us
                os.killpg(self.pid, number)

    def reap(self) -> None:
        """Takes the zombie away; only after `ended`."""
        if self._reaped.done():
            return
        self._process.wait()
        os.close(self._pidfd)
        self._reaped.set_result(None)

    def abandon(self) -> None:
        """Kills the whole group, and reaps the leader whenever it has died: nobody has to wait for that."""
        self._ended.add_done_callback(lambda _: self.reap())
        self.signal_group(signal.SIGKILL)

    async def destroy(self) -> None:
        """Kills the whole group and waits until the leader is reaped. If the waiting is cancelled, the rest happens anyway."""
        self.abandon()
        await asyncio.shield(self._reaped)

    def _observe(self) -> None:
        try:
            found = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # whoever started volexd ignores SIGCHLD: the kernel has reaped it already
            ending = Ending(None, None)
        else:
            if found is None:
                return
            ending = _ending(found)
        self._loop.remove_reader(self._pidfd)
        self._ended.set_result(ending)


def _ending(found: os.waitid_result) -> Ending:
    if found.si_code == os.CLD_EXITED:
        return Ending(found.si_status, None)
    return Ending(None, found.si_status)


def living_members(group: int) -> list[int]:
    """Process ids in a process group, zombies left out."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _lives_in(entry, group)]


def _lives_in(pid: str, group: int) -> bool:
    try:
        stat = Path("/proc", pid, "stat").read_bytes()
    except OSError:  # it ended while we looked
        return False
    state, _, process_group = stat[stat.rindex(b")") + 2 :].split(maxsplit=3)[:3]
    return int(process_group) == group and state not in b"ZX"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
