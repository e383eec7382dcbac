"""One alert as one detection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from daemon.importing.prometheus.amounts import quoted
from daemon.importing.prometheus.expressions import ONE, Translation, label_field, parsed
from daemon.importing.prometheus.messages import message
from daemon.importing.prometheus.reading import Alert
from daemon.importing.prometheus.values import Untranslatable, Value, joined

_SEVERITIES = {
    **dict.fromkeys(("critical", "page", "emergency", "fatal", "disaster", "p1", "high"), "critical"),
    **dict.fromkeys(("error", "major", "average", "p2"), "error"),
    **dict.fromkeys(("warning", "warn", "minor", "medium", "p3"), "warning"),
    **dict.fromkeys(("info", "notice", "none", "low", "p4"), "info"),
}
_CATEGORIES = (
    ("agent", re.compile(r"(^|_)up\b|down|absent|unhealthy|missing|restart|crash", re.IGNORECASE)),
    ("resource", re.compile(r"disk|memory|cpu|filesystem|inode|descriptor|swap|storage|heap", re.IGNORECASE)),
    (
        "communication",
        re.compile(r"connect|network|replica|lag|unreachable|dns|probe_success", re.IGNORECASE),
    ),
)
_HOLD = re.compile(r"(\d+(?:ms|[smhdwy]))+")


@dataclass(frozen=True, slots=True)
class Detection:
    """Its text, the fields it needs with the metrics they are made of and their types, and what of the alert it could not take over."""

    name: str
    text: str
    fields: Mapping[str, tuple[str, str]]
    left_out: tuple[str, ...] = field(default=())


def detection(alert: Alert, name: str, kind: str, recordings: Mapping[str, str]) -> Detection:
    """`kind` is the fact type of the series, `name` the alert's own as a name of the language. Raises Untranslatable."""
    translation, value = _translated(alert, kind, recordings)
    left_out = [f"`{other}` of the alert" for other in alert.other]
    lines = [f"# {comment}" for comment in alert.comments]
    title = alert.annotations.get("summary", "")
    lines.append(f"detection {name}{_title(title)} {{")
    lines += [f"    {clause}" for clause in _clauses(alert, translation, value, left_out)]
    lines.append("}")
    return Detection(name, "\n".join(lines), translation.fields, tuple(left_out))


def _translated(alert: Alert, kind: str, recordings: Mapping[str, str]) -> tuple[Translation, Value]:
    """What the rule is about is called `one` where it speaks of others of its type too; that is known afterwards."""
    tree = parsed(alert.expression)
    translation = Translation(kind, recordings)
    value = translation.of(tree)
    if translation.uses_one and value.about == "fact":
        translation = Translation(kind, recordings, variable=ONE)
        value = translation.of(tree)
    if value.is_absolute:
        raise Untranslatable("abs() without a comparison")
    if not value.about:
        raise Untranslatable("it is about no series")
    return translation, value


def _title(text: str) -> str:
    """A title is the same for all subjects: what a template would fill in goes, with the parentheses around it."""
    text = re.sub(r"\([^()]*\{\{.*?\}\}[^()]*\)", "", text)
    plain = " ".join(re.sub(r"\{\{.*?\}\}", "", text).split())
    return f" {quoted(plain)}" if plain else ""


def _clauses(alert: Alert, translation: Translation, value: Value, left_out: list[str]) -> list[str]:
    found = []
    subject = _subject(translation, value)
    if subject:
        found.append(subject)
    found.append(f"severity {_severity(alert, left_out)}")
    found.append(f"category {_category(alert)}")
    found.append(f"when {_condition(value)}{_hold(alert, left_out)}")
    said = (
        alert.annotations.get("description")
        or alert.annotations.get("message")
        or alert.annotations.get("summary")
    )
    if said:
        text = message(said, translation, value)
        found.append(f"message {text.text}")
        left_out += [f"{part} in the message" for part in text.left_out]
    found += _rest(alert, left_out)
    found.append(f"notify {translation.kind}_alerts")
    return found


def _subject(translation: Translation, value: Value) -> str:
    """Series that do not say what is asked for are no subjects: what they cease to say is no fault any more, as in Prometheus."""
    if value.about == "all":
        return ""
    if value.about == "group":
        return f"for each {translation.kind} by {', '.join(map(label_field, _grouped(translation, value)))}"
    called = f" as {ONE}" if translation.variable == ONE else ""
    there = [f"known({one})" for one in value.reads]
    where = f" where {joined([*there, *value.filters])}" if there or value.filters else ""
    return f"for each {translation.kind}{called}{where}"


def _grouped(translation: Translation, value: Value) -> tuple[str, ...]:
    for name in value.labels:
        translation.label(name)
    return value.labels


def _condition(value: Value) -> str:
    conditions = value.conditions or value.guards or (f"known({value.text})",)
    return joined(conditions)


def _hold(alert: Alert, left_out: list[str]) -> str:
    hold = alert.hold.strip()
    if not hold or re.fullmatch(r"0+(ms|[smhdwy])?", hold):
        return ""
    if not _HOLD.fullmatch(hold):
        left_out.append(f"`for: {hold}`")
        return ""
    days = re.sub(r"(\d+)y", lambda year: f"{int(year[1]) * 365}d", hold)
    return f" for {days}"


def _severity(alert: Alert, left_out: list[str]) -> str:
    given = alert.labels.get("severity", "warning")
    found = _SEVERITIES.get(given.lower())
    if found is None:
        left_out.append(f"the severity {given!r}, which counts as warning")
    return found or "warning"


def _category(alert: Alert) -> str:
    """By the words of the alert, since Prometheus knows no categories; performance where none says otherwise."""
    said = f"{alert.name} {alert.expression}"
    return next((category for category, words in _CATEGORIES if words.search(said)), "performance")


def _rest(alert: Alert, left_out: list[str]) -> list[str]:
    found = []
    runbook = alert.annotations.get("runbook_url") or alert.annotations.get("runbook")
    if runbook:
        found.append(f"runbook {quoted(runbook)}")
    owner = alert.labels.get("owner") or alert.labels.get("team")
    if owner:
        found.append(f"owner {quoted(owner)}")
    tags = [
        f"{name}={text}"
        for name, text in alert.labels.items()
        if name not in ("severity", "owner", "team") and text
    ]
    if tags:
        found.append(f"tags {', '.join(map(quoted, tags))}")
    known = ("summary", "description", "message", "runbook_url", "runbook")
    left_out += [f"the annotation `{name}`" for name in alert.annotations if name not in known]
    return found
