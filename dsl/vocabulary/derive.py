"""`derive`, and its clauses."""

from dsl.vocabulary.word import Word

_DERIVE = ("derive",)

WORDS = (
    Word(
        name="derive",
        inside=("file",),
        shape="name:NAME [title:TITLE]",
        body="derive",
        doc=(
            "A type of fact that is computed from others: one for each thing it is about, with the same keys, there as long as what it "
            "is computed from is there."
        ),
        example=(
            "derive lag {\n    for each topic_end, consumer matching topic\n    field behind = topic_end.offset - consumer.offset\n}"
        ),
        repeats=True,
    ),
    Word(
        name="field",
        inside=_DERIVE,
        shape="field:NAME = value:VALUE | field:NAMED [of choices:LIST] = value:VALUE",
        doc="A value that is computed; its type follows from what it is computed from, unless it is written.",
        example="field behind = topic_end.offset - consumer.offset",
        required=True,
        repeats=True,
    ),
)
