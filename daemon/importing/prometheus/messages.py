"""Go templates of annotations as texts with {expressions}."""

from __future__ import annotations

import re
from dataclasses import dataclass

from daemon.importing.prometheus.amounts import quoted
from daemon.importing.prometheus.expressions import Translation
from daemon.importing.prometheus.values import Value

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LABEL = re.compile(r"\$labels\.([A-Za-z_]\w*)|index \$labels \"([A-Za-z_]\w*)\"")


@dataclass(frozen=True, slots=True)
class Message:
    """`left_out` are the parts that the language cannot say; they stand in the text as they were."""

    text: str
    left_out: tuple[str, ...]


def message(template: str, translation: Translation, value: Value) -> Message:
    """In double quotes, ready to stand behind `message`."""
    parts: list[str] = []
    left_out: list[str] = []
    last = 0
    for action in _ACTION.finditer(template):
        parts.append(quoted(template[last : action.start()])[1:-1])
        said = _expression(action[1], translation, value)
        if said is None:
            left_out.append(action[0])
            parts.append(quoted(action[0])[1:-1])
        else:
            parts.append(said)
        last = action.end()
    parts.append(quoted(template[last:])[1:-1])
    return Message('"' + " ".join("".join(parts).split("\\n")).strip() + '"', tuple(left_out))


def _expression(action: str, translation: Translation, value: Value) -> str | None:
    """What stands for one action; formatting of numbers is the language's own."""
    subject = action.split("|", 1)[0].strip()
    subject = re.sub(r"^printf \"[^\"]*\" ", "", subject)
    label = _LABEL.fullmatch(subject)
    if label is not None:
        return _label(label[1] or label[2], translation, value)
    if subject in ("$labels", ".Labels"):
        return _labels(translation, value)
    if subject in ("$value", ".Value") and value.shown:
        return value.shown
    if subject in ("$value", ".Value"):
        return f"{{{value.text}}}" if value.text and '"' not in value.text else None
    return None


def _label(name: str, translation: Translation, value: Value) -> str | None:
    """A label that was summed away is empty, as it is in Prometheus."""
    if value.about == "all" or (value.about == "group" and name not in value.labels):
        return ""
    return f"{{{translation.label(name)}}}"


def _labels(translation: Translation, value: Value) -> str:
    """All of them."""
    if value.about == "fact":
        return f"{{{translation.variable}.labels}}"
    return ", ".join(f"{name}={{{translation.label(name)}}}" for name in value.labels)
