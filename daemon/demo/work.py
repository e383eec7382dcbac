"""What the demonstration does to the work of its swarm: the host becomes busy, a step fails. Both for real."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from daemon.demo.scenarios import until
from daemon.demo.story import Story
from daemon.demo.swarm import Swarm
from daemon.store.query import Reader

End = Callable[[], None]
_BURNER = "import os; os.nice(19)\nwhile True: pass"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`begin` makes it and gives what ends it; `answered` is when the rules have answered it, `over` when all is as before.

    `promises` are queries that each must find something in the rows of its span, with what that is.
    """

    name: str
    title: str
    begin: Callable[[Swarm], End]
    answered: Callable[[Story, int], bool]
    over: Callable[[Story, int], bool]
    promises: tuple[tuple[str, str], ...]
    within: float = 12.0  # seconds


def keep_busy(swarm: Swarm) -> End:
    """As many processes that never rest as there are cores; politely, so that only idle time is taken. And jobs that pile up."""
    jobs = urllib.request.Request(f"http://127.0.0.1:{swarm.ports['database']}/jobs", data=b"", method="POST")
    urllib.request.urlopen(jobs, timeout=5).close()
    burners = [subprocess.Popen([sys.executable, "-c", _BURNER]) for _ in range(os.cpu_count() or 1)]

    def end() -> None:
        for burner in burners:
            burner.kill()
            burner.wait()

    return end


def break_orders(swarm: Swarm) -> End:
    """The program of a step fails from now on."""
    mark = swarm.directory / "orders.fails"
    mark.touch()
    return lambda: mark.unlink(missing_ok=True)


def adapted(story: Story, since: int, rule: str) -> bool:
    """A run that this rule adapted has come to its end. A change that came too late adapted nothing: the next run will show it."""
    runs = {
        row["run_id"]
        for row in story.tables["adaptation"].values()
        if row["rule"] == rule and row["id"] > since and row["outcome"] == "applied"
    }
    ended = {row["id"] for row in story.tables["workflow_run"].values() if row.get("status") == "succeeded"}
    return bool(runs & ended)


def _did(story: Story, since: int, kind: str) -> bool:
    """The rule paused, or resumed, what can wait."""
    return any(
        row["kind"] == kind and row["rule"] == "shed_load" and row["id"] > since
        for row in story.tables["action"].values()
    )


_ADAPTED = (
    "SELECT 1 FROM adaptation JOIN workflow_run ON workflow_run.id = adaptation.run_id WHERE adaptation.rule = '{rule}'"
    " AND adaptation.outcome = 'applied' AND workflow_run.status = 'succeeded'"
    " AND adaptation.id > :first AND adaptation.id <= :last"
)
_SHED = (
    "SELECT 1 FROM action WHERE rule = 'shed_load' AND kind = '{kind}' AND outcome = 'succeeded'"
    " AND id > :first AND id <= :last"
)

TROUBLES = (
    Trouble(
        "busy host", "the host is busy and jobs pile up: work that can wait is paused, a run leaves out what it can do without", keep_busy,
        answered=lambda story, since: adapted(story, since, "lean_when_busy") and _did(story, since, "pause"),
        over=lambda story, since: _did(story, since, "resume"),
        promises=(
            (_ADAPTED.format(rule="lean_when_busy"), "a run was adapted because the host was busy, and succeeded"),
            (_SHED.format(kind="pause"), "load was shed"),
            (_SHED.format(kind="resume"), "load was restored"),
        ),
    ),
    Trouble(
        "failing step", "the program that places orders fails: the running workflow takes another one", break_orders,
        answered=lambda story, since: adapted(story, since, "other_orders"),
        over=lambda story, since: True,
        promises=((_ADAPTED.format(rule="other_orders"), "a failed step was replaced in the running workflow, which succeeded"),),
    ),
)  # fmt: skip


async def endure(trouble: Trouble, swarm: Swarm, story: Story) -> bool:
    """Whether the rules answered it, and everything was as before afterwards, in time."""
    since = story.last_id()
    end = trouble.begin(swarm)
    try:
        answered = await until(lambda: trouble.answered(story, since), trouble.within)
    finally:
        end()
    return answered and await until(lambda: trouble.over(story, since), trouble.within)


def kept(reader: Reader, trouble: Trouble, first_id: int, last_id: int) -> list[tuple[bool, str]]:
    """Each promise, and whether the rows keep it."""
    return [
        (bool(reader.rows(query, first=first_id, last=last_id)), promise)
        for query, promise in trouble.promises
    ]
