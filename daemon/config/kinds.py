"""Kinds of values in the configuration: how each is written, and how it is read from the text of a YAML scalar."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class Unfit(ValueError):
    """The text is none of this kind; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`read(text, base)`: relative paths count from `base`. Raises Unfit. `many` says that it is a list of such values."""

    name: str
    read: Callable[[str, Path], object]
    many: bool = False
    show: Callable[[object], str] = str


def address() -> Kind:
    """Of a database; `daemon.store.address` knows the forms."""

    def read(written: str, base: Path) -> object:
        return written if "://" in written or written == ":memory:" else str(_path(written, base))

    return Kind("a path, sqlite:///PATH or postgresql://USER@HOST/NAME", read)


def listening() -> Kind:
    """Where to listen: HOST:PORT, or nowhere."""

    def read(written: str, _: Path) -> object:
        host, colon, port = written.rpartition(":")
        if written and (not host or not colon or not port.isdigit() or not 0 < int(port) < 65536):
            raise Unfit(f"{written!r} is no address to listen at; write HOST:PORT, as 127.0.0.1:8585")
        return written

    return Kind("HOST:PORT", read)


def path() -> Kind:
    return Kind("a path", _path)


def paths() -> Kind:
    return Kind("a list of paths", _path, many=True)


def count(least: int, most: int) -> Kind:
    """A whole number between two others, both included."""

    def read(written: str, _: Path) -> object:
        if not re.fullmatch(r"-?\d{1,18}", written) or not least <= int(written) <= most:
            raise Unfit(f"{written!r} is no whole number from {least} to {most}")
        return int(written)

    return Kind(f"a whole number from {least} to {most}", read)


def mode() -> Kind:
    """The permissions of a file; nobody beside owner and group ever gets any."""

    def read(written: str, _: Path) -> object:
        if not re.fullmatch(r"(?:0o?)?[0-7]{3}", written):
            raise Unfit(f"{written!r} is no mode; write three octal digits such as 0660")
        value = int(written.replace("o", ""), 8)
        if value & 0o007 or value & 0o600 != 0o600:
            raise Unfit(f"{written!r} shuts the owner out or lets everybody in; write 0600 or 0660")
        return value

    return Kind("a mode such as 0660", read, show=lambda value: f"0{value:o}")


def slots() -> Kind:
    """A name and a number, for each thing of which there is so much."""

    def read(written: str, _: Path) -> object:
        found = re.fullmatch(r"([A-Za-z_]\w*)\s*=\s*(\d{1,6})", written)
        if found is None or not int(found[2]):
            raise Unfit(f"{written!r} is no name with a number; write, for example, gpu=2")
        return found[1], int(found[2])

    return Kind("a list of names with a number, NAME=NUMBER", read, many=True)


def one_of(*choices: str) -> Kind:
    def read(written: str, _: Path) -> object:
        if written not in choices:
            raise Unfit(f"{written!r} is none of {', '.join(choices)}")
        return written

    return Kind(f"one of {', '.join(choices)}", read)


def _path(written: str, base: Path) -> Path:
    if not written.strip() or "\0" in written:
        raise Unfit(f"{written!r} is no path")
    if written.startswith("~"):
        raise Unfit(f"{written!r}: a service has no home; write the whole path")
    return base / written
