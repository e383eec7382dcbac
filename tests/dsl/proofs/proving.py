"""Programs to prove things of, also those that a proof refuses."""

from __future__ import annotations

from textwrap import dedent

from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.proofs.acting import Rules
from dsl.source import Source


def understood(text: str) -> Program:
    """A program in which everything could be read, whatever lints and proofs say of it, and whether it runs yet or not."""
    found = check([Source("main.rules", dedent(text))], replace(vocabulary(), later={}))
    assert found.understood is not None, [(f.code, f.span.line, f.message) for f in found.findings]
    return found.understood


def rules(text: str) -> Rules:
    return Rules(understood(text))
