"""Rule files of Prometheus as `.rules` files: the probe, the fact type of all series, and a detection for each alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from daemon.importing.prometheus.amounts import name_of
from daemon.importing.prometheus.detections import CHANNEL, Detection, detection, names_for
from daemon.importing.prometheus.reading import Alert, RuleFile
from daemon.importing.prometheus.values import Untranslatable
from daemon.vocabulary import vocabulary
from dsl.format import format_source
from dsl.lexicon import lexicon
from dsl.source import Source

PROBE = "scrape"
_URL = "http://127.0.0.1:9090/metrics"


@dataclass(frozen=True, slots=True)
class Note:
    """What is not as it was. `lost`: the whole alert."""

    file: str
    line: int
    alert: str
    reason: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """The rules of one or several files, how many alerts there were, and what could not be said."""

    text: str
    alerts: int
    translated: int
    notes: tuple[Note, ...]


def imported(files: Sequence[RuleFile]) -> Imported:
    """All in one rule set: one probe, one fact type."""
    recordings = {one.name: one.expression for file in files for one in file.recordings}
    kind = _kind(files)
    alerts = [alert for file in files for alert in file.alerts]
    notes: list[Note] = []
    blocks: list[str] = []
    series: dict[str, tuple[str, str]] = {}
    for alert, name in zip(alerts, names_for(alerts), strict=True):
        found = _one(alert, name, kind, recordings, series, notes)
        if found is not None:
            series.update(found.series)
            blocks.append(found.text)
    head = _head(kind, series, files)
    text = _formatted("\n\n".join([head, *blocks]) + "\n")
    return Imported(text, len(alerts), len(blocks), tuple(notes))


def _formatted(text: str) -> str:
    """As `volexd fmt` writes it."""
    return format_source(Source("imported", text), lexicon(vocabulary()).families["file"]).text


def _kind(files: Sequence[RuleFile]) -> str:
    """The name of the fact type: of the one file, else in general."""
    if len(files) != 1:
        return "series"
    name = name_of(PurePath(files[0].name).name.rsplit(".", 1)[0].split("--")[0].lower())
    return (
        name
        if name not in ("host", "agent", "disk", "probe", "fault", "event", "step", "run")
        else f"{name}_series"
    )


def _one(
    alert: Alert,
    name: str,
    kind: str,
    recordings: Mapping[str, str],
    series: Mapping[str, tuple[str, str]],
    notes: list[Note],
) -> Detection | None:
    try:
        found = detection(alert, name, kind, recordings)
        _agree(found.series, series)
    except Untranslatable as error:
        notes.append(Note(alert.file, alert.line, alert.name, str(error), lost=True))
        return None
    notes += [Note(alert.file, alert.line, alert.name, reason, lost=False) for reason in found.left_out]
    return found


def _agree(fields: Mapping[str, tuple[str, str]], others: Mapping[str, tuple[str, str]]) -> None:
    """Raises Untranslatable where another alert has another field of the same name."""
    for name, (metric, kind) in fields.items():
        other, taken = others.get(name, (metric, kind))
        if (other, taken) != (metric, kind):
            raise Untranslatable(
                f"its field {name} is {metric} as a {kind}; in another alert it is {other} as a {taken}"
            )


def _head(kind: str, series: Mapping[str, tuple[str, str]], files: Sequence[RuleFile]) -> str:
    names = ", ".join(PurePath(file.name).name for file in files)
    lines = [
        f"# Made by `volexd import prometheus` from {names}.",
        "language 1",
        "",
        f'channel {CHANNEL} {{ url "log:" }}  # where Alertmanager sent them',
        "",
        f"probe {PROBE} {{",
        f'    prometheus "{_URL}"  # what Prometheus scraped',
        "    every 15s",
        "}",
    ]
    if series:
        lines += [
            "",
            f"fact {kind} from prometheus {PROBE} {{",
            "    key   series: text",
            "    field labels: map",
            *(f"    field {name}: {type_} = {metric}" for name, (metric, type_) in sorted(series.items())),
            "}",
        ]
    return "\n".join(lines)
