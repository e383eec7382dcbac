"""The configuration file: what it gives, and what is said about one that is wrong."""

from __future__ import annotations

import stat
from dataclasses import fields, replace
from pathlib import Path

import pytest

from daemon.config import Config, ConfigRefused, DatabaseConfig, PollingConfig, load, read_config
from daemon.config.example import example

ROOT = Path(__file__).parents[3]


def written(directory: Path, text: str | bytes) -> Path:
    file = directory / "volexd.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def refused(directory: Path, text: str | bytes) -> list[str]:
    file = written(directory, text)
    with pytest.raises(ConfigRefused) as error:
        read_config(file)
    return [problem.replace(str(file), "FILE") for problem in error.value.problems]


def test_values_stand_over_the_defaults(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        rules: [rules, /usr/lib/volexd/rules]
        database: {retention_days: 7}
        socket:
          mode: 0600
        polling: {concurrency: 8}
        logs: {agents: logs}
        work: {slots: [gpu=2, licence = 5]}
        commands:
        """,
    )
    config = read_config(file)
    assert config.rules == (tmp_path / "rules", Path("/usr/lib/volexd/rules"))
    assert config.database == DatabaseConfig(retention_days=7)
    assert config.socket.mode == 0o600
    assert config.polling == PollingConfig(concurrency=8)
    assert config.logs.agents == tmp_path / "logs"
    assert config.work.slots == (("gpu", 2), ("licence", 5))
    assert config.commands == Config().commands


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert read_config(written(tmp_path, text)) == Config()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("databse:\n  url: x\n", ["FILE:1: unknown key databse; did you mean database?"]),
        (
            "work: {slots: [gpu]}",
            ["FILE:1: work.slots: 'gpu' is no name with a number; write, for example, gpu=2"],
        ),
        (
            "database:\n  retention_day: 3\n",
            ["FILE:2: unknown key database.retention_day; did you mean retention_days?"],
        ),
        (
            "xyz: 1\n",
            ["FILE:1: unknown key xyz; there are rules, database, socket, polling, facts, commands, prune, work, webhooks, journal, logs"],
        ),
        (
            "polling:\n  concurrency: many\nlogs:\n  level: loud\n",
            [
                "FILE:2: polling.concurrency: 'many' is no whole number from 1 to 4096",
                "FILE:4: logs.level: 'loud' is none of debug, info, warning, error",
            ],
        ),
        ("database: /var/x.db\n", ["FILE:1: database holds keys and their values; it knows url, retention_days"]),
        ("database:\n  url: [a]\n", ["FILE:2: database.url takes a path, sqlite:///PATH or postgresql://USER@HOST/NAME"]),
        ("socket: {mode: 0666}", ["FILE:1: socket.mode: '0666' shuts the owner out or lets everybody in; write 0600 or 0660"]),
        ("socket: {mode: 0o999}", ["FILE:1: socket.mode: '0o999' is no mode; write three octal digits such as 0660"]),
        ("rules: [~/rules]", ["FILE:1: rules: '~/rules': a service has no home; write the whole path"]),
        ("logs: {level: info}\nlogs: {level: debug}\n", ["FILE:2: logs is given twice; one of them has to go"]),
        ("- a\n", ["FILE:1: the configuration holds keys and their values; it knows rules, database, socket, polling, facts, commands, prune, work, webhooks, journal, logs"]),
        ("logs: {level: info\n", ["FILE:2: not YAML: expected ',' or '}', but got '<stream end>'"]),
        ("? [a, b]\n: c\n", ["FILE:1: a key is a word"]),
        (b"\x00\x01\x02", ["FILE: not a text: special characters are not allowed"]),
        ("[" * 5000, ["FILE: not YAML: RecursionError"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, problems: list[str]) -> None:
    assert refused(tmp_path, text) == problems


def test_a_tag_constructs_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, f"database:\n  url: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n")
    with pytest.raises(ConfigRefused):
        read_config(file)
    assert not (tmp_path / "made").exists()


def test_a_file_that_is_not_there_or_that_everybody_may_write(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="no such file or directory"):
        read_config(tmp_path / "none.yaml")
    file = written(tmp_path, "")
    file.chmod(file.stat().st_mode | stat.S_IWOTH)
    with pytest.raises(ConfigRefused, match="everybody may write it"):
        read_config(file)


def test_the_example_names_every_key_and_is_the_defaults(tmp_path: Path) -> None:
    shipped = ROOT / "docs/volexd.yaml"
    assert shipped.read_text() == example(), (
        "write it anew: python -m daemon.config.example > docs/volexd.yaml"
    )
    assert read_config(shipped) == Config()
    for section in fields(Config):
        inner = fields(getattr(Config(), section.name)) if "key" not in section.metadata else ()
        for field in (section, *inner):
            assert f"{field.name}:" in example()


def test_with_its_examples_uncommented_it_loads_too(tmp_path: Path) -> None:
    text = example()
    for name in ("url", "path", "programs", "agents"):
        text = text.replace(f"# {name}: ", f"{name}: ")
    config = read_config(written(tmp_path, text))
    assert config.socket.path == Path("/run/volexd/control.sock")
    assert config.database.url == "/var/lib/volexd/volexd.db"


@pytest.mark.parametrize(
    ("uid", "environment", "database", "socket"),
    [
        (0, {}, "/var/lib/volexd/volexd.db", "/run/volexd/control.sock"),
        (1000, {"HOME": "/home/x"}, "/home/x/.local/state/volexd/volexd.db", None),
        (
            1000,
            {"HOME": "/home/x", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/1000"},
            "/s/volexd/volexd.db",
            "/run/user/1000/volexd/control.sock",
        ),
        (
            0,
            {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "RUNTIME_DIRECTORY": "/run/a"},
            "/var/lib/a/volexd.db",
            "/run/a/control.sock",
        ),
        (
            0,
            {"VOLEXD_SOCKET": "/x.sock", "RUNTIME_DIRECTORY": "/run/a"},
            "/var/lib/volexd/volexd.db",
            "/x.sock",
        ),
        (1000, {"HOME": "h", "XDG_STATE_HOME": "s"}, "/.local/state/volexd/volexd.db", None),
    ],
)
def test_where_things_are(
    tmp_path: Path, uid: int, environment: dict[str, str], database: str, socket: str | None
) -> None:
    config = load(written(tmp_path, ""), environment=environment, uid=uid)
    assert (config.database.url, config.socket.path) == (database, socket and Path(socket))


def test_the_command_line_stands_over_the_file(tmp_path: Path) -> None:
    file = written(
        tmp_path, "rules: [a]\ndatabase: {url: a.db}\nsocket: {path: a.sock}\nlogs: {format: text}\n"
    )
    kept = load(file, environment={}, uid=0)
    assert (kept.rules, kept.database.url) == ((tmp_path / "a",), str(tmp_path / "a.db"))
    given = load(
        file,
        rules=Path("/r"),
        database="postgresql://h/d",
        socket=Path("/s"),
        log_format="json",
        environment={},
        uid=0,
    )
    assert given == replace(
        kept,
        rules=(Path("/r"),),
        database=replace(kept.database, url="postgresql://h/d"),
        socket=replace(kept.socket, path=Path("/s")),
        logs=replace(kept.logs, format="json"),
    )
