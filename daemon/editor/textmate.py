"""The TextMate grammar of rules, made from the vocabulary: for VS Code, and whatever else reads these."""

from __future__ import annotations

import json
from typing import Any

from daemon.editor.coloured import OPERATORS, coloured_words

_NAME = r"[A-Za-z_]\w*"
Pattern = dict[str, Any]


def grammar() -> str:
    """The text of `volexd.tmLanguage.json`."""
    document = {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "volexd rules",
        "scopeName": "source.volexd",
        "fileTypes": ["rules"],
        "patterns": [{"include": f"#{part}"} for part in ("comment", "declaration", "clause", "value")],
        "repository": {
            "comment": _comment(),
            "declaration": _declaration(),
            "clause": _clause(),
            "value": {"patterns": _values()},
            "text": _text(),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _any(names: tuple[str, ...]) -> str:
    return "|".join(name.replace(".", r"\.") for name in names)


def _match(scope: str, pattern: str) -> Pattern:
    return {"name": f"{scope}.volexd", "match": pattern}


def _captures(*scopes: str) -> Pattern:
    return {str(number): {"name": f"{scope}.volexd"} for number, scope in enumerate(scopes, 1) if scope}


def _comment() -> Pattern:
    return {
        "patterns": [
            {
                "match": r"(#)[ \t]*(volexd:[ \t]*allow)\b([^\n]*)",
                "captures": _captures(
                    "comment.line.number-sign", "keyword.other.silence", "comment.line.number-sign"
                ),
            },
            _match("comment.line.number-sign", r"#.*$"),
        ]
    }


def _declaration() -> Pattern:
    return {
        "match": rf"^({_any(coloured_words().declarations)})\b(?:[ \t]+({_NAME}))?",
        "captures": _captures("keyword.declaration", "entity.name.type"),
    }


def _clause() -> Pattern:
    words = _any(coloured_words().clauses)
    return {
        "patterns": [
            {
                "match": rf"^[ \t]*({words})\b(?![.:(])",
                "captures": _captures("keyword.control"),
            },
            {
                "match": rf"([{{;])[ \t]*({words})\b(?![.:(])",
                "captures": _captures("punctuation.separator", "keyword.control"),
            },
            {"match": rf"^[ \t]+({_NAME})(?=[ \t])", "captures": _captures("entity.name.function")},
        ]
    }


def _values() -> list[Pattern]:
    known = coloured_words()
    return [
        {"include": "#comment"},
        {"include": "#text"},
        _match("string.quoted.single", r"'[^'\n]*'"),
        _match("keyword.operator.word", rf"\b({_any(OPERATORS)})\b(?![.:(])"),
        _match("variable.parameter", rf"\b{_NAME}(?=[ \t]*:)"),
        _match("constant.numeric", r"\b\d\d:\d\d(:\d\d)?\b|\b(\d+(\.\d+)?[A-Za-z]+)+\b|\b\d+(\.\d+)?%?"),
        _match("support.function", rf"\b({_any(known.functions)})(?=\()"),
        _match("entity.name.function", rf"\b{_NAME}(?=\()"),
        _match("keyword.other", rf"(?<!\.)\b({_any(known.between)})\b(?![.:(])"),
        _match("constant.language", rf"(?<!\.)\b({_any(known.choices)})\b(?![.:(])"),
        _match("support.type", rf"(?<!\.)\b({_any(known.types)})\b"),
        _match("variable.other.property", rf"(?<=\.){_NAME}"),
        _match("variable.other", rf"\b{_NAME}\b"),
        _match("keyword.operator", r"==|!=|<=|>=|[-<>+*/=]"),
    ]


def _text() -> Pattern:
    """A text in double quotes ends with its line, closed or not, so that a quote that is missing colours one line."""
    return {
        "name": "string.quoted.double.volexd",
        "begin": '"',
        "end": r'"|$',
        "patterns": [
            _match("constant.character.escape", r"\\."),
            {
                "name": "meta.embedded.expression.volexd",
                "begin": r"\{",
                "end": r'\}|(?=")|$',
                "patterns": [{"include": "#value"}],
            },
        ],
    }
