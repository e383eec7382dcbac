"""What would make workflows better, each with the numbers that say so. Nothing is suggested of fewer than three runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from daemon.store.query import Found

Suggestion = dict[str, object]

LEAST_RUNS = 3
RELIABLE = 0.8  # a step below this success rate is worth a retry or another way
DOMINANT = 0.5  # a step above this part of the run's time is worth being split
WAITING = 1.2  # a run that takes so many times its longest chain waits for resources


def suggestions(workflows: Sequence[Found], steps: Sequence[Found]) -> list[Suggestion]:
    """`workflows` are rows of `workflow_report`, `steps` those of `steps_of`. Each: workflow, step, kind, text, numbers."""
    found = [one for workflow in workflows for one in _of_workflow(workflow)]
    several = [row["workflow"] for row in steps]
    means = {row["name"]: row["mean_s"] for row in workflows if several.count(row["name"]) > 1}
    return [*found, *(one for step in steps for one in _of_step(step, means.get(step["workflow"])))]


def remedy(suggestion: Mapping[str, object]) -> str | None:
    """The rule that does what is suggested; None: it is nothing that a rule can do."""
    if suggestion["kind"] != "retry":
        return None
    workflow, step = suggestion["workflow"], suggestion["step"]
    return (
        f"# {suggestion['text']}\n"
        f"adaptation retry_{workflow}_{step} {{\n"
        f"    of   workflow {workflow}\n"
        f'    when step.status == "failed" and step.name == "{step}"\n'
        f"    then {{ retry step }}\n"
        "}\n"
    )


def _of_workflow(workflow: Found) -> Iterator[Suggestion]:
    took, chain = workflow["mean_s"], workflow["critical_path_s"]
    if not _enough(workflow["succeeded"]) or not _both(took, chain):
        return
    if float(str(took)) > WAITING * float(str(chain)) > 0:
        text = (
            f"{workflow['name']}: a run takes {took:g} s and its longest chain of steps {chain:g} s;"
            " more resources, or smaller reservations, would let more steps run at the same time"
        )
        yield _suggestion(workflow["name"], None, "resources", text, mean_s=took, critical_path_s=chain)


def _of_step(step: Found, whole: object) -> Iterator[Suggestion]:
    if not _enough(step["runs"]):
        return
    name, rate, took = f"{step['workflow']}/{step['step']}", step["success_rate"], step["mean_s"]
    if isinstance(rate, int | float) and rate < RELIABLE:
        text = f"{name} succeeded in {rate:.0%} of {step['runs']} runs; a `retry`, or an adaptation that replaces it, would help"
        yield _suggestion(step["workflow"], step["step"], "retry", text, success_rate=rate, runs=step["runs"])
    if isinstance(took, int | float) and isinstance(whole, int | float) and took > DOMINANT * whole > 0:
        text = (
            f"{name} takes {took:g} s of the {whole:g} s of a run; it is the step to make faster, or to split"
        )
        yield _suggestion(step["workflow"], step["step"], "split", text, mean_s=took, run_s=whole)


def _suggestion(workflow: object, step: object, kind: str, text: str, **numbers: object) -> Suggestion:
    return {"workflow": workflow, "step": step, "kind": kind, "text": text, "numbers": numbers}


def _enough(runs: object) -> bool:
    return isinstance(runs, int) and runs >= LEAST_RUNS


def _both(*numbers: object) -> bool:
    return all(isinstance(number, int | float) for number in numbers)
