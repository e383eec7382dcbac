"""The files for systemd are what systemd takes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "systemd"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed on this machine"
)


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "volexd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "volexd.service"
    text = (FILES / "volexd.service").read_text()
    unit.write_text(text.replace("ExecStart=/usr/bin/volexd", f"ExecStart={program}"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    # What it says of other units of the machine is not ours.
    assert [line for line in done.stderr.splitlines() if "volexd" in line] == []


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed on this machine"
)
def test_systemd_can_make_the_user(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    command = ["systemd-sysusers", "--dry-run", f"--root={tmp_path}", str(FILES / "volexd.sysusers.conf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode and "unrecognized option" in done.stderr:
        pytest.skip("this systemd-sysusers has no --dry-run")
    assert done.returncode == 0, done.stderr
    assert "volexd" in done.stderr + done.stdout


def test_what_the_daemon_promises_systemd() -> None:
    lines = (FILES / "volexd.service").read_text().splitlines()
    for promise in (
        "Type=notify",
        "ExecReload=kill -HUP $MAINPID",
        "Restart=on-failure",
        "RestartPreventExitStatus=78",
        "User=volexd",
        "StateDirectory=volexd",
        "RuntimeDirectory=volexd",
        "ConfigurationDirectory=volexd",
    ):
        assert promise in lines
