"""`make docs`: writes the pages that are made from data: the language reference, every finding. A test keeps them current."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daemon.editor.textmate import grammar
from dsl.codes import CODES, RANGES
from tools import language

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[Path, str]:
    """Every page that is made, and its text."""
    return {
        **{DOCS / "language" / name: text for name, text in language.pages().items()},
        DOCS / "findings.md": "\n".join(_findings()) + "\n",
        DOCS / "editors" / "vscode" / "syntaxes" / "volexd.tmLanguage.json": grammar(),
    }


def _findings() -> Iterator[str]:
    yield "# Findings\n"
    yield "What `volexd --check` may say. A code keeps its meaning for ever. `volexd explain CODE` prints the page of one."
    yield "Made by `make docs` from the registry (dsl/codes.py)."
    for title in RANGES.values():
        codes = [code for code in CODES.values() if code.range == title]
        if codes:
            yield f"\n## {title}\n\n| code | | severity | what it means |\n|---|---|---|---|"
            yield from (
                f"| [{c.code}](findings/{c.code}.md) | {c.title} | {c.severity} | {c.meaning} |"
                for c in codes
            )


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
