"""The eleven calls by their names, on a running daemon. All of them belong to the thread of its loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any

from daemon.intelligence.automation import AutomationCalls
from daemon.intelligence.context import Context, Document
from daemon.intelligence.definitions import Definitions
from daemon.intelligence.healing import HealingCalls
from daemon.intelligence.invalid import InvalidCall, none_of
from daemon.intelligence.live import Live
from daemon.intelligence.state import Measuring
from daemon.intelligence.workflow import WorkflowCalls
from daemon.suggestion import did_you_mean

if TYPE_CHECKING:
    from daemon.service.engine_loop import EngineLoop
    from daemon.service.in_force import RulesInForce
    from daemon.store.store import Store

Call = Callable[..., Awaitable[Document]]


class Calls:
    """`call(name, arguments)`; the arguments are those of the methods of `SystemIntelligence`, by name."""

    def __init__(self, loop: EngineLoop, rules: RulesInForce, store: Store, now: Callable[[], float]) -> None:
        live = Live()
        loop.observers.append(live.observe)
        definitions, measuring = Definitions(rules, store, now), Measuring(loop.engine)
        context = Context(loop, rules, store, measuring, live, definitions, now)
        automation, workflow, healing = (
            AutomationCalls(context),
            WorkflowCalls(context),
            HealingCalls(context),
        )
        self._rules = rules
        self.by_name: Mapping[str, Call] = {
            "create_system_automation": automation.create,
            "execute_intelligent_orchestration": automation.execute,
            "schedule_automated_task": automation.schedule,
            "get_automation_report": automation.report,
            "create_intelligent_workflow": workflow.create,
            "execute_intelligent_workflow": workflow.execute,
            "get_intelligent_workflow_report": workflow.report,
            "initialize_system_self_healing": healing.initialize,
            "detect_system_faults": healing.detect,
            "execute_automatic_recovery": healing.recover,
            "get_system_self_healing_report": healing.report,
        }

    async def call(self, name: str, arguments: object) -> Document:
        """InvalidCall for what cannot be asked."""
        method = self.by_name.get(name)
        if method is None:
            raise none_of("call", name, list(self.by_name))
        if name.startswith("execute_") and self._rules.program.shadow:
            raise InvalidCall("", "volexd runs in the shadow (--shadow): nothing is executed")
        return await method(**_fitting(method, arguments))


def _fitting(method: Call, arguments: object) -> dict[str, Any]:
    """The arguments that the call takes, and no others."""
    taken = signature(method).parameters
    if len(taken) == 1 and not (isinstance(arguments, Mapping) and arguments.keys() == taken.keys()):
        arguments = dict.fromkeys(taken, arguments)  # the one thing that it takes, without its name
    if not isinstance(arguments, Mapping):
        raise InvalidCall("", f"what a call takes is an object with the keys {', '.join(taken) or '(none)'}")
    for name in arguments:
        if name not in taken:
            known = did_you_mean(str(name), list(taken)) if taken else "the call takes nothing"
            raise InvalidCall(str(name), f"there is no such key; {known}")
    for name, parameter in taken.items():
        if name not in arguments and parameter.default is parameter.empty:
            raise InvalidCall(name, f"it is missing; the call takes {', '.join(taken)}")
    return dict(arguments)
