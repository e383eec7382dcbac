"""What was found before is found again without a check, and only as long as nothing has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.cli import checking, main
from daemon.rules import before
from daemon.rules.cache import Cache, cache_of

_RULES = """\
use "more.rules"
detection down {
    for each agent
    category agent
    when agent.status == "down"
}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    directory = tmp_path / "rules"
    (directory / "below").mkdir(parents=True)
    (directory / "a.rules").write_text(_RULES.replace("more", "below/more"), encoding="utf-8")
    (directory / "below" / "more.rules").write_text("let unused = 3s\n", encoding="utf-8")
    return directory


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch, cache_home: Path) -> list[object]:
    """One entry for each real check."""
    done: list[object] = []
    real = checking._check

    def counting(*arguments: object) -> object:
        done.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "_check", counting)
    return done


def _checked(rules: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    main(["check", str(rules), *options])
    out = capsys.readouterr().out
    assert "V404" in out
    return out


def test_unchanged_rules_are_not_checked_again(
    rules: Path, checks: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    first = _checked(rules, capsys)
    assert _checked(rules, capsys) == first
    assert len(checks) == 1
    assert _checked(rules, capsys, "--no-cache") == first
    assert len(checks) == 2


def _edit(rules: Path) -> None:
    (rules / "a.rules").write_text((rules / "a.rules").read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _edit_used(rules: Path) -> None:
    (rules / "below" / "more.rules").write_text("let unused = 4s\n", encoding="utf-8")


def _add(rules: Path) -> None:
    (rules / "b.rules").write_text("let b = 3s\n", encoding="utf-8")


@pytest.mark.parametrize("change", [_edit, _edit_used, _add])
def test_whatever_changes_is_checked(
    rules: Path, checks: list[object], capsys: pytest.CaptureFixture[str], change: Callable[[Path], None]
) -> None:
    _checked(rules, capsys)
    change(rules)
    _checked(rules, capsys)
    assert len(checks) == 2


def test_another_checker_checks_again(
    rules: Path, checks: list[object], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _checked(rules, capsys)
    monkeypatch.setattr(before, "_CHECKER", ("dsl", "daemon/rules"))
    _checked(rules, capsys)
    assert len(checks) == 2


@pytest.mark.parametrize(
    "silence", ["", "# volexd: allow V404 until 2030-01-01 because it is only for show\n"]
)
def test_the_day_counts_where_a_silence_may_end(
    rules: Path, checks: list[object], monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    text = (rules / "a.rules").read_text(encoding="utf-8").replace("detection", silence + "detection")
    (rules / "a.rules").write_text(text, encoding="utf-8")
    for day in (1, 1, 2):
        monkeypatch.setattr(checking, "_today", lambda day=day: date(2026, 11, day))
        main(["check", str(rules)])
    assert len(checks) == (2 if silence else 1)


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 255))
def test_a_damaged_file_is_as_if_it_were_not_there(
    tmp_path_factory: pytest.TempPathFactory, where: float, byte: int
) -> None:
    cache = Cache(directory := tmp_path_factory.mktemp("damaged"))
    cache.write("x", b"what was found")
    data = bytearray((directory / "x").read_bytes())
    at = int(where * len(data))
    kept = data[at] == byte
    data[at] = byte
    (directory / "x").write_bytes(data)
    assert cache.read("x") == (b"what was found" if kept else None)
    (directory / "x").write_bytes(data[:at])
    assert cache.read("x") is None


def test_a_file_of_another_shape_is_ignored(
    rules: Path, checks: list[object], capsys: pytest.CaptureFixture[str], cache_home: Path
) -> None:
    _checked(rules, capsys)
    cache = Cache(cache_home / "volexd")
    for name in os.listdir(cache_home / "volexd"):
        cache.write(name, b"\x93\x01\x02\x03")
    _checked(rules, capsys)
    assert len(checks) == 2


def test_what_others_can_write_is_not_believed(cache_home: Path) -> None:
    cache = cache_of()
    assert cache is not None
    cache.write("x", b"1")
    assert cache.read("x") == b"1"
    (cache_home / "volexd" / "x").chmod(0o666)
    assert cache.read("x") is None
    (cache_home / "volexd").chmod(0o777)
    assert cache_of() is None
    (cache_home / "volexd").chmod(0o700)
    (cache_home / "volexd" / "x").unlink()
    (cache_home / "volexd" / "x").symlink_to(cache_home)
    assert cache.read("x") is None


def test_no_place_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert cache_of({}) is None
    assert cache_of({"XDG_CACHE_HOME": "relative"}) is None
    assert cache_of({"XDG_CACHE_HOME": str(tmp_path / "file")}) is None
    assert cache_of({"HOME": str(tmp_path)}) is not None
    assert (tmp_path / ".cache" / "volexd").is_dir()
    Cache(tmp_path / "gone").write("x", b"1")
    assert Cache(tmp_path / "gone").read("x") is None


def test_old_files_make_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(40):
        cache.write(str(number), b"1")
        os.utime(tmp_path / str(number), (number, number))
    cache.write("last", b"1")
    assert len(os.listdir(tmp_path)) == 32
    assert cache.read("last") == b"1"
    assert cache.read("0") is None


def _write_again_and_again(directory: str, text: bytes) -> None:
    cache = Cache(Path(directory))
    for _ in range(200):
        cache.write("x", text)


def test_processes_beside_each_other_see_a_whole_file(tmp_path: Path) -> None:
    texts = [letter * 200_000 for letter in (b"a", b"b")]
    cache = Cache(tmp_path)
    cache.write("x", texts[0])
    fresh = get_context("spawn")
    writers = [fresh.Process(target=_write_again_and_again, args=(str(tmp_path), text)) for text in texts]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert cache.read("x") in texts
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
