"""`volexd lsp` itself; what it answers is proved in tests/daemon/editor."""

from __future__ import annotations

import sys

import pytest

from daemon.cli import main


def test_without_its_library_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("daemon.editor", "pygls"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp"]) == 2
    assert "pip install '.[editor]'" in capsys.readouterr().err
