"""The clauses of `adaptation`, and the changes that it makes to a running workflow."""

from dsl.vocabulary.moment import MOMENT
from dsl.vocabulary.word import Word

_ADAPTATION = ("adaptation",)
_CHANGES = ("changes",)

WORDS = (
    Word(
        name="adaptation",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="adaptation",
        doc="How a workflow changes while it runs.",
        example="adaptation lean_when_busy {\n    of workflow rebalance\n    when host.cpu > 85% for 30s\n"
        '    then { skip step sentiment because "the host is busy" }\n}',
        repeats=True,
    ),
    Word(
        name="of",
        inside=_ADAPTATION,
        shape="workflow [workflow:WORKFLOW]",
        doc="Whose runs it changes; without a name, those of any workflow.",
        example="of workflow rebalance",
        required=True,
    ),
    Word(
        name="when",
        inside=_ADAPTATION,
        shape="state:CONDITION [for hold:DURATION]",
        doc=(
            "The state in which it does so: over the run (`run.workflow`, `run.duration`, `run.status`), its steps by name "
            "(`steps.prices.duration`), each step in turn (`step.name`, `.kind`, `.status`, `.duration`, `.attempt`, …), "
            "and the host."
        ),
        example="when steps.prices.duration > 10s",
    ),
    Word(
        name="on",
        inside=_ADAPTATION,
        shape=MOMENT,
        doc="The moment in which every run of it that is under way is changed, instead of a state.",
        example="on event deploy",
    ),
    Word(
        name="only",
        inside=_ADAPTATION,
        shape="if condition:CONDITION",
        doc="Looked at in that moment: unless this is true, nothing is changed.",
        example="only if host.cpu < 80%",
    ),
    Word(
        name="unless",
        inside=_ADAPTATION,
        shape="state:CONDITION [for hold:DURATION]",
        doc="While this is true nothing is changed.",
        example="unless host.load > 20",
    ),
    Word(
        name="then",
        inside=_ADAPTATION,
        shape="",
        body="changes",
        doc="The changes. Each leaves a graph that can be run to its end, or is refused and recorded with the reason.",
        example='then { skip step sentiment because "the host is busy" }',
        required=True,
    ),
    Word(
        name="skip",
        inside=_CHANGES,
        shape="step [step:NAME] [because because:TITLE]",
        doc="Leaves out a step that has not begun; it has to be `optional`. Without a name, the step that the condition is about.",
        example='skip step sentiment because "the host is busy"',
        repeats=True,
    ),
    Word(
        name="add",
        inside=_CHANGES,
        shape="step name:NAME [at at:(beginning | end)]",
        body="added step",
        doc=(
            "Puts in a step: between others (`after`, `before`), at the beginning of what has not begun, "
            "or at the end, where nothing else is said."
        ),
        example='add step recheck { after prices; before vote; http get "http://127.0.0.1:8026/health" }',
        repeats=True,
    ),
    Word(
        name="before",
        inside=("added step",),
        shape="steps:NAME,…",
        doc="The steps that wait for it.",
        example="before vote",
    ),
    Word(
        name="replace",
        inside=_CHANGES,
        shape="step [step:NAME]",
        body="replacement",
        doc=(
            "Does something else in a step that has not begun, or that failed. Without a name, the step that the condition is about; "
            "in the braces it can be read as `step`."
        ),
        example='replace step { exec ["bin/fallback", step.name] }',
        repeats=True,
    ),
    Word(
        name="move",
        inside=_CHANGES,
        shape="step step:NAME [after after:NAME,…] [before before:NAME,…] | step [after after:NAME,…] [before before:NAME,…]",
        doc=(
            "Gives a step that has not begun another place: behind these steps, which it waits for then, and in front of those, which "
            "wait for it. Without a name, the step that the condition is about."
        ),
        example="move step report after vote before orders",
        repeats=True,
    ),
    Word(
        name="retry",
        inside=_CHANGES,
        shape="step [step:NAME]",
        doc="Does a step that failed once more. Without a name, the step that the condition is about.",
        example="retry step orders",
        repeats=True,
    ),
    Word(
        name="order",
        inside=_CHANGES,
        shape="by by:(priority | topology | cost)",
        doc=(
            "Which step begins first where several could: by their priority, as the graph has them, or the one with the longest way "
            "to the end, as learned."
        ),
        example="order by cost",
    ),
    Word(
        name="set",
        inside=_CHANGES,
        shape="path:PATH = value:VALUE",
        doc="Another timeout, number of retries or priority for a step (`step.timeout` is of the step that the condition is about).",
        example="set steps.prices.timeout = 60s",
        repeats=True,
    ),
)
