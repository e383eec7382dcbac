"""What sources said that is not taken in: counted, told in the log, kept as facts about the source and as rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from loguru import logger

from daemon.store.rows import Row

# Reason to what it means; the documentation is made of the same words (docs/language/sources.md, docs/database.md).
REASONS = {
    "not_finite": "a number that is not finite, or out of range",
    "wrong_type": "a value of another type than the field's",
    "wrong_unit": "a text with a unit where a number is declared, or a time that is not in seconds",
    "not_a_choice": "a text that is none of those that the field may have",
    "null": "a value that the source itself does not know; noted, and not counted as rejected",
    "out_of_bounds": "a size or a count below nothing",
    "too_long": "a text, a list or a map beyond the bounds",
    "too_deep": "lists and maps nested too deep",
    "not_calculable": "what `= …` cannot be calculated from",
    "unusable_key": "an item whose key is missing, no single value, or too long",
    "no_object": "an item that is no object where one has to be",
    "twice": "a key that one look says several times",
    "too_many_keys": "a new key where the type has as many as it may have",
    "late": "a sample that is older than what is known, or than what may be told",
    "early": "a sample from the future",
    "flood": "what came faster than it may",
}
_SAYS_THAT_IT_DOES_NOT_KNOW = "null"
_SAID_EVERY = 600.0  # seconds between two lines of the log about the same


class Refusal(NamedTuple):
    """`about` is a declared field, or "" for a whole item; the sentence tells people."""

    reason: str
    about: str
    sentence: str


@dataclass(slots=True)
class Account:
    """What one source said of one type that was not taken in, in this life of volexd. `full`: lately a new key found no room.

    `unknown_fields` counts the values in the newest look for which no field is declared.
    """

    rejected: int = 0
    unknown_fields: int = 0
    full: bool = False
    last_reason: str = ""
    last_rejected: float | None = None
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Entry:
    """A row, and what the log said of it."""

    id: int
    first_at: float
    count: int = 0
    said_at: float | None = None
    said_count: int = 0


class Refusals:
    """For the thread of the loop. `take_id` gives the ids of rows; without it there are none (nobody keeps them)."""

    def __init__(self, now: Callable[[], float], take_id: Callable[[], int] | None = None) -> None:
        self._now = now
        self.take_id = take_id
        self._accounts: dict[tuple[str, str], Account] = {}
        self._entries: dict[tuple[str, str, str, str], _Entry] = {}
        self._changed: dict[tuple[str, str, str, str], Row] = {}

    def account(self, source: str, kind: str) -> Account:
        return self._accounts.setdefault((source, kind), Account())

    def refuse(self, source: str, kind: str, refusal: Refusal, count: int = 1) -> None:
        """Something is not taken in."""
        now, account = self._now(), self.account(source, kind)
        if refusal.reason != _SAYS_THAT_IT_DOES_NOT_KNOW:
            account.rejected += count
            account.reasons[refusal.reason] = account.reasons.get(refusal.reason, 0) + count
            account.last_reason, account.last_rejected = refusal.sentence, now
        place = (source, kind, refusal.about, refusal.reason)
        entry = self._entries.get(place)
        if entry is None:
            entry = self._entries[place] = _Entry(self.take_id() if self.take_id else 0, now)
        entry.count += count
        self._say(source, refusal, entry, now)
        if self.take_id:
            self._changed[place] = _row(place, refusal, entry, now)

    def rows(self) -> list[Row]:
        """The rows that changed since the last call."""
        rows = list(self._changed.values())
        self._changed.clear()
        return rows

    def _say(self, source: str, refusal: Refusal, entry: _Entry, now: float) -> None:
        """At once, and then seldom: a source that is wrong is wrong every time."""
        if entry.said_at is not None and now < entry.said_at + _SAID_EVERY:
            return
        more = entry.count - entry.said_count
        again = f" ({more} times since this was said)" if entry.said_at is not None else ""
        logger.warning("probe {}: {}{}", source, refusal.sentence, again)
        entry.said_at, entry.said_count = now, entry.count


def _row(place: tuple[str, str, str, str], refusal: Refusal, entry: _Entry, now: float) -> Row:
    source, kind, about, reason = place
    return Row(
        "refusal",
        entry.id,
        {
            "source": source,
            "type": kind,
            "field": about or None,
            "reason": reason,
            "count": entry.count,
            "detail": refusal.sentence,
            "first_at": entry.first_at,
            "last_at": now,
        },
    )
