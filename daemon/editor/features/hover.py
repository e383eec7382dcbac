"""What a word, a field, a function or a name means, where the cursor is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from daemon.editor import wording
from daemon.editor.meaning import aliases, declaration, field_of, target_of, type_named
from daemon.editor.names import Name, Said, read_names
from daemon.editor.server import Server
from daemon.editor.words import words
from dsl.codes import CODES
from dsl.resolve.known import Known
from dsl.syntax import Word

_CODE = re.compile(r"\bV\d{3}\b")


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        page, offset, placed = server.at(params)
        told = _of_code(page.text, offset)
        if told is None and placed is not None:
            known = (await server.snapshot(page.uri)).known
            told = _told(placed.block.text, offset - placed.start, known)
            told = told and (told[0], told[1] + placed.start, told[2] + placed.start)
        if told is None:
            return None
        text, start, end = told
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), page.range(start, end))


def _told(text: str, offset: int, known: Known) -> tuple[str, int, int] | None:
    """What is said, and of which piece of the block."""
    reading = read_names(text)
    for name in reading.names:
        if name.start <= offset < name.end and (said := of_name(text, name, known)):
            return said, name.start, name.end
    for clause in reading.said:
        start, end = clause.clause.start, clause.clause.word_end
        if start <= offset < end and (said := _of_clause(clause)):
            return said, start, end
    return _of_word_between(reading.said, offset)


def _of_word_between(said: Sequence[Said], offset: int) -> tuple[str, int, int] | None:
    """A word among the values of a clause (`critical`, `within`): what the clause says."""
    for clause in reversed(said):
        for item in clause.clause.items:
            if isinstance(item, Word) and item.start <= offset < item.end and (told := _of_clause(clause)):
                return told, item.start, item.end
    return None


def of_name(text: str, name: Name, known: Known) -> str:
    """Nothing where nothing is known of it."""
    if name.kind == "field":
        path = tuple(name.name.split("."))
        found = field_of(path, known, aliases(text, known))
        return wording.of_field(found) if found else ""
    if name.kind == "function":
        return "\n\n---\n\n".join(map(wording.of_function, wording.functions_named(name.name)))
    if name.kind == "own action":
        return _of_own_action(name.name, known)
    target = target_of(name, known)
    declared = target and declaration(target, known)
    if declared:
        return wording.of_declaration(declared)
    owner = type_named(aliases(text, known).get(name.name, name.name), known)
    if owner is not None and name.kind in ("value", "type"):
        return wording.of_type(owner)
    value = words().values.get(name.name)
    return wording.of_value(value) if value and name.kind == "value" else ""


def _of_own_action(name: str, known: Known) -> str:
    by_agent = known.own_actions.get(name, {})
    calls = [
        f"action {name}({', '.join(f'{one.name}: {one.type}' for one in action.parameters)}) of agent {agent}"
        for agent, action in by_agent.items()
    ]
    if calls:
        return wording.code("\n".join(calls)) + "\n\nWhat an agent can do for itself."
    return wording.of_forms(words().forms(name, ("action", "steering")))


def _of_clause(said: Said) -> str:
    forms = words().forms(said.clause.word, said.families)
    return wording.of_forms([said.word] if said.word in forms and len(forms) > 1 else forms)


def _of_code(text: str, offset: int) -> tuple[str, int, int] | None:
    """Of a finding that a comment silences."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start : (text + "\n").index("\n", offset)]
    for match in _CODE.finditer(line):
        found = CODES.get(match[0])
        if found and "volexd:" in line and match.start() <= offset - start < match.end():
            said = f"**{found.code}: {found.title}**\n\n{found.meaning}"
            return said, start + match.start(), start + match.end()
    return None
