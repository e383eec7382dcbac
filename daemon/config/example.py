"""One commented file that names every key with its default: docs/volexd.yaml. `python -m daemon.config.example` prints it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from daemon.config.keys import Config, Key

_HEAD = """\
The configuration of volexd: /etc/volexd/volexd.yaml, or another file with --config.
Every key is here with its default; a key that is left out has it. Relative paths count from this file's directory.
A key or a value that volexd does not know is refused with its line: exit status 78, and the daemon does not start.
"""


def example() -> str:
    blocks = [_comment(_HEAD, ""), *_section(Config, "")]
    return "\n".join(blocks)


def _section(kind: type, indent: str) -> Iterator[str]:
    for field in fields(kind):
        if "key" in field.metadata:
            yield _key(field, indent)
        else:
            section: Any = field.default_factory
            inner = "\n".join(_section(section, indent + "  "))
            yield f"{_comment(field.metadata['doc'], indent)}{indent}{field.name}:\n{inner}"


def _key(field: Field[Any], indent: str) -> str:
    key: Key = field.metadata["key"]
    head = f"{_comment(f'{key.doc} ({key.kind.name})', indent)}{indent}"
    default = None if field.default is MISSING else field.default
    if key.kind.many and not default:
        return f"{head}# {field.name}:\n{indent}#   - {key.example}\n"
    if key.kind.many:
        lines = "".join(f"{indent}  - {_shown(key, value)}\n" for value in default or ())
        return f"{head}{field.name}:\n{lines}"
    if default in (None, ""):
        return f"{head}# {field.name}: {key.example}\n"
    return f"{head}{field.name}: {_shown(key, default)}\n"


def _shown(key: Key, value: object) -> str:
    return str(value) if isinstance(value, Path) else key.kind.show(value)


def _comment(text: str, indent: str) -> str:
    lines = [line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, 110 - len(indent))]
    return "".join(f"{indent}# {line}\n" for line in lines)


if __name__ == "__main__":
    print(example(), end="")
