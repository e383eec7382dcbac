"""The configuration file: YAML to `Config`. Everything that is wrong is said at once, each with its line and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, cast

from daemon.config import tree as trees
from daemon.config.keys import Config, Key
from daemon.config.kinds import Unfit
from daemon.config.trust import anyone_may_write
from daemon.suggestion import did_you_mean


class ConfigRefused(Exception):
    """The configuration is not used. `problems` are sentences that begin with FILE:LINE; exit status 78 (EX_CONFIG)."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_config(path: Path) -> Config:
    """The file's values over the defaults. Raises ConfigRefused."""
    path = path.absolute()
    try:
        tree = trees.read(path)
        if anyone_may_write(path):
            raise ConfigRefused(
                f"{path}: everybody may write it, and it says what volexd runs; chmod o-w {path}"
            )
    except OSError as error:
        raise ConfigRefused(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except trees.NotYaml as error:
        raise ConfigRefused(str(error)) from None
    return _Reading(path).config(tree)


class _Reading:
    """One file while it is read; problems are gathered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._problems: list[str] = []

    def config(self, tree: trees.Tree) -> Config:
        config = self._section(Config, tree, "")
        if self._problems:
            raise ConfigRefused(*self._problems)
        assert isinstance(config, Config)
        return config

    def _section(self, kind: type, tree: trees.Tree, above: str) -> object:
        known = {field.name: field for field in fields(kind)}
        values = {}
        for entry in self._entries(tree, above, tuple(known)):
            field = known[entry.name]
            name = f"{above}{entry.name}"
            if "key" not in field.metadata:
                values[field.name] = self._section(_section_of(field), entry.value, f"{name}.")
            elif not _is_empty(entry.value):
                values[field.name] = self._value(field.metadata["key"], entry.value, name)
        return kind(**values)

    def _entries(self, tree: trees.Tree, above: str, known: tuple[str, ...]) -> Iterator[trees.Entry]:
        """The entries that are known, each once."""
        if _is_empty(tree):
            return
        if not isinstance(tree, trees.Mapping):
            what = above.rstrip(".") or "the configuration"
            self._refuse(tree.line, f"{what} holds keys and their values; it knows {', '.join(known)}")
            return
        seen: set[str] = set()
        for entry in tree.entries:
            if entry.name not in known:
                self._refuse(
                    entry.line, f"unknown key {above}{entry.name!s}; {did_you_mean(entry.name, known)}"
                )
            elif entry.name in seen:
                self._refuse(entry.line, f"{above}{entry.name} is given twice; one of them has to go")
            else:
                seen.add(entry.name)
                yield entry

    def _value(self, key: Key, tree: trees.Tree, name: str) -> object:
        if key.kind.many:
            return self._values(key, tree, name)
        return self._one(key, tree, name)

    def _values(self, key: Key, tree: trees.Tree, name: str) -> object:
        elements = tree.elements if isinstance(tree, trees.Sequence) else (tree,)
        return tuple(self._one(key, element, name) for element in elements)

    def _one(self, key: Key, tree: trees.Tree, name: str) -> object:
        if not isinstance(tree, trees.Scalar) or tree.text is None:
            self._refuse(tree.line, f"{name} takes {key.kind.name}")
            return None
        try:
            return key.kind.read(tree.text, self._path.parent)
        except Unfit as error:
            self._refuse(tree.line, f"{name}: {error}")
            return None

    def _refuse(self, line: int, problem: str) -> None:
        self._problems.append(f"{self._path}:{line}: {problem}")


def _section_of(field: Field[Any]) -> type:
    section: type = cast(type, field.default_factory)  # see keys._section
    return section


def _is_empty(tree: trees.Tree) -> bool:
    return isinstance(tree, trees.Scalar) and tree.text is None
