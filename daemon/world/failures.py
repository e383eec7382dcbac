"""Failures that are volexd's own: they say nothing about what was looked at or acted upon."""

from __future__ import annotations

import errno
import os

_OWN = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOBUFS}


class OwnFailure(Exception):
    """volexd lacks what it needs (descriptors, memory, a worker); the state of the thing itself stays unknown."""


def is_own(error: OSError) -> bool:
    return error.errno in _OWN


def reason(error: OSError) -> str:
    """The short text of an error of the system: "connection refused"."""
    text = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return (text[:1].lower() + text[1:]) or type(error).__name__
