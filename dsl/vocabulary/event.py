"""`event`, and its clauses."""

from dsl.vocabulary.word import Word

WORDS = (
    Word(
        name="event",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="event",
        doc=(
            "Declares a type of event: what happens, and passes. Events are waited for (`on event deploy`) and counted "
            "(`count(event deploy over 5m)`); they are never facts."
        ),
        example="event deploy { field agent: text, version: text }",
        repeats=True,
    ),
    Word(
        name="field",
        inside=("event",),
        shape="fields:FIELD,…",
        doc="What is told with it: names with their types; `= expression` where the source says it in another way.",
        example="field agent: text, version: text",
        repeats=True,
    ),
)
