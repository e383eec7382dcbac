"""Prometheus rule files: their alerts, with places and comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

MOST = 8 << 20  # characters of a file


class Unreadable(Exception):
    """The file is no rule file; the text says why and where."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule. `line` counts from 1; `comments` stand before it or inside it, without the sign."""

    file: str
    line: int
    name: str
    expression: str
    hold: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    comments: tuple[str, ...]
    other: tuple[str, ...] = ()  # what else it says


@dataclass(frozen=True, slots=True)
class Recording:
    """`record: NAME` with its expression."""

    file: str
    line: int
    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    name: str
    alerts: tuple[Alert, ...]
    recordings: tuple[Recording, ...]
    behind: tuple[str, ...] = ()  # the comments behind the last rule


_KNOWN = frozenset({"alert", "expr", "for", "labels", "annotations"})


def read(name: str, text: str) -> RuleFile:
    """The rules of a file. Raises Unreadable."""
    if len(text) > MOST:
        raise Unreadable(f"{name}: it has more than {MOST >> 20} MiB")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise Unreadable(f"{name}: it is nested too deep") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise Unreadable(f"{where}: this is no YAML: {getattr(error, 'problem', error)}") from error
    lines = text.split("\n")
    alerts: list[Alert] = []
    recordings: list[Recording] = []
    previous = 0
    for rule in _rules(name, root):
        members = _members(rule)
        start, end = rule.start_mark.line, _last_line(rule)
        if "alert" in members:
            comments = _comments(lines, previous, start, end, rule)
            alerts.append(_alert(name, start + 1, members, comments))
        elif "record" in members:
            recordings.append(
                Recording(name, start + 1, _text(members["record"]), _text(members.get("expr")))
            )
        previous = end + 1
    behind = [line.strip().lstrip("#").strip() for line in lines[previous:] if line.strip().startswith("#")]
    return RuleFile(name, tuple(alerts), tuple(recordings), tuple(behind))


def _rules(name: str, root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    groups = _members(root).get("groups") if isinstance(root, yaml.MappingNode) else None
    if not isinstance(groups, yaml.SequenceNode):
        raise Unreadable(f"{name}: there is no list `groups` in it, as in a rule file of Prometheus")
    for group in groups.value:
        rules = _members(group).get("rules") if isinstance(group, yaml.MappingNode) else None
        for rule in rules.value if isinstance(rules, yaml.SequenceNode) else ():
            if isinstance(rule, yaml.MappingNode):
                yield rule


def _members(node: yaml.Node) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def _text(node: yaml.Node | None) -> str:
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""


def _texts(node: yaml.Node | None) -> dict[str, str]:
    return {name: _text(value) for name, value in _members(node).items()} if node is not None else {}


def _alert(name: str, line: int, members: Mapping[str, yaml.Node], comments: tuple[str, ...]) -> Alert:
    return Alert(
        file=name,
        line=line,
        name=_text(members["alert"]),
        expression=_text(members.get("expr")),
        hold=_text(members.get("for")),
        labels=_texts(members.get("labels")),
        annotations=_texts(members.get("annotations")),
        comments=comments,
        other=tuple(sorted(member for member in members if member not in _KNOWN)),
    )


def _comments(lines: list[str], previous: int, start: int, end: int, rule: yaml.Node) -> tuple[str, ...]:
    """Whole lines of comment since the rule before, and those inside; a text that runs over lines holds none."""
    texts = set(_lines_of_texts(rule))
    found = []
    for number in range(previous, min(end + 1, len(lines))):
        line = lines[number].strip()
        if line.startswith("#") and number not in texts:
            found.append(line.lstrip("#").strip())
        elif (
            start <= number <= end
            and number not in texts
            and " #" in line
            and '"' not in line
            and "'" not in line
        ):
            found.append(line.split(" #", 1)[1].strip())
    return tuple(comment for comment in found if comment)


def _last_line(rule: yaml.Node) -> int:
    """On which it says something; YAML counts the comments behind a rule, which belong to the next one, to it."""
    return max((_end(text) for text in _scalars(rule)), default=int(rule.start_mark.line))


def _end(node: yaml.Node) -> int:
    is_on_next = node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line
    return int(node.end_mark.line) - is_on_next


def _lines_of_texts(rule: yaml.Node) -> Iterator[int]:
    """The lines inside texts of several lines."""
    for node in _scalars(rule):
        yield from range(node.start_mark.line + 1, _end(node) + 1)


def _scalars(rule: yaml.Node) -> Iterator[yaml.Node]:
    """What it says, and what its labels and annotations say; no deeper, since a node may hold itself."""
    for value in _members(rule).values():
        inside = _members(value).values() if isinstance(value, yaml.MappingNode) else (value,)
        yield from (node for node in inside if isinstance(node, yaml.ScalarNode))
