"""Findings while rules are being written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lsprotocol import types

from daemon.editor.page import Page
from daemon.editor.rule_sets import Snapshot
from daemon.editor.server import Server, uri_of
from dsl.diagnostics import Finding
from dsl.source import Span

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_UNUSED = "V407"


def register(server: Server) -> None:
    server.when_checked.append(lambda snapshot: _publish(server, snapshot))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        known = server.closed(params.text_document.uri)
        for name in known.given if known is not None else ():
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri_of(name), []))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            server.changed(change.uri)


def _publish(server: Server, snapshot: Snapshot) -> None:
    """Of every file of the set; one without findings is told so too, so that none stay that were mended."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in snapshot.findings:
        by_file[finding.span.file].append(finding)
    for name in snapshot.given & snapshot.sources.keys():
        page = server.page_named(snapshot, name)
        document = server.workspace.text_documents.get(page.uri)
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                page.uri,
                list(diagnostics(page, by_file[name])),
                document.version if document else None,
            )
        )


def diagnostics(page: Page, findings: Iterable[Finding]) -> Iterable[types.Diagnostic]:
    for finding in findings:
        yield types.Diagnostic(
            range=page.range_of(finding.span),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="volexd",
            message="\n".join(filter(None, (_said(finding), finding.help))),
            tags=[types.DiagnosticTag.Unnecessary] if finding.code == _UNUSED else None,
            related_information=[
                types.DiagnosticRelatedInformation(_location(page, context.span), context.label)
                for context in finding.context
            ]
            or None,
        )


def _said(finding: Finding) -> str:
    return f"{finding.message} ({finding.label})" if finding.label else finding.message


def _location(page: Page, span: Span) -> types.Location:
    if span.file == page.name:
        return types.Location(page.uri, page.range_of(span))
    start = types.Position(span.line - 1, span.column - 1)
    end = types.Position(span.end_line - 1, span.end_column - 1)
    return types.Location(uri_of(span.file), types.Range(start, end))
