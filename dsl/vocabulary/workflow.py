"""The clauses of `workflow` and of its steps."""

from dsl.vocabulary.word import Word
from dsl.vocabulary.work import RETRY

_STEP = ("step",)

WORDS = (
    Word(
        name="workflow",
        inside=("file",),
        shape="signature:SIGNATURE [title:TITLE]",
        body="workflow",
        doc=(
            "Work made of steps, each after those that it needs; what does not wait for each other runs at the same time. "
            "Its parameters are given where it is run."
        ),
        example='workflow rebalance(symbols: list) "Prices to orders" {\n'
        '    step prices { http get "http://127.0.0.1:8026/quality"; retry 3 backoff 2s }\n'
        '    step orders { after prices; exec ["bin/orders", symbols] }\n}',
        repeats=True,
    ),
    Word(
        name="step",
        inside=("workflow",),
        shape="name:NAME",
        body="step",
        doc=(
            "One thing to do, an `exec` or an `http`. It reads the parameters, the host, and of the steps before it "
            "`steps.NAME.output` (what was answered: JSON, else the text), `.status`, `.duration`, `.error`, `.attempt`."
        ),
        example="step report { after orders; exec [\"bin/report\", '--short'] }",
        required=True,
        repeats=True,
    ),
    Word(
        name="after",
        inside=_STEP,
        shape="steps:NAME,…",
        doc="The steps that have to be done before it begins.",
        example="after prices, sentiment",
    ),
    Word(
        name="timeout",
        inside=_STEP,
        shape="timeout:DURATION",
        doc="How long the step may take, each attempt by itself.",
        example="timeout 30s",
    ),
    Word(
        name="retry",
        inside=_STEP,
        shape=RETRY,
        doc="How often a step that failed is tried again, and how long it waits before each of them.",
        example="retry 3 backoff 2s doubling to 1m",
    ),
    Word(
        name="optional",
        inside=_STEP,
        shape="",
        doc="The workflow succeeds without it: it may fail, and may be skipped.",
        example="optional",
    ),
    Word(
        name="priority",
        inside=_STEP,
        shape="priority:(low | medium | high | critical)",
        doc="Which step begins first where several could; medium where none is written.",
        example="priority high",
    ),
    Word(
        name="pass",
        inside=_STEP,
        shape="when state:CONDITION",
        doc=(
            "When the step counts as done, instead of a status of 2xx or an exit status of 0: a condition over its `answer` (an http "
            "`status` and `body`; of a program `status`, `output`, and `body` where it printed JSON). With `for each`, over each `answer`, "
            "or over the list of `answers`."
        ),
        example="pass when answer.body.ok == true",
    ),
    Word(
        name="undo",
        inside=_STEP,
        shape="",
        body="undo",
        doc="What takes the step back when the workflow fails or is cancelled after it; the last step first.",
        example='undo { http post "http://127.0.0.1:8002/orders/cancel" }',
    ),
)
