"""Every key of the configuration with its type, its default and its meaning. This is the only place where they stand.

`docs/volexd.yaml` is made from here (`daemon.config.example`), and a test keeps it so.
"""

# ruff: noqa: RUF009 -- `_key` and `_section` are dataclasses.field, with what belongs to a key

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon.config import kinds
from daemon.config.kinds import Kind


@dataclass(frozen=True, slots=True)
class Key:
    """`example` is shown where the default is nothing, or depends on who runs volexd."""

    kind: Kind
    doc: str
    example: str = ""


def _key(default: Any, kind: Kind, doc: str, example: str = "") -> Any:
    return field(default=default, metadata={"key": Key(kind, doc, example)})


def _section(kind: type, doc: str) -> Any:
    return field(default_factory=kind, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class DatabaseConfig:
    url: str = _key(
        "",
        kinds.address(),
        "Where everything is remembered. By default $STATE_DIRECTORY/volexd.db, for root "
        "/var/lib/volexd/volexd.db, for others ~/.local/state/volexd/volexd.db.",
        "/var/lib/volexd/volexd.db",
    )
    retention_days: int = _key(
        90,
        kinds.count(1, 36500),
        "Faults, recoveries and facts that ended earlier than so many days ago are deleted.",
    )


@dataclass(frozen=True, slots=True)
class SocketConfig:
    path: Path | None = _key(
        None,
        kinds.path(),
        "Where `volexd status` and the other commands find the daemon. By default $RUNTIME_DIRECTORY/control.sock, "
        "for root /run/volexd/control.sock, for others $XDG_RUNTIME_DIR/volexd/control.sock.",
        "/run/volexd/control.sock",
    )
    mode: int = _key(
        0o660,
        kinds.mode(),
        "Who may give commands: those who may write to the socket. 0660 is the owner and the group.",
    )


@dataclass(frozen=True, slots=True)
class PollingConfig:
    concurrency: int = _key(
        64, kinds.count(1, 4096), "How many probes and health checks may be under way at one time."
    )


@dataclass(frozen=True, slots=True)
class FactsConfig:
    keys: int = _key(
        10_000,
        kinds.count(1, 1_000_000),
        "How many facts of one type there may be. New ones beyond are refused and counted (`source.full` in rules), known ones go on.",
    )
    keys_of: tuple[tuple[str, int], ...] = _key(
        (),
        kinds.slots(),
        "The types of which there may be more, or fewer, and how many.",
        "requests=50000",
    )
    per_second: int = _key(
        1_000,
        kinds.count(1, 1_000_000),
        "How many items a second are taken from a source that tells by itself (`log`, `webhook`). What comes faster waits.",
    )
    waiting: int = _key(
        10_000,
        kinds.count(1, 1_000_000),
        "How many items of such a source may wait. What comes beyond is refused and counted.",
    )


@dataclass(frozen=True, slots=True)
class CommandsConfig:
    path: tuple[Path, ...] = _key(
        tuple(map(Path, ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"))),
        kinds.paths(),
        "Where a program is looked for that a rule names without a slash. $PATH of the surroundings is never used.",
    )
    programs: Path | None = _key(
        None,
        kinds.path(),
        'The directory below which a program with a relative path stands: exec ["bin/redeploy"].',
        "/usr/lib/volexd/programs",
    )
    directories: tuple[Path, ...] = _key(
        (),
        kinds.paths(),
        "The directories below which a program with an absolute path must stand. By default anywhere.",
        "/usr/bin",
    )


@dataclass(frozen=True, slots=True)
class PruneConfig:
    directories: tuple[Path, ...] = _key(
        (),
        kinds.paths(),
        "The directories below which the action `prune` may delete files. By default nowhere.",
        "/var/log/api",
    )


@dataclass(frozen=True, slots=True)
class WorkConfig:
    slots: tuple[tuple[str, int], ...] = _key(
        (),
        kinds.slots(),
        "What work reserves under names of your own (`reserve gpu: 1`), and how many there are. "
        "Of what is not named here there is one. Cores and memory are those of the machine.",
        "gpu=2",
    )


@dataclass(frozen=True, slots=True)
class JournalConfig:
    directory: Path | None = _key(
        None,
        kinds.path(),
        "Where every event that the engine takes is written down, so that what it did can be replayed exactly. By default nowhere.",
        "/var/lib/volexd/journal",
    )
    keep_hours: int = _key(
        1, kinds.count(1, 24 * 366), "Parts of the journal that ended earlier are deleted."
    )
    largest_mb: int = _key(
        256, kinds.count(1, 1_000_000), "When all parts together are larger, the oldest are deleted, in MiB."
    )


@dataclass(frozen=True, slots=True)
class WebhooksConfig:
    address: str = _key(
        "",
        kinds.listening(),
        "Where others send what happened, for probes of kind `webhook`: HOST:PORT. By default nowhere. There is no TLS: "
        "beyond this machine, put a proxy before it, and give every webhook a token.",
        "127.0.0.1:8585",
    )


@dataclass(frozen=True, slots=True)
class LogsConfig:
    level: str = _key(
        "info", kinds.one_of("debug", "info", "warning", "error"), "What is worth a line in the log."
    )
    format: str = _key(
        "text",
        kinds.one_of("text", "json"),
        "text: for people, with priorities under the journal of systemd. json: one document a line.",
    )
    agents: Path | None = _key(
        None,
        kinds.path(),
        "The directory for the output of agents that volexd runs itself, one file each. "
        "By default it goes where the output of volexd goes.",
        "/var/log/volexd",
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one run. Paths are absolute, durations seconds. `url` and `socket.path` are settled by `load`."""

    rules: tuple[Path, ...] = _key(
        (Path("/etc/volexd/rules.d"),),
        kinds.paths(),
        "The directories with the rules: every file NAME.rules in them, in the order of their names.",
    )
    database: DatabaseConfig = _section(DatabaseConfig, "What volexd remembers.")
    socket: SocketConfig = _section(SocketConfig, "How people talk to the running daemon.")
    polling: PollingConfig = _section(PollingConfig, "How it looks at the world.")
    facts: FactsConfig = _section(FactsConfig, "How much it takes in.")
    commands: CommandsConfig = _section(CommandsConfig, "Which programs rules may run.")
    prune: PruneConfig = _section(PruneConfig, "Where rules may delete files.")
    work: WorkConfig = _section(WorkConfig, "What work contends for.")
    webhooks: WebhooksConfig = _section(WebhooksConfig, "What others tell it.")
    journal: JournalConfig = _section(JournalConfig, "What is written down for a replay.")
    logs: LogsConfig = _section(LogsConfig, "What it says about itself.")
