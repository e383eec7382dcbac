"""What mends a finding, by one key; and what silences a warning, with room for the reason."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from daemon.editor.features.findings import diagnostics
from daemon.editor.page import Page
from daemon.editor.server import Server
from dsl.diagnostics import Finding


def register(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        page = server.page(params.text_document.uri)
        snapshot = await server.newest(page.uri)
        return [
            action
            for finding in snapshot.findings
            if finding.span.file == page.name and _meets(page.range_of(finding.span), params.range)
            for action in _of_finding(page, finding)
        ]


def _meets(one: types.Range, other: types.Range) -> bool:
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        (other.start.line, other.start.character) <= (one.end.line, one.end.character)
    )


def _of_finding(page: Page, finding: Finding) -> Iterator[types.CodeAction]:
    told = list(diagnostics(page, [finding]))
    fix = finding.fix
    if fix is not None and fix.span.file == page.name:
        edit = types.TextEdit(page.range_of(fix.span), fix.text)
        yield _action(page, f"{finding.help or _title(fix.text)}", edit, told, preferred=True)
    if finding.severity != "error":
        yield _action(page, f"silence {finding.code} here, with a reason", _silence(page, finding), told)


def _title(text: str) -> str:
    return f"write `{text}`" if text else "take it away"


def _silence(page: Page, finding: Finding) -> types.TextEdit:
    """A comment above the line, indented as the line is."""
    start = page.offset(types.Position(finding.span.line - 1, 0))
    line = page.text[start : (page.text + "\n").index("\n", start)]
    indent = line[: len(line) - len(line.lstrip())]
    return types.TextEdit(page.range(start, start), f"{indent}# volexd: allow {finding.code} because \n")


def _action(
    page: Page, title: str, edit: types.TextEdit, told: list[types.Diagnostic], *, preferred: bool = False
) -> types.CodeAction:
    return types.CodeAction(
        title,
        types.CodeActionKind.QuickFix,
        told,
        preferred or None,
        edit=types.WorkspaceEdit({page.uri: [edit]}),
    )
