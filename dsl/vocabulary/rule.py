"""The clauses that every kind of rule has."""

from dsl.vocabulary.word import Word

RULE = (
    *("detection", "recovery", "alert"),
    *("workflow", "automation", "orchestration", "adaptation", "maintenance"),
)
_NAMED = (*RULE, "derive")

WORDS = (
    Word(
        name="priority",
        inside=RULE,
        shape="priority:(low | medium | high | critical)",
        doc="Which rule goes first where several could; medium where none is written.",
        example="priority high",
    ),
    Word(
        name="tags",
        inside=_NAMED,
        shape="tags:NAME,… | tags:TEXT,…",
        doc="Words for your own use in reports and commands.",
        example="tags nightly, trading",
    ),
    Word(
        name="owner",
        inside=_NAMED,
        shape="owner:TEXT",
        doc="Who answers for the rule.",
        example='owner "team platform"',
    ),
    Word(
        name="runbook",
        inside=RULE,
        shape="runbook:TEXT",
        doc="Where it is written what a person does.",
        example='runbook "https://wiki.example.org/agent-down"',
    ),
    Word(
        name="shadow",
        inside=RULE,
        shape="",
        doc="The rule is evaluated and recorded with what it would have done, and does nothing.",
        example="shadow",
    ),
    Word(
        name="off",
        inside=_NAMED,
        shape="",
        doc="The rule is checked and not evaluated.",
        example="off",
    ),
    Word(
        name="was",
        inside=_NAMED,
        shape="former:NAME",
        doc="What it was called before: faults, budgets, cooldowns and what was learned under that name go on under the new one.",
        example="was old_name",
    ),
)
