"""What stands in files beside their text: bytes that are no text, line ends, a byte order mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.cli import main


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"let a = 1\r\nlet b = 2\r\n", b"let a = 1\nlet b = 2\n"),
        (b"\xef\xbb\xbflet a = 1\n", b"let a = 1\n"),
        (b"let a = 1", b"let a = 1\n"),
        (b"let a = 1\rlet b = 2", b"let a = 1\nlet b = 2\n"),
        (b"", b""),
    ],
)
def test_encoding_and_line_ends(
    tmp_path: Path, before: bytes, after: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.rules"
    file.write_bytes(before)
    assert main(["fmt", "--check", str(file)]) == (before != after)
    assert main(["fmt", str(file)]) == 0
    assert file.read_bytes() == after


@pytest.mark.parametrize("data", [b"let a = 1\xff\n", b"let a = \0\n"])
def test_what_is_no_text_is_left(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.rules"
    file.write_bytes(data)
    assert main(["fmt", str(file)]) == 1
    assert file.read_bytes() == data
    assert "V100" in capsys.readouterr().err


def test_the_shipped_rules_are_in_this_form(capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[3]
    assert main(["fmt", "--check", str(root / "rules")]) == 0
