"""Whether a step succeeded, what it hands on, and why it failed: read off the answers to its actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.expressions import Aggregate, Field, nodes_of
from dsl.work import Step
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration
from engine.ledger import as_json
from engine.planning.acting import Ended
from engine.planning.workflows.state import StepRun

_LONGEST_OUTPUT = 16384  # characters of an output in its row
_BROKEN_OFF = frozenset({"timed_out", "cancelled"})


def answer_of(member: str | None, ended: Ended) -> dict[str, Any]:
    """One answer, as `answer` and `answers` are read: agent, outcome, detail, and status, body, output of what was replied."""
    reply = ended.reply if isinstance(ended.reply, Mapping) else {}
    said = {name: reply.get(name) for name in ("status", "body", "output")}
    return {"agent": member, "outcome": ended.outcome, "detail": ended.detail, **said}


def is_ok(
    plan: Step, answer: Mapping[str, Any], ended: Ended, bindings: Mapping[str, Any], now: float
) -> bool:
    """Whether this answer is a success: as `pass when` says of what was replied, else as the action ended."""
    if plan.passes is None or _is_over_all(plan):
        return ended.outcome == "succeeded"
    if ended.outcome in _BROKEN_OFF:
        return False
    return evaluate(plan.passes.expression, {**bindings, "answer": answer}, now) is True


def was_cancelled(step: StepRun) -> bool:
    """Whether an action was broken off: nobody knows what became of it."""
    return any(answer["outcome"] in _BROKEN_OFF for answer in step.answers)


def error_of(step: StepRun, bindings: Mapping[str, Any], now: float) -> str | None:
    """Why it is no success, in words; None: it is one."""
    if step.timed_out or any(answer["outcome"] == "timed_out" for answer in step.answers):
        return f"not done within {duration(step.timeout)}"
    passes = step.plan.passes
    if passes is not None and _is_over_all(step.plan):
        true = evaluate(passes.expression, {**bindings, "answers": step.answers}, now) is True
        return None if true else f"{passes.text or 'what it has to pass'} was not true"
    if not step.answers:
        return "there was nobody to do it for"
    wrong = next((answer for answer in step.answers if not answer["ok"]), None)
    return None if wrong is None else _said(wrong, step.plan)


def _is_over_all(plan: Step) -> bool:
    """Whether it is all the answers together that have to pass."""
    assert plan.passes is not None
    return any(
        (isinstance(node, Field) and node.subject == "answers")
        or (isinstance(node, Aggregate) and node.members.type == "answers")
        for node in nodes_of(plan.passes.expression)
    )


def _said(answer: Mapping[str, Any], plan: Step) -> str:
    who = f"{answer['agent']}: " if answer["agent"] else ""
    if plan.passes is not None and answer["status"] is not None:
        return f"{who}{plan.passes.text or 'what it has to pass'} was not true"
    return f"{who}{answer['detail'] or answer['outcome'].replace('_', ' ')}"


def output_of(step: StepRun) -> Any:
    """What it hands on: what was said, as JSON or text; of a step for each of several, their answers."""
    if step.plan.binding is not None or len(step.answers) > 1:
        return list(step.answers)
    if not step.answers:
        return None
    answer = step.answers[0]
    if answer["body"] is not None:
        return answer["body"]
    output = answer["output"]
    return (
        output.rstrip("\n") if isinstance(output, str) else output
    )  # as a shell hands on what a program printed


def written_output(output: Any) -> str | None:
    """For its row: JSON, and cut off where it is too long for one."""
    if output is None:
        return None
    text = as_json(output)
    return text if len(text) <= _LONGEST_OUTPUT else as_json(text[: _LONGEST_OUTPUT // 2] + "…")
