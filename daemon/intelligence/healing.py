"""The calls of the third pillar: self-healing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.intelligence.context import Context, Document
from daemon.intelligence.healing_rules import healing_definition
from daemon.intelligence.invalid import InvalidCall, shown
from daemon.intelligence.live import Row
from daemon.intelligence.schema import validate
from daemon.reports.healing import healing_report
from daemon.store.query import Found, Reader

FIRST_SIGHT = 10.0  # seconds that a new healing system gets to see what it watches
PATIENCE = 600.0  # seconds that a call waits for recoveries

_OPEN = "SELECT * FROM fault WHERE outcome IS NULL ORDER BY id"


class HealingCalls:
    def __init__(self, context: Context) -> None:
        self._context = context

    # --- initialize_system_self_healing -----------------------------------------------------------------------------------

    async def initialize(self, healing_config: Mapping[str, Any]) -> Document:
        """Checked, stored and in force, or InvalidCall."""
        definitions = self._context.definitions
        async with definitions.turn:
            definition = healing_definition(healing_config, definitions.surroundings().taken)
            await definitions.bring(definition)
        return {"healing_id": definition.name, "status": "active", "detections": list(definition.parts)}

    # --- detect_system_faults ---------------------------------------------------------------------------------------------

    async def detect(self, healing_id: str) -> Document:
        """All faults that are open now, whichever rule raised them."""
        context = self._context
        context.definitions.one("healing", "healing_id", healing_id)
        await self._first_sight()
        rows = await context.read(lambda reader: reader.rows(_OPEN))
        faults = [_fault(row) for row in rows]
        return {
            "healing_id": healing_id,
            "timestamp": context.timestamp(),
            "detected_faults": faults,
            "total_faults": len(faults),
            "system_state": await context.measuring.state(),
        }

    async def _first_sight(self) -> None:
        """Nothing can be detected before the first sample of the host, and before every agent was looked at."""
        memory = self._context.loop.engine.memory

        def seen() -> bool:
            agents = self._context.rules.program.agents
            known = all(_looked_at(memory.get("agent", agent.name)) for agent in agents)
            return known and any(True for _ in memory.all("host"))

        await self._context.live.until(seen, FIRST_SIGHT)

    # --- execute_automatic_recovery ---------------------------------------------------------------------------------------

    async def recover(self, healing_id: str, faults: Sequence[Any]) -> Document:
        """Waits until each fault was recovered or given up. Success is that its symptom went; of no faults there is none."""
        context = self._context
        context.definitions.one("healing", "healing_id", healing_id)
        validate("execute_automatic_recovery", "faults", faults)
        numbers = await self._known(faults)
        await context.live.until(lambda: all(self._decided(number) for number in numbers), PATIENCE)
        results = await context.read(lambda reader: [_recovered(reader, number) for number in numbers])
        healed = sum(result["success"] for result in results)
        return {
            "healing_id": healing_id,
            "timestamp": context.timestamp(),
            "faults_processed": len(numbers),
            "successful_recoveries": healed,
            "recovery_results": results,
            "overall_success": bool(numbers) and healed == len(numbers),
        }

    async def _known(self, faults: Sequence[Any]) -> list[int]:
        """Their ids, each once. InvalidCall for one that never was."""
        numbers = [fault["id"] if isinstance(fault, dict) else fault for fault in faults]
        known = await self._context.read(_ids)
        for place, number in enumerate(numbers):
            if number not in known:
                newest = ", ".join(map(str, sorted(known)[-20:])) or "none yet"
                raise InvalidCall(
                    f"faults[{place}]", f"{shown(number)} is the id of no fault; there are {newest}"
                )
        return list(dict.fromkeys(numbers))

    def _decided(self, number: int) -> bool:
        """It is over, or nobody does anything about it any more."""
        engine = self._context.loop.engine
        fault = engine.faults.open.get(number)
        return fault is None or not (
            fault.offers or any(run.fault is fault for run in engine.recoveries.runs.values())
        )

    # --- get_system_self_healing_report -------------------------------------------------------------------------------------

    async def report(self) -> Document:
        return await self._context.read(lambda reader: self._report(reader))

    def _report(self, reader: Reader) -> Document:
        """The healing systems are those that calls made, and the rules of the files as one more."""
        report = healing_report(reader, at=self._context.now())
        made = reader.row("SELECT count(DISTINCT name) AS systems FROM definition WHERE kind = 'healing'")
        files = reader.row(
            "SELECT count(*) AS rules FROM rule WHERE kind = 'detection' AND file NOT LIKE :made"
            " AND rule_set_id = (SELECT max(id) FROM rule_set)",
            made="call:%",
        )
        total = int(str(made["systems"])) + int(int(str(files["rules"])) > 0)
        return {**report, "total_healing_systems": total}


def _looked_at(fact: Any) -> bool:
    return fact is not None and fact.values.get("status") not in (None, "starting")


def _ids(reader: Reader) -> set[int]:
    return {int(str(row["id"])) for row in reader.rows("SELECT id FROM fault")}


def _fault(row: Found) -> Document:
    return {
        "id": row["id"],
        "fault": row["rule"],
        "category": row["category"],
        "subject_type": row["subject_type"],
        "subject": row["subject"],
        "severity": row["severity"],
        "message": row["message"],
        "evidence": json.loads(str(row["evidence"] or "{}")),
        "since": row["raised_at"],
        "unconfirmed": bool(row["unconfirmed"]),
    }


def _recovered(reader: Reader, number: int) -> Document:
    """What was tried for a fault, and whether its symptom went."""
    fault = reader.row("SELECT * FROM fault WHERE id = :number", number=number)
    recoveries = reader.rows(
        "SELECT rule, outcome, reason FROM recovery WHERE fault_id = :number ORDER BY id", number=number
    )
    attempts = reader.rows(
        "SELECT rule, step, number, outcome, reason FROM attempt WHERE fault_id = :number ORDER BY id",
        number=number,
    )
    return {
        "fault_id": number,
        "fault": fault["rule"],
        "subject": fault["subject"],
        "success": fault["outcome"] == "cleared",
        "outcome": fault["outcome"] or "open",
        "recoveries": recoveries,
        "attempts": attempts,
        "reason": _reason(fault, recoveries),
    }


def _reason(fault: Found, recoveries: Sequence[Row]) -> str:
    if fault["outcome"] == "cleared":
        return "the symptom went"
    if not recoveries:
        return "no recovery is for it"
    return str(recoveries[-1]["reason"] or "its recovery is still under way")
