"""What an adaptation is for: the steps that may be there, and which come after which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from dsl.circle import circle, reached
from dsl.resolve.known import Known
from dsl.syntax import Clause, Word
from dsl.work import Workflow


class Target(msgspec.Struct, frozen=True):
    """`workflow` None is any. `steps` is name to whether it may be optional, those that adaptations put in included.

    `graph` and `parameters` are of the one workflow; of any workflow nothing is known.
    """

    workflow: str | None
    steps: Mapping[str, bool]
    graph: Mapping[str, Sequence[str]]
    parameters: tuple[tuple[str, str], ...]

    @property
    def phrase(self) -> str:
        return f"the workflow `{self.workflow}`" if self.workflow else "no workflow that is declared"

    def earlier(self, after: Sequence[str], before: Sequence[str], *, at_beginning: bool) -> set[str]:
        """The steps that are done when a new one begins."""
        if self.workflow is None:
            return set(self.steps)
        if not after and not before and not at_beginning:
            return set(self.steps)
        return reached(self.graph, after)

    def has_room(self, after: Sequence[str], before: Sequence[str]) -> bool:
        """Whether something can come after these and before those."""
        graph = {name: [*self.graph.get(name, ()), *([""] if name in before else [])] for name in self.steps}
        return not circle({**graph, "": list(after)})

    def without(self, step: str | None) -> Target:
        """The same without this step, which is put elsewhere: what came after it comes after those before it."""
        if step is None or step not in self.graph:
            return self
        graph = {
            name: [one for other in after for one in (self.graph[step] if other == step else (other,))]
            for name, after in self.graph.items()
            if name != step
        }
        steps = {name: optional for name, optional in self.steps.items() if name != step}
        return replace(self, steps=steps, graph=graph)


def target_of(known: Known, name: str | None, workflows: Sequence[Workflow]) -> Target:
    steps: dict[str, bool] = {}
    for step in (step for workflow in workflows for step in workflow.steps):
        steps[step.name] = steps.get(step.name, False) or step.optional
    for added, optional in _added(known, name):
        steps[added] = steps.get(added, False) or optional
    graph = {step.name: step.after for step in workflows[0].steps} if name is not None else {}
    return Target(name, steps, graph, workflows[0].parameters if name is not None else ())


def _added(known: Known, name: str | None) -> list[tuple[str, bool]]:
    """Steps that adaptations of this workflow (or of any) put in, and whether they are optional, as written."""
    found = []
    for declared in known.of("adaptation").values():
        of = next((clause for clause in declared.clause.body or () if clause.word == "of"), None)
        if of is not None and (name is None or _named(of, 1) in (name, None)):
            then = next((clause for clause in declared.clause.body or () if clause.word == "then"), None)
            found += [
                _step(clause) for clause in (then.body if then and then.body else ()) if clause.word == "add"
            ]
    return [(step, optional) for step, optional in found if step]


def written_steps(known: Known, name: str) -> set[str]:
    """The steps of a workflow, and those that adaptations put into it, as written."""
    clauses = known.of("workflow")[name].clause.body or ()
    own = {_named(clause, 0) or "" for clause in clauses if clause.word == "step"}
    return own | {step for step, _ in _added(known, name)}


def _step(clause: Clause) -> tuple[str, bool]:
    return _named(clause, 1) or "", any(inner.word == "optional" for inner in clause.body or ())


def _named(clause: Clause, place: int) -> str | None:
    item = clause.items[place] if len(clause.items) > place else None
    return item.name if isinstance(item, Word) else None
