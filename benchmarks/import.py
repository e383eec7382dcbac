# ruff: noqa: N999 -- named as the command that it measures
"""How much of what others wrote for Prometheus translates: `make bench-import DATA=DIR` reads the rule files DIR/*.yml.

Each file is translated by itself, and what becomes of it is checked as `volexd --check` does. Fails below 95 %, and where a translated
file is not in order.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from daemon.importing.prometheus.files import imported
from daemon.importing.prometheus.reading import read
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.memory import Memory
from dsl.source import Source

WANTED = 0.95


def main() -> int:
    given = os.environ.get("DATA")
    paths = sorted(path for path in Path(given).glob("*.y*ml")) if given else []
    if not paths:
        print("name a directory of rule files: make bench-import DATA=DIR", file=sys.stderr)
        return 2
    words, memory = vocabulary(), Memory()
    alerts = translated = errors = warnings = 0
    reasons: Counter[str] = Counter()
    for path in paths:
        made = imported([read(path.name, path.read_text(encoding="utf-8"))])
        alerts, translated = alerts + made.alerts, translated + made.translated
        reasons.update(note.reason for note in made.notes if note.lost)
        findings = check([Source(path.name, made.text)], words, memory=memory).findings
        for finding in findings:
            print(f"{path.name}:{finding.span.line}: {finding.severity}[{finding.code}]: {finding.message}")
        errors += sum(finding.severity == "error" for finding in findings)
        warnings += sum(finding.severity == "warning" for finding in findings)
    share = translated / alerts if alerts else 0.0
    print(f"{len(paths)} files, {alerts} alerts, {translated} translated ({share:.1%})")
    print(f"of what they became: {errors} errors, {warnings} warnings")
    for reason, count in reasons.most_common():
        print(f"  {count} not translated: {reason}")
    return 0 if share >= WANTED and not errors else 1


if __name__ == "__main__":
    raise SystemExit(main())
