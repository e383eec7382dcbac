"""Text in the rule language, made from values. Whatever an operator wrote becomes a quoted text or a checked name, never syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from daemon.intelligence.invalid import InvalidCall, shown
from dsl.source import Source

LONGEST_NAME = 48
_ESCAPED = {"\\": "\\\\", '"': '\\"', "{": "\\{", "}": "\\}", "\n": "\\n", "\t": "\\t"}
_RESERVED = frozenset({"and", "or", "not", "in", "contains", "matches", "true", "false", "mod"})
_BARE = re.compile(r"[a-z_][a-z0-9_]*")
_INTERVAL = re.compile(r"every [A-Za-z0-9 :,.]{1,80}")
_CRON = re.compile(r"cron\s+'?([0-9A-Za-z*/,#?\- ]{1,80})'?")


@dataclass
class Writer:
    """Lines, and for each the key of the input that it came from."""

    lines: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    _depth: int = 0

    def line(self, text: str, key: str = "") -> None:
        self.lines.append("    " * self._depth + text)
        self.keys.append(key)

    @contextmanager
    def block(self, head: str, key: str = "") -> Iterator[None]:
        self.line(f"{head} {{", key)
        self._depth += 1
        yield
        self._depth -= 1
        self.line("}", key)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n" if self.lines else ""


def source_of(name: str, text: str) -> Source:
    """What a call made, as the file `call:NAME` of the rules."""
    return Source(f"call:{name}", text)


def name_of(written: str, taken: frozenset[str] = frozenset(), fallback: str = "unnamed") -> str:
    """A name of the language that reads like what was written, and is not taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", written.lower()).strip("_")[:LONGEST_NAME].strip("_") or fallback
    if not _BARE.fullmatch(plain) or plain in _RESERVED:
        plain = f"_{plain}" if plain[0].isdigit() else f"{plain}_"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}_{number}"
    return found


def quoted(key: str, value: str) -> str:
    """A text that stands for itself: nothing in it is an expression."""
    odd = next(
        (mark for mark in value if (ord(mark) < 32 and mark not in "\n\t") or 0xD800 <= ord(mark) < 0xE000),
        None,
    )
    if odd is not None:
        raise InvalidCall(key, f"the character {odd!r} cannot stand in a rule")
    return '"' + "".join(_ESCAPED.get(mark, mark) for mark in value) + '"'


def number(key: str, value: float) -> str:
    """Without an exponent, as the language writes numbers."""
    text = str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")
    if len(text) > 30:
        raise InvalidCall(key, f"{shown(value)} is out of range")
    return text


def value_of(key: str, value: object) -> str:
    """Any JSON value; `{"context": NAME}` is what the run of a workflow is given under that name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(key, value)
    if isinstance(value, str):
        return quoted(key, value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(value_of(f'{key}[{place}]', one) for place, one in enumerate(value))}]"
    if isinstance(value, Mapping):
        return _from_context(key, value) or f"{{{named(key, value)}}}"
    raise InvalidCall(key, f"{shown(value)} cannot be said in a rule")


def _from_context(key: str, value: Mapping[str, object]) -> str | None:
    name = value.get("context")
    if set(value) != {"context"} or not isinstance(name, str):
        return None
    return f"context[{member(key, name)}]"


def named(key: str, values: Mapping[str, object]) -> str:
    """`"name": value, …`, as bodies, headers and maps are written."""
    return ", ".join(f"{member(key, name)}: {value_of(f'{key}.{name}', one)}" for name, one in values.items())


def member(key: str, name: str) -> str:
    if '"' in name or "\n" in name or not name.isprintable():
        raise InvalidCall(key, f"the name {shown(name)} cannot stand in a rule")
    return f'"{name}"'


def words(key: str, command: Sequence[object]) -> str:
    """The list of an `exec`: a program and its arguments."""
    return value_of(key, list(command))


def duration(key: str, value: float | str) -> str:
    """Seconds, or a duration of the language, which the schema has looked at."""
    if isinstance(value, str):
        return value
    milliseconds = round(value * 1000)
    if milliseconds <= 0:
        raise InvalidCall(key, f"{shown(value)} is too short: a millisecond is the least")
    return f"{milliseconds}ms"


def size(value: float | str) -> str:
    return value if isinstance(value, str) else f"{round(value)}B"


def fraction(key: str, value: float | str) -> str:
    """A number between 0 and 1, or `80%`."""
    if isinstance(value, str):
        return value
    return f"{number(key, round(value * 100.0, 6))}%"


def schedule(key: str, written: str) -> str:
    """A clause: `every …` or `cron '…'`; what stands in it the checker looks at, and it can be nothing else."""
    text = " ".join(written.split())
    cron = _CRON.fullmatch(text)
    if cron is not None:
        return f"cron '{cron[1].strip()}'"
    if text == "immediate" or _INTERVAL.fullmatch(text):
        return text
    raise InvalidCall(
        key,
        f'{shown(written)} is no schedule; write "immediate", "every 1h at minute 5", "every day at 02:00" or "cron 5 * * * *"',
    )
