"""For people: the line, a caret under what is meant, and the way out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from dsl.diagnostics import Finding
from dsl.render.format import Format, summary
from dsl.source import Source, Span

_COLOURS = {"error": "31", "warning": "33", "info": "36", "help": "32", "frame": "34"}
_WIDEST = 160  # columns of a line of source that are shown


def as_text(
    findings: Sequence[Finding], sources: Mapping[str, Source] | None = None, *, colour: bool = False
) -> str:
    """Every finding with its lines, and how many there are. Without sources there are no lines to show."""
    lines = {name: source.text.split("\n") for name, source in (sources or {}).items()}
    paragraphs = ["\n".join(_finding(finding, lines, colour)) + "\n" for finding in findings]
    return "\n".join(paragraphs) + ("\n" + _summary(findings) + "\n" if findings else "")


def _finding(finding: Finding, lines: Mapping[str, list[str]], colour: bool) -> list[str]:
    span = finding.span
    kind = _paint(f"{finding.severity}[{finding.code}]", finding.severity, colour)
    written = [f"{kind}: {_safe(finding.message)}"]
    spans = [span, *(context.span for context in finding.context)]
    margin = max(len(str(one.line)) for one in spans)
    written += _excerpt(span, finding.label, lines, margin, colour, finding.severity, "-->")
    for context in finding.context:
        written += _excerpt(context.span, context.label, lines, margin, colour, "frame", ":::")
    if finding.help:
        written.append(
            f"{' ' * margin} {_paint('=', 'frame', colour)} {_paint('help', 'help', colour)}: {_safe(finding.help)}"
        )
    return written


def _excerpt(
    span: Span, label: str, lines: Mapping[str, list[str]], margin: int, colour: bool, kind: str, arrow: str
) -> list[str]:
    place = f"{' ' * margin}{_paint(arrow, 'frame', colour)} {span.file}:{span.line}:{span.column}"
    of_file = lines.get(span.file, [])
    if not 0 < span.line <= len(of_file) or not of_file[span.line - 1].strip():
        return [place]
    bar = _paint("|", "frame", colour)
    shown, before, marked = _marked(of_file[span.line - 1], span)
    caret = _paint("^" * max(1, marked) + (f" {_safe(label)}" if label else ""), kind, colour)
    number = _paint(f"{span.line:>{margin}}", "frame", colour)
    return [
        place,
        f"{' ' * margin} {bar}",
        f"{number} {bar} {shown}",
        f"{' ' * margin} {bar} {' ' * before}{caret}",
    ]


def _marked(line: str, span: Span) -> tuple[str, int, int]:
    """The line as it is shown, the columns before the caret, and how many columns are marked."""
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    start = span.column - 1
    first = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    piece = line[first : first + _WIDEST]
    head = ("…" if first else "") + _safe(line[first:start])
    marked = _safe(line[start : min(end, first + _WIDEST)])
    shown = ("…" if first else "") + _safe(piece) + ("…" if first + _WIDEST < len(line) else "")
    return shown.rstrip(), _width(head), _width(marked)


def _safe(text: str) -> str:
    """Without tabs and without characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " if letter == "\t" else "·" for letter in text)


def _width(text: str) -> int:
    """Columns on a terminal."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    """Wide letters take two, those that join the one before take none."""
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _summary(findings: Sequence[Finding]) -> str:
    counts = summary(findings)
    named = [f"{count} {name if count > 1 else name[:-1]}" for name, count in counts.items() if count]
    return ", ".join(named)


def _paint(text: str, kind: str, colour: bool) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if colour else text


def _render(findings: Sequence[Finding], sources: Mapping[str, Source], colour: bool) -> str:
    return as_text(findings, sources, colour=colour)


FORMAT = Format("text", _render)
