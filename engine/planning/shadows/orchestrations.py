"""Orchestrations in the shadow: what they would do, within their limits, and what they would take back at their state's end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dsl.work import Orchestration
from engine.analysis.situations import Situation
from engine.knowledge.facts import Fact
from engine.ledger import as_json
from engine.planning.budgets import Budgets
from engine.planning.occasion import Bindings, budget_of
from engine.planning.performing import Performing
from engine.planning.shadows.rows import HELD_BACK, About, ShadowRows, about_fact
from engine.renaming import Names


class _Standing(NamedTuple):
    """One of which the state goes on."""

    row: int
    plan: Orchestration
    about: About
    bindings: Bindings


class RehearsedOrchestrations:
    def __init__(
        self, rows: ShadowRows, performing: Performing, budgets: Budgets, clock: Callable[[], float]
    ) -> None:
        self._plans: Mapping[str, Orchestration] = {}
        self._standing: dict[Situation, _Standing] = {}
        self._rows = rows
        self._performing = performing
        self._budgets = budgets
        self._clock = clock

    def replace(self, plans: Mapping[str, Orchestration]) -> None:
        """Those of a new program; what left the shadow stands no longer."""
        self._plans = plans
        for situation, standing in list(self._standing.items()):
            plan = plans.get(standing.plan.head.name)
            if plan is None or not plan.head.shadow:
                del self._standing[situation]
                self._rows.end(standing.row, "withdrawn", "its rule is in the shadow no longer")

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        self._plans = names.rules("orchestration", self._plans)
        for situation, standing in self._standing.items():
            plan = names.text("orchestration", standing.plan)
            self._standing[situation] = standing._replace(plan=plan)
            self._rows.rename(standing.row, standing.plan.head.name, plan.head.name)

    def acts(
        self, plan: Orchestration, subject: Fact | None, bindings: Bindings, buckets: Mapping[str, str],
        refusal: str | None, state: Situation | None,
    ) -> None:  # fmt: skip
        """It would act now, if nothing speaks against it."""
        name, about = plan.head.name, about_fact(subject)
        if refusal is not None:
            self._rows.held_back("orchestration", name, "then", about, refusal)
            return
        deeds, failure = self._performing.foreseen(plan.then, bindings)
        failed: dict[str, Any] = {"outcome": "failed", "reason": failure} if failure else {}
        stands = state is not None and not failure
        row = self._rows.would(
            "orchestration", name, "then", about, deeds, stands=stands, scope=as_json(buckets), **failed
        )
        self._count(row, plan, self._clock(), buckets)
        if state is not None and stands:
            self._standing[state] = _Standing(row, plan, about, bindings)

    def _count(self, row: int, plan: Orchestration, at: float, buckets: Mapping[str, str]) -> None:
        """How long it would have taken nobody knows: it counts as over at once."""
        self._budgets.began(row, budget_of(plan), at, buckets)
        self._budgets.ended(row, budget_of(plan), "", at, failed=False)

    def ended(self, situation: Situation) -> None:
        """The state is over."""
        standing = self._standing.pop(situation, None)
        if standing is None:
            return
        self._rows.end(standing.row, "over")
        if standing.plan.afterwards:
            deeds, _ = self._performing.foreseen(standing.plan.afterwards, standing.bindings)
            self._rows.would("orchestration", standing.plan.head.name, "afterwards", standing.about, deeds)

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            plan = self._plans.get(row["rule"]) if row["kind"] == "orchestration" else None
            if plan is not None and row["scope"] is not None and row["outcome"] != HELD_BACK:
                self._count(row["id"], plan, row["at"], json.loads(row["scope"]))
