"""What an output format is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from dsl.diagnostics import Finding
from dsl.source import Source

# Findings, the sources by name, and whether colours are wanted; a format without colours does not look at that.
Render = Callable[[Sequence[Finding], Mapping[str, Source], bool], str]


class Format(msgspec.Struct, frozen=True):
    """`for_repository`: it is read beside the files of a repository, so it names them by their paths inside it."""

    name: str
    render: Render
    for_repository: bool = False


def summary(findings: Sequence[Finding]) -> dict[str, int]:
    """How many of each severity."""
    return {
        f"{severity}s" if severity != "info" else "notes": sum(
            1 for one in findings if one.severity == severity
        )
        for severity in ("error", "warning", "info")
    }
