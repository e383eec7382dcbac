"""Text that may be JSON, from sources that may send anything."""

from __future__ import annotations


def parsed(text: str | bytes) -> object:
    """The JSON value. Raises ValueError for everything else: rubbish, NaN and Infinity, numbers out of range, too deep nesting."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise ValueError(str(error)) from error


def as_json(text: str | bytes) -> object:
    """The JSON value, None for everything else."""
    try:
        return parsed(text)
    except ValueError:
        return None
