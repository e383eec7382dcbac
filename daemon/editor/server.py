"""The language server: it holds the open files, checks their rules when they change, and hands both to the features."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from daemon.editor import features
from daemon.editor.page import Page, Placed
from daemon.editor.rule_sets import RuleSet, Snapshot, directory_of, place_of
from dsl.source import Source, unify_line_ends

PAUSE = 0.15  # seconds without a key before rules are checked


class HasPosition(Protocol):
    """Every request about a place in a text."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


class Server(LanguageServer):
    """`sets` are the rule sets of open files, by directory; a file that stands alone has one of its own. `when_checked` is called
    with every new snapshot."""

    def __init__(self) -> None:
        super().__init__("volexd", metadata.version("volexd"))
        self.sets: dict[str, RuleSet] = {}
        self.when_checked: list[Callable[[Snapshot], None]] = []
        self._pages: dict[str, tuple[str, Page]] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}

    # --- texts ---

    def page(self, uri: str) -> Page:
        """An open file, as it is written now."""
        text = self.workspace.get_text_document(uri).source
        known = self._pages.get(uri)
        if known is None or known[0] != text:
            source = Source(name_of(uri), unify_line_ends(text.removeprefix("\ufeff")))
            known = self._pages[uri] = (text, Page(source, uri, self.units))
        return known[1]

    def page_named(self, snapshot: Snapshot, name: str) -> Page:
        """A file of a rule set, open or not."""
        uri = uri_of(name)
        if uri in self.workspace.text_documents:
            return self.page(uri)
        known = self._pages.get(uri)
        source = snapshot.sources[name]
        if known is None or known[0] != source.text:
            known = self._pages[uri] = (source.text, Page(source, uri, self.units))
        return known[1]

    def units(self, text: str) -> int:
        return int(self.workspace.position_codec.client_num_units(text))

    def at(self, params: HasPosition) -> tuple[Page, int, Placed | None]:
        """The page, the offset of the cursor in it, and the declaration in which it stands."""
        page = self.page(params.text_document.uri)
        offset = page.offset(params.position)
        return page, offset, page.block_at(offset)

    # --- rules ---

    async def snapshot(self, uri: str) -> Snapshot:
        """What is known of the rules around a file; while they are being checked again, what was known before."""
        rules = self.rule_set(uri)
        return rules.snapshot or await rules.checked(lambda: self.open_texts(rules))

    async def newest(self, uri: str) -> Snapshot:
        rules = self.rule_set(uri)
        return await rules.checked(lambda: self.open_texts(rules))

    def rule_set(self, uri: str) -> RuleSet:
        directory = directory_of(Path(name_of(uri))) if to_fs_path(uri) else None
        return self.sets.setdefault(str(directory or uri), RuleSet(directory))

    def open_texts(self, rules: RuleSet) -> dict[str, str]:
        """The texts of open files, by name: all of them, because one file may use another; alone, if it stands alone."""
        alone = [key for key, one in self.sets.items() if one is rules and rules.directory is None]
        return {
            name_of(uri): document.source
            for uri, document in self.workspace.text_documents.items()
            if not alone or uri in alone
        }

    def changed(self, uri: str) -> None:
        """Checks the rules around a file, and those that use it, when nothing was typed for a moment."""
        own = self.rule_set(uri)
        for key, rules in self.sets.items():
            if rules is own or rules.reads(name_of(uri)):
                rules.is_stale = True
                self._stop_waiting(key)
                self._waiting[key] = asyncio.get_running_loop().create_task(self._check(rules))

    def closed(self, uri: str) -> Snapshot | None:
        """Forgets the rules around a file when none of their files is open any more: what was known of them then."""
        own = self.rule_set(uri)
        if any(self.rule_set(other) is own for other in self.workspace.text_documents if other != uri):
            self.changed(uri)
            return None
        key = next(key for key, rules in self.sets.items() if rules is own)
        self._stop_waiting(key)
        return self.sets.pop(key).snapshot

    def _stop_waiting(self, key: str) -> None:
        former = self._waiting.pop(key, None)
        if former is not None:
            former.cancel()

    async def _check(self, rules: RuleSet) -> None:
        await asyncio.sleep(PAUSE)
        try:
            snapshot = await asyncio.shield(rules.checked(lambda: self.open_texts(rules)))
            for tell in self.when_checked:
                tell(snapshot)
        except Exception as error:  # noqa: BLE001 -- told to whoever writes, and the next key tries again
            said = types.ShowMessageParams(
                types.MessageType.Error, f"volexd cannot check these rules: {error!r}"
            )
            self.window_show_message(said)


def name_of(uri: str) -> str:
    """The name under which a file is read."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return path or uri


def uri_of(name: str) -> str:
    if "://" in name or name.startswith("untitled:"):
        return name
    return from_fs_path(str(place_of(name))) or name


def create() -> Server:
    """A server with every feature that there is: each is one file in `daemon/editor/features/`."""
    server = Server()
    for entry in iter_modules(features.__path__):
        import_module(f"{features.__name__}.{entry.name}").register(server)
    return server
