"""What is proved of rule sets, for `volexd --check --proofs`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsl.proofs import report, text

if TYPE_CHECKING:
    from daemon.cli.checking import Rules


def as_text(sets: Sequence[Rules]) -> str:
    """For people; each set under the names of its files, where there are several."""
    return "\n".join(_paragraphs(sets))


def _paragraphs(sets: Sequence[Rules]) -> Iterator[str]:
    for rules in sets:
        if len(sets) > 1:
            yield f"── {_named(rules)}"
        if rules.understood is None:
            yield "Nothing is proved of rules that could not be read.\n"
        else:
            yield text.as_text(report.prove(rules.understood))


def as_document(sets: Sequence[Rules], findings: str) -> str:
    """The document of the findings with a list `proofs` beside them, one entry a set; null where it could not be read."""
    document = json.loads(findings)
    document["proofs"] = [
        None if rules.understood is None else report.as_json(report.prove(rules.understood)) for rules in sets
    ]
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _named(rules: Rules) -> str:
    names = [source.name for source in rules.sources]
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:3])} and {len(names) - 3} more"
