"""A real volexd whose sources say what they may not: a log that floods, one that names things without end, one that gets values wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from daemon.service.engine_loop import EngineLoop
from daemon.store.facts import FactRecorder
from daemon.store.rows import Row
from daemon.world.refusals import Refusals
from engine.engine import Engine
from engine.events import Reported
from tests.daemon.service.daemon import PATIENCE, Daemon, eventually

RULES = """\
channel log {{ url "log:" }}
fact job {{ key name: text; field depth: number, size: size }}
event line {{ field text: text = groups.text }}
probe jobs {{ exec ["/bin/cat", "{directory}/jobs.json"]; every 200ms; into job from reply.body }}
probe lines {{ log "{directory}/api.log" into line {{ matching '(?P<text>.*)' }} }}
detection deep {{ for each job; severity error; category performance; when job.depth > 10; notify log }}
detection full {{ for each source; severity error; category resource; when source.full; until not source.full; notify log }}
detection flooded {{ for each source; severity warning; category communication; when source.reasons.flood > 0; notify log }}
"""
CONFIG = "facts: {keys_of: [job=3], per_second: 50, waiting: 20}\n"


def test_what_is_not_taken_in_is_told_of_and_healing_goes_on(tmp_path: Path) -> None:
    jobs, lines = tmp_path / "jobs.json", tmp_path / "api.log"
    lines.touch()

    def says(*found: object) -> None:
        fresh = tmp_path / "fresh.json"
        fresh.write_text(json.dumps(found))
        fresh.replace(jobs)

    says({"name": "a", "depth": 1, "size": "5MiB", "more": 1})
    with Daemon(tmp_path, RULES.format(directory=tmp_path), CONFIG) as daemon:
        daemon.wait_for(
            "SELECT * FROM refusal WHERE reason = 'wrong_unit' AND count > 2", "the unit is counted"
        )
        (row,) = daemon.sql("SELECT * FROM refusal")
        assert (row["source"], row["type"], row["field"]) == ("jobs", "job", "size")
        assert (
            row["detail"]
            == "size is a text with a unit, not a number in the unit of the field, and counts as unknown"
        )
        assert daemon.log().count(row["detail"]) == 1, "said once, however often it is so"

        with lines.open("a") as file:
            file.write("x\n" * 5_000)
        says(*({"name": f"n{number}", "depth": 1} for number in range(1_000)), {"name": "a", "depth": 99})
        daemon.wait_for("SELECT * FROM fault WHERE rule = 'deep' AND subject = 'a'", "a known key goes on")
        daemon.wait_for(
            "SELECT * FROM fault WHERE rule = 'full' AND subject = 'jobs, job'", "the type is full"
        )
        daemon.wait_for(
            "SELECT * FROM fault WHERE rule = 'flooded' AND subject = 'lines, line'", "the flood is told of"
        )
        daemon.wait_for(
            "SELECT * FROM refusal WHERE reason = 'flood' AND count > 4000", "what is over is counted"
        )
        names = "SELECT DISTINCT key FROM fact WHERE type = 'job'"
        # Samples are written a quarter of a second after what was decided on them.
        eventually(lambda: len(daemon.sql(names)) >= 3, "what was taken in is recorded", PATIENCE)
        assert len(daemon.sql(names)) == 3

        says({"name": "a", "depth": 1}, {"name": "new", "depth": 11})
        closed = "SELECT * FROM fault WHERE rule IN ('deep', 'full') AND outcome = 'cleared'"
        eventually(lambda: len(daemon.sql(closed)) == 2, f"there is room again\n{daemon.log()}", PATIENCE)
        daemon.wait_for("SELECT * FROM fault WHERE rule = 'deep' AND subject = 'new'", "who comes is seen")


def test_samples_that_come_late_are_counted() -> None:
    class Written:
        rows: list[Row]

        def __init__(self) -> None:
            self.rows = []

        def submit(self, rows: Sequence[Row]) -> asyncio.Future[None]:
            self.rows += rows
            return asyncio.get_running_loop().create_future()

    async def scenario() -> None:
        ids, writer = iter(range(1, 1000)), Written()
        loop = EngineLoop(Engine(), writer, FactRecorder(lambda: next(ids)), lambda: 100.0)  # type: ignore[arg-type]
        loop.refusals = Refusals(lambda: 100.0, lambda: next(ids))
        loop.post(Reported(100.0, "job", "a", {"depth": 1.0}, "jobs", 15.0))
        loop.post(Reported(90.0, "job", "a", {"depth": 9.0}, "jobs", 15.0))
        loop.close()
        assert loop.refusals.account("jobs", "job").reasons == {"late": 1}
        (row,) = [row.values for row in writer.rows if row.table == "refusal"]
        assert (row["source"], row["type"], row["field"], row["reason"], row["count"]) == (
            "jobs",
            "job",
            "depth",
            "late",
            1,
        )

    asyncio.run(scenario())
