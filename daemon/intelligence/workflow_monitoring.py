"""What raises an alert of a workflow that a call made, whoever runs it: detections over its newest runs, with a channel of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daemon.intelligence import text
from daemon.intelligence.text import Writer

SUCCESS_RATE, ADAPTATION_RATE = 0.8, 0.3  # where nothing else is configured
SLOWDOWN = 3.0  # times as long as usual: where no time is configured
_LEAST_RUNS = 3  # below, a rate is chance


def write_monitoring(writer: Writer, key: str, workflow: str, limits: Mapping[str, Any]) -> None:
    """`limits` are the parts of `monitoring` in the dictionary that are there."""
    with writer.block(f"channel {workflow}_alerts", key):
        writer.line('url "log:"', key)
    least = text.fraction(f"{key}.success_rate", limits.get("success_rate", SUCCESS_RATE))
    most = text.fraction(f"{key}.adaptation_rate", limits.get("adaptation_rate", ADAPTATION_RATE))
    enough = f"workflow.runs >= {_LEAST_RUNS}"
    _detection(
        writer, f"{key}.success_rate", workflow, "failing", f"{enough} and workflow.success_rate < {least}",
        "{workflow.success_rate} of its last {workflow.runs} runs succeeded",
    )  # fmt: skip
    _detection(
        writer, f"{key}.adaptation_rate", workflow, "unsteady", f"{enough} and workflow.adaptation_rate > {most}",
        "{workflow.adaptation_rate} of its last {workflow.runs} runs were adapted",
    )  # fmt: skip
    if "step_time" in limits:
        longest = text.duration(f"{key}.step_time", limits["step_time"])
        slow, said = f"workflow.step_time > {longest}", "{workflow.slowest_step} took {workflow.step_time}"
    else:
        slow = f"workflow.slowdown > {SLOWDOWN:g}"
        said = "{workflow.slowed_step} took {workflow.slowdown} times as long as usual"
    _detection(writer, f"{key}.step_time", workflow, "slow", slow, said)


def _detection(writer: Writer, key: str, workflow: str, what: str, when: str, said: str) -> None:
    with writer.block(f"detection {workflow}_{what}", key):
        writer.line(f'for each workflow where workflow.name == "{workflow}"', key)
        writer.line("severity warning", key)
        writer.line("category performance", key)
        writer.line(f"when {when}", key)
        writer.line(f'message "workflow {workflow}: {said}"', key)
        writer.line(f"notify {workflow}_alerts", key)
