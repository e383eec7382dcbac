"""What the engine wants done. The shell carries effects out in their order; a `Do` begins only when the records before it are stored."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.accounts import Account


class Do(msgspec.Struct, frozen=True, tag=True, tag_field="effect"):
    """Carry out one action, and answer with `ActionFinished`.

    `target` names the agent, if one is acted upon. `arguments` are evaluated: plain JSON values.
    """

    action: int
    kind: str
    target: str | None
    arguments: Mapping[str, object]
    timeout: float


class Cancel(msgspec.Struct, frozen=True, tag=True, tag_field="effect"):
    """End an action under way; its `ActionFinished` still follows."""

    action: int


class Record(msgspec.Struct, frozen=True, gc=False, tag=True, tag_field="effect"):
    """A row of the store: columns of the row `id` of `table`. The first one creates it, later ones change the named columns.

    Instants are seconds since 1970; the store writes them as text. `durable` rows are on disk before the next `Do` begins.
    """

    table: str
    id: int
    values: Mapping[str, object]
    durable: bool = False


class Explained(msgspec.Struct, frozen=True, gc=False, tag=True, tag_field="effect"):
    """What `why` tells of something that happened `at` an instant: rows of `derivation`, the first of which is `id`."""

    id: int
    at: float
    account: Account

    def rows(self) -> list[Record]:
        """Written out."""
        return [
            Record(
                "derivation",
                self.id + number,
                {"subject_id": told.subject, "depth": told.depth, "line": told.line, "at": self.at},
            )
            for number, told in enumerate(self.account.lines())
        ]


class Wake(msgspec.Struct, frozen=True, tag=True, tag_field="effect"):
    """Send `TimePassed` at this instant at the latest. There is one alarm: a later `Wake` replaces it, None puts it off."""

    at: float | None


class Inferred(msgspec.Struct, frozen=True, tag=True, tag_field="effect"):
    """Fields of a fact that the engine derived itself (an agent's status). The shell keeps them with the facts that were sampled."""

    at: float
    type: str
    key: str
    values: Mapping[str, object]


class Late(msgspec.Struct, frozen=True, tag=True, tag_field="effect"):
    """These fields of a sample were not taken for what is known now: newer is known, or they had gone stale on their way. The shell counts
    it; windows have taken it in at its own instant."""

    at: float  # when it was sampled
    type: str
    key: str
    source: str
    fields: tuple[str, ...]


Effect = Do | Cancel | Record | Explained | Wake | Inferred | Late
