"""Rules in the one form in which they are written. What a declaration means, its comments and the order of both stay as they are."""

from dsl.format.whole import Formatted, format_source

__all__ = ["Formatted", "format_source"]
