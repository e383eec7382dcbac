"""The form of `volexd fmt`."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from daemon.editor.server import Server
from daemon.editor.words import words
from dsl.format import format_source
from dsl.source import Source

RangeOf = Callable[[int, int], types.Range]


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        page = server.page(params.text_document.uri)
        after = format_source(Source(page.name, page.text), words().families["file"]).text
        return [] if after == page.text else [_edit(page.text, after, page.range)]


def _edit(before: str, after: str, range_of: RangeOf) -> types.TextEdit:
    """Without what both begin and end with: the cursor stays where nothing changes."""
    start = 0
    shortest = min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    same = 0
    while same < shortest - start and before[-1 - same] == after[-1 - same]:
        same += 1
    return types.TextEdit(range_of(start, len(before) - same), after[start : len(after) - same])
