"""Comments that allow a warning, where the daemon reads the rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from daemon.config import Config
from daemon.rules.loading import load_rules, utc_day
from daemon.world.commands import Commands

_RULES = """\
detection busy {{ category resource; when host.cpu > 90% }}
recovery calm_down {{
    on fault busy
    try purge {{
        # volexd: allow V411 {until}because it is installed later
        exec ["no-such-program"]
    }}
    limit 1 per 1h overall
}}
"""


def _codes(directory: Path, text: str, today: date | None = None) -> list[str]:
    (directory / "a.rules").write_text(text, encoding="utf-8")
    found = load_rules(Config(rules=(directory,)), Commands(), today=today).findings
    return [finding.code for finding in found]


def test_what_only_the_daemon_finds_can_be_silenced(tmp_path: Path) -> None:
    assert _codes(tmp_path, _RULES.format(until="")) == []


def test_until_its_last_day(tmp_path: Path) -> None:
    text = _RULES.format(until="until 2026-11-22 ")
    assert _codes(tmp_path, text, utc_day(1795391999.0)) == []
    assert sorted(_codes(tmp_path, text, utc_day(1795392000.0))) == ["V411", "V484"]


def test_nobody_who_may_write_the_file_silences_that_he_may(tmp_path: Path) -> None:
    path = tmp_path / "a.rules"
    path.write_text('# volexd: allow V410 because I say so\nchannel c { url "log:" }\n', encoding="utf-8")
    path.chmod(0o666)
    found = load_rules(Config(rules=(tmp_path,)), Commands())
    assert {(finding.code, finding.severity) for finding in found.findings} == {
        ("V410", "error"),
        ("V483", "warning"),
    }
