"""A world around the engine's work: actions reply and can be ended; rows of a former life are handed to a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dsl.program import Program
from engine.effects import Cancel, Do, Effect
from engine.engine import Engine
from engine.events import ActionFinished, CapacityKnown, Restored
from tests.engine.world import World


class Goes(NamedTuple):
    """How an action goes. `takes` None: it never ends by itself."""

    takes: float | None = 1.0
    outcome: str = "succeeded"
    detail: str = ""
    reply: Any = None


How = Goes | Callable[[Do], Goes]


class WorkWorld(World):
    """`goes` says by the first word of a command, the path of a URL, or the kind how an action goes."""

    def __init__(self, program: Program | None = None, at: float = 0.0, **goes: How) -> None:
        self.goes: dict[str, How] = dict(goes)
        self.began: dict[int, float] = {}
        self.cancelled: list[int] = []
        super().__init__(None, at)
        if program is not None:
            self.load(program)
            self.at(at + 1)  # what a former life knew would have been told by now

    def capacity(self, cpu: float | None = None, memory: float | None = None, **slots: int) -> None:
        self.send(CapacityKnown(self.now, cpu, memory, slots))

    def run(self, name: str, **arguments: Any) -> None:
        from engine.events import Commanded

        self.send(Commanded(self.now, "run", name, "ann", arguments))

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Do):
            self.done.append(effect)
            self.began[effect.action] = self.now
            how = self.goes.get(name_of(effect)) or self.goes.get(effect.kind) or Goes()
            how = how if isinstance(how, Goes) else how(effect)
            if how.takes is not None:
                self._answer(self.now + how.takes, effect.action, how)
        elif isinstance(effect, Cancel):
            self.cancelled.append(effect.action)
            self._answers = [answer for answer in self._answers if answer[1] != effect.action]
            self._answer(self.now, effect.action, Goes(0.0, "cancelled"))
        else:
            super()._take(effect)

    def _answer(self, due: float, action: int, how: Any) -> None:
        self._answers.append((due, action, how))
        self._answers.sort(key=lambda answer: answer[:2])

    def finish(self, action: int, outcome: str = "succeeded", detail: str = "", reply: Any = None) -> None:
        self.send(ActionFinished(self.now, action, outcome, detail, reply))

    def at(self, instant: float) -> WorkWorld:
        while (due := self._next_due()) is not None and due <= instant:
            self.now = max(self.now, due)
            if self._answers and self._answers[0][0] <= self.now:
                _, action, how = self._answers.pop(0)
                self.finish(action, how.outcome, how.detail, how.reply)
            else:
                from engine.events import TimePassed

                self.send(TimePassed(self.now))
        self.now = instant
        return self

    # --- what became of it -----------------------------------------------------------------------------------------

    def steps(self, run: int | None = None) -> dict[str, str]:
        """Step to status, of the newest run."""
        run = self.table("workflow_run")[-1]["id"] if run is None else run
        return {row["step"]: row["status"] for row in self.table("step_run", run_id=run)}

    def step(self, name: str) -> dict[str, Any]:
        return self.table("step_run", step=name)[-1]

    def workflow_run(self) -> dict[str, Any]:
        return self.table("workflow_run")[-1]

    def automation_runs(self, name: str) -> list[tuple[str, str]]:
        return [(row["cause"], row["status"]) for row in self.table("automation_run", automation=name)]

    def commands(self) -> list[tuple[float, str]]:
        """When which command, or request, began."""
        return [(round(self.began[do.action], 6), name_of(do)) for do in self.done]

    def crashed(self, program: Program, after: float = 10.0) -> WorkWorld:
        """A new life: what the store knew of this one, and nothing else."""
        new = WorkWorld(at=self.now + after)
        new.goes = self.goes
        ids = [identity for table, rows in self.rows.items() if table != "derivation" for identity in rows]
        new.engine = Engine(max(ids, default=0) + 1, 1 + len(self.table("derivation")))
        new.rows = self.rows
        new.load(program)
        new.send(
            Restored(
                new.now,
                actions=self._rows("action", "outcome"),
                **{
                    f"{table}s": self._rows(
                        table, "ended_at" if table.endswith("_run") and table != "step_run" else None
                    )
                    for table in (
                        "automation",
                        "automation_run",
                        "workflow",
                        "workflow_run",
                        "step_run",
                        "maintenance_run",
                    )
                },
                learned=self._rows("learned", None),
            )
        )
        return new

    def _rows(self, table: str, only_without: str | None) -> tuple[dict[str, Any], ...]:
        found = [dict.fromkeys(COLUMNS.get(table, "").split()) | row for row in self.table(table)]
        keep = table == "automation_run"
        return tuple(row for row in found if only_without is None or keep or row.get(only_without) is None)


COLUMNS = {
    "automation": "paused_by next_at",
    "automation_run": "started_at ended_at",
    "workflow_run": "ended_at",
    "step_run": "started_at ended_at output error",
    "maintenance_run": "ended_at",
    "action": "outcome",
}


def name_of(do: Do) -> str:
    if do.kind == "exec":
        return str(do.arguments["command"][0])
    if do.kind == "http":
        return str(do.arguments["url"]).removeprefix("http://")
    return do.kind
