"""A source text and places in it. Bytes become text here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

MAX_BYTES = 8 * 1024 * 1024


class Source(msgspec.Struct, frozen=True, gc=False):
    """One file of rules. `name` is what the operator knows it by; line ends are `\\n` and there is no byte order mark."""

    name: str
    text: str


class Span(msgspec.Struct, frozen=True, gc=False):
    """A piece of a file. Lines and columns count characters from 1; the end is the first column behind the piece."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class NotText(Exception):
    """These bytes are not a text: `reason` says why, line and column say where."""

    reason: str
    line: int
    column: int


def decode(data: bytes) -> str:
    """The text of a file. Raises NotText."""
    if len(data) > MAX_BYTES:
        raise NotText(f"it has {len(data)} bytes, and {MAX_BYTES} is the most a file of rules may have", 1, 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise NotText(reason, *_position(data, error.start)) from None
    text = unify_line_ends(text)
    _refuse_control_characters(text)
    return text


def unify_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _refuse_control_characters(text: str) -> None:
    where = text.find("\0")
    if where >= 0:
        line = text.count("\n", 0, where) + 1
        raise NotText(
            "it holds a NUL byte, as programs and pictures do", line, where - text.rfind("\n", 0, where)
        )


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1
