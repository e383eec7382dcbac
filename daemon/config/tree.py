"""A YAML file as a tree with places. Only the plain forms are taken; nothing is ever constructed from tags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` as written, None where nothing is written."""

    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    elements: tuple[Tree, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    value: Tree
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: tuple[Entry, ...]
    line: int


Tree: TypeAlias = Scalar | Sequence | Mapping


class NotYaml(Exception):
    """The file cannot be read as YAML; the message begins with its name and the line."""


def read(path: Path) -> Tree:
    """Raises NotYaml, and OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotYaml(f"{path}: more than {MAX_BYTES} bytes; that is no configuration")
    return _parsed(path, data)


def _parsed(path: Path, data: bytes) -> Tree:
    import yaml

    try:
        root = yaml.compose(data, Loader=yaml.SafeLoader)
        return Scalar(None, 1) if root is None else _tree(path, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise NotYaml(f"{place}: not YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        raise NotYaml(f"{path}: not a text: {error.reason}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise NotYaml(f"{path}: not YAML: {type(error).__name__}") from None


def _tree(path: Path, node: object) -> Tree:
    import yaml

    match node:
        case yaml.ScalarNode():
            empty = node.tag == "tag:yaml.org,2002:null"
            return Scalar(None if empty else node.value, node.start_mark.line + 1)
        case yaml.SequenceNode():
            return Sequence(tuple(_tree(path, element) for element in node.value), node.start_mark.line + 1)
        case yaml.MappingNode():
            entries = tuple(_entry(path, key, value) for key, value in node.value)
            return Mapping(entries, node.start_mark.line + 1)
        case _:
            raise NotYaml(f"{path}: a node of a kind that a configuration does not have")


def _entry(path: Path, key: object, value: object) -> Entry:
    name = _tree(path, key)
    if not isinstance(name, Scalar) or name.text is None:
        raise NotYaml(f"{path}:{name.line}: a key is a word")
    return Entry(name.text, _tree(path, value), name.line)
