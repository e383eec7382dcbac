"""Which rules are found and read, and which are not trusted."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from daemon.rules.sources import Rules, RulesUnreadable, read_rules
from daemon.vocabulary import vocabulary
from dsl.check import check


def names(rules: Rules) -> list[str]:
    return [Path(source.name).name for source in rules.sources]


def found(rules: Rules) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, Path(finding.span.file).name) for finding in rules.findings]


def written(path: Path, text: str = 'channel oncall { url "log:" }\n') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_directory_is_read_in_the_order_of_names_without_what_editors_leave(tmp_path: Path) -> None:
    for name in (
        "b.rules",
        "a.rules",
        "10.rules",
        "a.rules~",
        ".#b.rules",
        "#b.rules#",
        ".b.rules.swp",
        "notes.txt",
    ):
        written(tmp_path / name)
    (tmp_path / "folder.rules").mkdir()
    assert names(read_rules([tmp_path])) == ["10.rules", "a.rules", "b.rules"]


def test_paths_are_read_as_given(tmp_path: Path) -> None:
    one, two = written(tmp_path / "z/one.rules"), written(tmp_path / "a/two.txt")
    assert names(read_rules([one, two, tmp_path / "z"])) == ["one.rules", "two.txt", "one.rules"]


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_what_everybody_may_write_is_not_trusted(tmp_path: Path, severity: str) -> None:
    file = written(tmp_path / "rules/a.rules")
    used = written(tmp_path / "rules/below/b.rules")
    for path in (file, used, file.parent):
        path.chmod(path.stat().st_mode | 0o002)
    rules = read_rules([file.parent], severity)
    assert rules.library.read("below/b.rules") is not None
    assert found(rules) == [
        ("V410", severity, "rules"),
        ("V410", severity, "a.rules"),
        ("V410", severity, "b.rules"),
    ]


def test_bytes_that_are_no_text_are_one_finding_each(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_bytes(b"\x7fELF\x02\x01\x01\0\0\0")
    (tmp_path / "b.rules").write_bytes(b"channel \xff\xfe { }\n")
    (tmp_path / "c.rules").write_bytes(random.Random(7).randbytes(100_000))
    rules = read_rules([tmp_path])
    assert found(rules) == [("V100", "error", name) for name in ("a.rules", "b.rules", "c.rules")]
    assert (rules.findings[1].span.line, rules.findings[1].span.column) == (1, 9)


def test_a_pipe_under_the_name_of_a_file_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.rules")
    with pytest.raises(RulesUnreadable, match="not a file"):
        read_rules([tmp_path])


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "dangling.rules").symlink_to(tmp_path / "nowhere")
    for path in (tmp_path / "none.rules", tmp_path / "dangling.rules", tmp_path / "x" / "y"):
        with pytest.raises(RulesUnreadable, match="no such file or directory; name a file"):
            read_rules([path])


def test_use_finds_shipped_rules_and_files_inside_only(tmp_path: Path) -> None:
    written(tmp_path / "outside.rules")
    rules_directory = written(tmp_path / "rules/a.rules").parent
    written(rules_directory / "below/b.rules")
    (rules_directory / "out.rules").symlink_to(tmp_path / "outside.rules")
    (rules_directory / "in.rules").symlink_to("below/b.rules")
    library = read_rules([rules_directory / "a.rules"]).library
    there = {name: library.read(name) is not None for name in _ASKED}
    assert there == _ASKED
    assert len(library.used) == sum(_ASKED.values())


_ASKED = {
    "std.healing": True,
    "std.facts": True,
    "std.nothing": False,
    "std.../../pyproject": False,
    "below/b.rules": True,
    "in.rules": True,
    "out.rules": False,
    "../outside.rules": False,
    "/etc/passwd": False,
    "below": False,
    "a\0b": False,
}


def test_one_file_is_one_file_however_it_is_named() -> None:
    """Checking the shipped rules themselves does not declare everything twice."""
    directory = Path(__file__).parents[3] / "rules/std"
    rules = read_rules([directory])
    assert check(rules.sources, vocabulary(), library=rules.library).findings == ()


def test_tests_of_used_rules_stay_at_home(tmp_path: Path) -> None:
    """`without` may leave out what they speak of."""
    file = written(tmp_path / "a.rules", "use std.healing { without agent_slow }\n")
    rules = read_rules([file])
    checked = check(rules.sources, vocabulary(), library=rules.library)
    assert checked.findings == ()
    assert checked.program is not None
    assert checked.program.tests == ()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("../outside.rules", '"../outside.rules" leads out of the rules directory'),
        ("web/../../outside.rules", '"web/../../outside.rules" leads out of the rules directory'),
        ("/etc/passwd", '"/etc/passwd" leads out of the rules directory'),
        ("link.txt", "there is no file `link.txt`"),
        ("elsewhere/outside.rules", "there is no file `elsewhere/outside.rules`"),
        ("web", "there is no file `web`"),
        ("web/common.rules", None),
    ],
)
def test_what_is_used_lies_inside_wherever_links_lead(tmp_path: Path, use: str, message: str | None) -> None:
    outside = written(tmp_path / "outside.rules")
    directory = tmp_path / "rules"
    written(directory / "web" / "common.rules", 'channel people { url "log:" }\n')
    written(directory / "a.rules", f'use "{use}"\nchannel c {{ url "log:" }}\n')
    (directory / "link.txt").symlink_to(outside)
    (directory / "elsewhere").symlink_to(tmp_path)
    rules = read_rules([directory])
    errors = [one.message for one in check(rules.sources, vocabulary(), library=rules.library).errors]
    assert errors == ([] if message is None else [message])


def test_files_of_a_directory_that_use_each_other_are_a_finding(tmp_path: Path) -> None:
    written(tmp_path / "a.rules", 'use "b.rules"\n')
    written(tmp_path / "b.rules", 'use "c.rules"\n')
    written(tmp_path / "c.rules", 'use "b.rules"\nchannel c { url "log:" }\n')
    rules = read_rules([tmp_path])
    (error,) = check(rules.sources, vocabulary(), library=rules.library).errors
    assert (error.code, Path(error.span.file).name) == ("V211", "c.rules")
