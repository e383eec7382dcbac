"""Rules in colour: Pygments, and the TextMate grammar that VS Code reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, String, Token

ROOT = Path(__file__).parents[3]
RULES = [*sorted((ROOT / "rules").glob("*/*.rules")), ROOT / "tests/dsl/tour.rules"]


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_pygments_knows_every_letter_and_loses_none(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(get_lexer_for_filename(path.name, stripnl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert [value for kind, value in tokens if kind is Error] == []


def test_pygments_tells_words_from_names() -> None:
    text = 'detection disk "A" {  # why\n    category resource\n    when     disk.usage > 95% for 1h30m\n    message  "{disk.mount}"\n}\n'
    kinds = {value: kind for kind, value in get_lexer_by_name("volexd").get_tokens(text)}
    assert kinds["detection"] is Keyword.Declaration
    assert kinds["category"] is kinds["when"] is kinds["message"] is Keyword
    assert kinds["resource"] is Keyword.Constant
    assert kinds["for"] is Keyword.Reserved
    assert kinds["95%"] is kinds["1h30m"] is Number
    assert kinds["# why"] is Comment.Single
    assert kinds["{"] in (Token.Punctuation, String.Interpol)
    assert kinds[".mount"] is Name.Variable


def test_no_word_of_the_grammar_breaks_a_pattern() -> None:
    """Oniguruma's patterns here are also Python's; how they colour is for `test_textmate.py`, where Node and its library are."""
    document = json.loads(
        (ROOT / "docs/editors/vscode/syntaxes/volexd.tmLanguage.json").read_text(encoding="utf-8")
    )
    patterns = _strings(document, {"match", "begin", "end"})
    assert len(patterns) > 20
    for pattern in patterns:
        re.compile(pattern)


def _strings(node: object, keys: set[str]) -> list[str]:
    if isinstance(node, dict):
        here = [value for key, value in node.items() if key in keys and isinstance(value, str)]
        return here + [found for value in node.values() for found in _strings(value, keys)]
    if isinstance(node, list):
        return [found for value in node for found in _strings(value, keys)]
    return []


def test_the_extension_names_files_that_are_there() -> None:
    folder = ROOT / "docs/editors/vscode"
    manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    (language,), (grammar,) = manifest["contributes"]["languages"], manifest["contributes"]["grammars"]
    named = [manifest["main"], language["configuration"], grammar["path"]]
    assert [one for one in named if not (folder / one).is_file()] == []
    json.loads((folder / language["configuration"]).read_text(encoding="utf-8"))
    assert manifest["contributes"]["configuration"]["properties"]["volexd.command"]["default"][1] == "lsp"
