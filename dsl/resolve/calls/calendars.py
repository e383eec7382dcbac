"""`during(CALENDAR)`."""

from __future__ import annotations

from dsl.expressions import During
from dsl.resolve.calls.asked import Asked
from dsl.resolve.clauses import is_declared
from dsl.resolve.typed import Typed
from dsl.syntax import Word
from dsl.types import FLAG


def resolve(asked: Asked) -> Typed | None:
    node = asked.match.node("calendar")
    if not isinstance(node, Word) or not is_declared(asked.site, node, "calendar"):
        return None
    return Typed(During(node.name), FLAG)
