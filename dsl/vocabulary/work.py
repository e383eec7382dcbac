"""Clauses that several kinds of work have in common."""

from dsl.vocabulary.word import Word
from dsl.work import WORK_TYPES

RETRY = "count:NUMBER [backoff backoff:DURATION [doubling to most:DURATION]]"

WORDS = (
    Word(
        name="type",
        inside=("automation", "orchestration"),
        shape=f"type:({' | '.join(WORK_TYPES)})",
        doc="Which sort of work it is, for the reports.",
        example="type resource_optimization",
    ),
    Word(
        name="type",
        inside=("workflow",),
        shape="type:NAME",
        doc="Which sort of work it is, for the reports: any word of yours; workflow_management where none is written.",
        example="type trading",
    ),
    Word(
        name="learning",
        inside=("workflow", "automation"),
        shape="learning:(on | off)",
        doc="Whether durations and successes of earlier runs are used in the next one; they are where nothing is written.",
        example="learning off",
    ),
    Word(
        name="reserve",
        inside=("step", "automation"),
        shape="resources:NAMED…",
        doc=(
            "What it holds while it runs: cores (`cpu`), bytes (`memory`), and slots under any other name. Work that finds too little "
            "left waits, the more urgent first."
        ),
        example="reserve cpu: 2, memory: 512MiB, gpu: 1",
    ),
    Word(
        name="do",
        inside=("automation", "maintenance"),
        shape="",
        body="do",
        doc="What is done, one after the other.",
        example='do { exec ["/usr/bin/vacuumdb", "--all"] }',
    ),
    Word(
        name="affects",
        inside=("then", "afterwards", "do", "undo", "step"),
        shape="affects:PATH,…",
        doc="The fact fields that the actions beside it may change.",
        example="affects stream.connected",
        repeats=True,
    ),
)
