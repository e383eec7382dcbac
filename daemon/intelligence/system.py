"""`SystemIntelligence`: a whole volexd inside another program, and the eleven calls as its methods."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from daemon.config import Config
from daemon.intelligence.calls import Calls
from daemon.intelligence.context import Document
from daemon.intelligence.invalid import InvalidCall
from daemon.service.in_force import RulesRefused
from daemon.service.service import Service

Rules = str | Path | Sequence[str | Path] | None


class SystemIntelligence:
    """Runs the whole service, its schedules and its healing, from the first call until `close()`; a context manager.

    `db` is where it remembers: a path, sqlite:///PATH, postgresql://…, or in memory. `rules` are files and directories of rules. Calls
    may come from any thread, and return when they are done. Bad input raises ValueError, whose text names the key, the value and
    what is allowed; a database that cannot be used raises StoreError.
    """

    def __init__(self, db: str = ":memory:", rules: Rules = None) -> None:
        self._config = _configuration(db, rules)
        self._turn = threading.Lock()
        self._life: _Life | None = None
        self._closed = False

    # --- automation ----------------------------------------------------------------------------------------------------

    def create_system_automation(self, automation_type: str, config: Mapping[str, Any]) -> Document:
        """automation_id, status. `config` is described in docs/schemas/create_system_automation.json."""
        return self.call("create_system_automation", {"automation_type": automation_type, "config": config})

    def execute_intelligent_orchestration(self, automation_id: str) -> Document:
        """Evaluates the rules of an automation now, does what they say and measures it. Nothing done is no success."""
        return self.call("execute_intelligent_orchestration", {"automation_id": automation_id})

    def schedule_automated_task(self, task_config: Mapping[str, Any]) -> Document:
        """task_id, status. `task_config` is described in docs/schemas/schedule_automated_task.json."""
        return self.call("schedule_automated_task", {"task_config": task_config})

    def get_automation_report(self) -> Document:
        """What `volexd report automation --format json` prints."""
        return self.call("get_automation_report", {})

    # --- workflows -----------------------------------------------------------------------------------------------------

    def create_intelligent_workflow(self, workflow_config: Mapping[str, Any]) -> Document:
        """workflow_id, status. `workflow_config` is described in docs/schemas/create_intelligent_workflow.json."""
        return self.call("create_intelligent_workflow", {"workflow_config": workflow_config})

    def execute_intelligent_workflow(
        self, workflow_id: str, context: Mapping[str, Any] | None = None
    ) -> Document:
        """Runs a workflow to its end: what its steps did, what is alarming, what would help, what was learned."""
        return self.call(
            "execute_intelligent_workflow", {"workflow_id": workflow_id, "context": context or {}}
        )

    def get_intelligent_workflow_report(self) -> Document:
        """What `volexd report workflow --format json` prints."""
        return self.call("get_intelligent_workflow_report", {})

    # --- self-healing --------------------------------------------------------------------------------------------------

    def initialize_system_self_healing(self, healing_config: Mapping[str, Any]) -> Document:
        """healing_id, status. `healing_config` is described in docs/schemas/initialize_system_self_healing.json."""
        return self.call("initialize_system_self_healing", {"healing_config": healing_config})

    def detect_system_faults(self, healing_id: str) -> Document:
        """The faults that are open now, each with category, subject, severity and evidence."""
        return self.call("detect_system_faults", {"healing_id": healing_id})

    def execute_automatic_recovery(self, healing_id: str, faults: Sequence[Any]) -> Document:
        """Waits for the recoveries of these faults. A success is that the symptom went."""
        return self.call("execute_automatic_recovery", {"healing_id": healing_id, "faults": faults})

    def get_system_self_healing_report(self) -> Document:
        """What `volexd report healing --format json` prints, with the healing systems that were made by calls."""
        return self.call("get_system_self_healing_report", {})

    # --- its life ------------------------------------------------------------------------------------------------------

    def call(self, name: str, arguments: object) -> Document:
        """One of the eleven by its name, with what it takes as a dictionary; the one thing that it takes may stand alone."""
        return self._alive().call(name, arguments)

    def close(self) -> None:
        """Ends the service, its agents and its thread. Whatever is called afterwards is refused."""
        with self._turn:
            self._closed = True
            life, self._life = self._life, None
        if life is not None:
            life.close()

    def __enter__(self) -> SystemIntelligence:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _alive(self) -> _Life:
        with self._turn:
            if self._closed:
                raise RuntimeError("this SystemIntelligence is closed; make a new one")
            if self._life is None:
                self._life = _Life(self._config)
                weakref.finalize(self, self._life.close)
            return self._life


class _Life:
    """The service in a thread of its own, which lives as long: its children are tied to the thread that forked them."""

    def __init__(self, config: Config) -> None:
        """Returns when it runs, or raises why it does not."""
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        began: Future[Calls] = Future()
        self._thread = threading.Thread(target=self._run, args=(config, began), name="volexd", daemon=True)
        self._thread.start()
        self._calls = began.result()

    def call(self, name: str, arguments: object) -> Document:
        if threading.current_thread() is self._thread:
            raise RuntimeError(f"{name}: a call from the thread of volexd itself would wait for itself")
        return asyncio.run_coroutine_threadsafe(self._calls.call(name, arguments), self._loop).result()

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def _run(self, config: Config, began: Future[Calls]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live(Service(config), began))

    async def _live(self, service: Service, began: Future[Calls]) -> None:
        try:
            await service.start()
        except RulesRefused as refusal:
            began.set_exception(InvalidCall("rules", str(refusal)))
            return
        except Exception as error:  # noqa: BLE001 — it is raised where somebody waits for the beginning
            began.set_exception(error)
            return
        try:
            began.set_result(service.calls())
            await self._end.wait()
        finally:
            await service.stop()
            if not began.done():
                began.set_exception(RuntimeError("volexd ended before it began"))


def _configuration(db: str, rules: Rules) -> Config:
    """Nothing of the machine's own configuration, and no socket."""
    default = Config()
    given = [rules] if isinstance(rules, str | Path) else list(rules or ())
    return replace(
        default,
        rules=tuple(Path(one).absolute() for one in given),
        database=replace(default.database, url=db),
        socket=replace(default.socket, path=None),
    )
