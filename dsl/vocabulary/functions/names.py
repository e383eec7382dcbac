"""Names that stand for a value."""

from __future__ import annotations

from dsl.vocabulary.word import ValueWord

VALUES = (
    ValueWord(
        name="now",
        type="time",
        doc="The instant.",
        example="when certificate.expires < now + 14d",
    ),
    ValueWord(
        name="never",
        type="duration",
        doc="How long it takes until something that does not come: what `time_until` gives for what recedes.",
        example="when time_until(disk.usage >= 95% over 6h) != never",
    ),
)
