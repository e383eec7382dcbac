"""Rule files of Prometheus as `.rules` files: the probe, the fact type of all series, and a detection for each alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from daemon.importing.prometheus.amounts import name_of
from daemon.importing.prometheus.detections import Detection, detection
from daemon.importing.prometheus.reading import Alert, RuleFile
from daemon.importing.prometheus.values import Untranslatable
from daemon.vocabulary import vocabulary
from dsl.format import format_source
from dsl.lexicon import lexicon
from dsl.source import Source

# Prometheus' own series, as it would evaluate its rules on them: with `up`, and with the labels that it puts on.
_URL = 'http://127.0.0.1:9090/federate?match[]={__name__!=""}'
_BUILT_IN = (
    "host",
    "agent",
    "disk",
    "probe",
    "source",
    "fault",
    "event",
    "step",
    "steps",
    "run",
    "recovery",
    "swarm",
)
Fields = Mapping[str, tuple[str, str]]


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


@dataclass(slots=True)
class Names:
    """Those that were given so far, so that rule files that were made together can also be loaded together."""

    taken: set[str] = field(default_factory=set)

    def one(self, wanted: str) -> str:
        """The name itself; a later one of the same name with a number."""
        name, number = wanted, 2
        while name in self.taken:
            name, number = f"{wanted}_{number}", number + 1
        self.taken.add(name)
        return name


def imported(files: Sequence[RuleFile], names: Names | None = None) -> Imported:
    """All in one rule set: one probe, one fact type. `names` are those of the files before, none of which is given again."""
    names = names or Names()
    recordings = {one.name: one.expression for file in files for one in file.recordings}
    kind = names.one(_kind(files))
    alerts = [alert for file in files for alert in file.alerts]
    notes: list[Note] = []
    blocks: list[str] = []
    fields: dict[str, tuple[str, str]] = {}
    translated = 0
    for alert in alerts:
        found = _one(alert, names.one(name_of(alert.name)), kind, recordings, fields, notes)
        if found is not None:
            fields.update(found.fields)
            translated += 1
        blocks.append(found.text if found is not None else _left_out(alert, notes[-1]))
    behind = ["\n".join(f"# {comment}" for comment in file.behind) for file in files if file.behind]
    text = "\n\n".join([_head(kind, fields, files), *blocks, *behind])
    return Imported(_formatted(text + "\n"), len(alerts), translated, tuple(notes))


def _formatted(text: str) -> str:
    """As `volexd fmt` writes it."""
    return format_source(Source("imported", text), lexicon(vocabulary()).families["file"]).text


def _kind(files: Sequence[RuleFile]) -> str:
    """The name of the fact type: of the one file, else in general."""
    if len(files) != 1 or files[0].name == "-":
        return "series"
    name = name_of(PurePath(files[0].name).name.rsplit(".", 1)[0].split("--")[0].lower())
    return f"{name}_series" if name in _BUILT_IN else name


def _one(
    alert: Alert, name: str, kind: str, recordings: Mapping[str, str], fields: Fields, notes: list[Note]
) -> Detection | None:
    try:
        found = detection(alert, name, kind, recordings)
        _agree(found.fields, fields)
    except Untranslatable as error:
        notes.append(Note(alert.file, alert.line, alert.name, str(error), lost=True))
        return None
    notes += [Note(alert.file, alert.line, alert.name, reason, lost=False) for reason in found.left_out]
    return found


def _agree(fields: Fields, others: Fields) -> None:
    """Raises Untranslatable where another alert has another field of the same name."""
    for name, own in fields.items():
        other = others.get(name, own)
        if other != own:
            (metric, kind), (other_metric, other_kind) = own, other
            raise Untranslatable(
                f"its field {name} would be {metric} as a {kind}; in another alert it is {other_metric} as a {other_kind}"
            )


def _left_out(alert: Alert, note: Note) -> str:
    """What stands where the alert would stand."""
    said = " ".join(f"The alert {alert.name} (line {alert.line}) is not here: {note.reason}".split())
    return "\n".join(f"# {line}" for line in (*alert.comments, said))


def _head(kind: str, fields: Fields, files: Sequence[RuleFile]) -> str:
    lines = [f"# Made by `volexd import prometheus` from {_told(files)}.", "language 1"]
    if not fields:
        return "\n".join(lines)
    lines += [
        "",
        f'channel {kind}_alerts {{ url "log:" }}  # where Alertmanager sent them',
        "",
        f"probe {kind}_metrics {{",
        f"    prometheus '{_URL}'",
        "    every 15s  # as Prometheus scrapes",
        "}",
        "",
        f"fact {kind} from prometheus {kind}_metrics {{",
        "    key   series: text",
        "    field labels: map",
        *(f"    field {_field(name, *made)}" for name, made in sorted(fields.items())),
        "}",
    ]
    return "\n".join(lines)


def _field(name: str, source: str, kind: str) -> str:
    return f"{name}: {kind}" if name == source else f"{name}: {kind} = {source}"


def _told(files: Sequence[RuleFile]) -> str:
    return _plain(files[0].name) if len(files) == 1 else f"{len(files)} files"


def _plain(name: str) -> str:
    """A file's name, in a comment of one line."""
    return "standard input" if name == "-" else " ".join(PurePath(name).name.split())
