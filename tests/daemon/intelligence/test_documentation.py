"""The page of the calls says what is true: its example runs."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "calls.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.rules").write_text('agent a { health tcp "127.0.0.1:1" { every 1h } }\n')
    example = example.replace('"volexd.db"', repr(str(tmp_path / "volexd.db")))
    example = example.replace('"rules/"', repr(str(tmp_path / "rules")))
    example = example.replace('["/usr/sbin/logrotate", "/etc/logrotate.conf"]', '["/bin/true"]')
    names: dict[str, object] = {}
    exec(example, names)
    done = names["done"]
    assert isinstance(done, dict)
    assert done["success"]
