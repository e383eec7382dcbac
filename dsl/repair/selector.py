"""What another language puts in braces."""

from __future__ import annotations

import re

from dsl.diagnostics import Mistake
from dsl.repair.repair import Repair
from dsl.structure import blank, blank_texts, without_comments

_SELECTOR = re.compile(r"(?<=[\w\])])\{\s*\w+\s*(?:=~|!~|!=|=)\s*(?:,\s*\w+\s*(?:=~|!~|!=|=)\s*)*\}")


def selector(text: str) -> Repair | None:
    """`requests{job="api"}` of PromQL. Without it the rest of its line can be read."""
    match = _SELECTOR.search(blank_texts(without_comments(text)))
    if match is None:
        return None
    help_ = "write `for each TYPE where TYPE.FIELD == …`, and the value without braces"
    mistake = Mistake("V101", "what is meant is not chosen in braces", *match.span(), help=help_)
    return Repair(mistake, blank(text, *match.span()))
