"""What a line of the log looks like, by where it goes."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from daemon.service.logs import configure


@pytest.fixture(autouse=True)
def _log_left_alone() -> Iterator[None]:
    yield
    logger.remove()


def lines(tmp_path: Path, form: str, level: str = "info", *, journal: bool = False) -> list[str]:
    """The lines that a short story leaves in a log of this form."""
    file = tmp_path / "log"
    with file.open("w", encoding="utf-8") as stream:
        found = os.fstat(stream.fileno())
        environment = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}" if journal else "1:2"}
        configure(level, form, stream, environment)
        logger.debug("details")
        logger.bind(rule="agent_down").warning("fault on {}", "vault {x}")
        try:
            raise ValueError("a\nb")
        except ValueError:
            logger.exception("it failed")
    return file.read_text().splitlines()


def test_plain_lines_for_a_file(tmp_path: Path) -> None:
    found = lines(tmp_path, "text")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} warning  fault on vault \{x\} rule=agent_down", found[0]
    )
    assert found[1].endswith("error    it failed")
    assert found[2].startswith("Traceback")
    assert found[-2:] == ["ValueError: a", "b"]


def test_every_line_under_the_journal_bears_its_priority_and_no_time(tmp_path: Path) -> None:
    found = lines(tmp_path, "text", journal=True)
    assert found[:2] == ["<4>fault on vault {x} rule=agent_down", "<3>it failed"]
    assert {line[:3] for line in found[1:]} == {"<3>"}


def test_json_is_one_document_a_line(tmp_path: Path) -> None:
    documents = [json.loads(line) for line in lines(tmp_path, "json", journal=True)]
    assert [(d["level"], d["message"], d.get("rule")) for d in documents] == [
        ("warning", "fault on vault {x}", "agent_down"),
        ("error", "it failed", None),
    ]
    assert "ValueError: a\nb" in documents[1]["traceback"]


def test_the_level_says_what_is_worth_a_line(tmp_path: Path) -> None:
    assert "details" in lines(tmp_path, "text", "debug")[0]
    assert [line for line in lines(tmp_path, "text", "error") if "fault on" in line] == []


class Gone(io.StringIO):
    """A pipe whose reader went away."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_log_that_nobody_reads_ends_nothing() -> None:
    configure("info", "text", Gone(), {})
    logger.info("into the void")
