"""What is wrong with the quotes and brackets of a block, and a text in which it is not wrong any more.

Works on a text that did not parse, so it trusts nothing but quotes, brackets, line ends and, where brackets do not add up, indentation.
"""

from __future__ import annotations

from dsl.repair.brackets import brackets, doubled, without_braces
from dsl.repair.repair import Repair
from dsl.repair.selector import selector
from dsl.repair.texts import unclosed_text

__all__ = ["Repair", "first_repair"]


def first_repair(text: str) -> Repair | None:
    """The first mistake among quotes and brackets, if there is one."""
    return unclosed_text(text) or without_braces(text) or doubled(text) or brackets(text) or selector(text)
