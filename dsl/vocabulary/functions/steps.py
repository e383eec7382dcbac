"""Functions over what was learned of the steps of workflows."""

from __future__ import annotations

from dsl.vocabulary.word import FunctionForm

FORMS = (
    FunctionForm(
        name="learned.duration",
        over="steps",
        shape="step:VALUE",
        result="duration",
        doc="How long the step usually takes. It is named WORKFLOW/STEP; in an adaptation of one workflow, STEP is enough.",
        example="when steps.prices.duration > 3 * learned.duration(prices)",
    ),
    FunctionForm(
        name="learned.success",
        over="steps",
        shape="step:VALUE",
        result="ratio",
        doc="How often the step succeeds, from 0 to 1.",
        example="when learned.success(rebalance/prices) < 80%",
    ),
)
