"""Rules in colour, for Pygments (`pygmentize rules.rules`, Sphinx, MkDocs): the words are those of the vocabulary."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

from daemon.editor.coloured import OPERATORS, coloured_words

_WORDS = coloured_words()
_NAME = r"[A-Za-z_]\w*"


def _any(names: tuple[str, ...]) -> Any:
    return words(names, prefix=r"\b", suffix=r"\b(?![.:(])")


class VolexdLexer(RegexLexer):  # type: ignore[misc]
    """The rule language of volexd."""

    name = "volexd rules"
    aliases: ClassVar[list[str]] = ["volexd"]
    filenames: ClassVar[list[str]] = ["*.rules"]
    mimetypes: ClassVar[list[str]] = ["text/x-volexd"]
    url = ""
    version_added = ""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (
                rf"^({'|'.join(_WORDS.declarations)})\b([ \t]+)({_NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (rf"^({'|'.join(_WORDS.declarations)})\b", Keyword.Declaration),
            (rf"^([ \t]*)({'|'.join(_WORDS.clauses)})\b(?![.:(])", bygroups(Whitespace, Keyword)),
            (
                rf"([{{;])([ \t]*)({'|'.join(_WORDS.clauses)})\b(?![.:(])",
                bygroups(Punctuation, Whitespace, Keyword),
            ),
            (rf"^([ \t]+)({_NAME})(?=[ \t])", bygroups(Whitespace, Name.Function)),
            (r"\n|[ \t]+", Whitespace),
            (r"#[ \t]*volexd:.*", Comment.Special),
            (r"#.*", Comment.Single),
            (r'"', String.Double, "text"),
            (r"'[^'\n]*'", String.Single),
            (rf"({'|'.join(OPERATORS)})\b(?![.:(])", Operator.Word),
            (rf"{_NAME}[ \t]*:", Name.Attribute),
            (r"\d\d:\d\d(:\d\d)?\b", Number),
            (r"(\d+(\.\d+)?[A-Za-z]+)+\b", Number),
            (r"\d+(\.\d+)?%?", Number),
            (words(_WORDS.functions, prefix=r"\b", suffix=r"(?=\()"), Name.Builtin),
            (rf"{_NAME}(?=\()", Name.Function),
            (_any(_WORDS.between), Keyword.Reserved),
            (_any(_WORDS.choices), Keyword.Constant),
            (words(_WORDS.types, prefix=r"\b", suffix=r"\b"), Name.Builtin.Pseudo),
            (rf"\.{_NAME}", Name.Property),
            (_NAME, Name.Variable),
            (r"==|!=|<=|>=|[-<>+*/=]", Operator),
            (r"[{}()\[\],;:.]", Punctuation),
        ],
        "text": [
            (r'"', String.Double, "#pop"),
            (r"\\.", String.Escape),
            (r"\{", String.Interpol, "expression"),
            (r'[^"\\{\n]+', String.Double),
            (r"\n", Whitespace, "#pop"),
        ],
        "expression": [
            (r"\}", String.Interpol, "#pop"),
            (r'(?=["\n])', String.Interpol, "#pop"),
            (r"'[^'\n}]*'?", String.Single),
            (words(_WORDS.functions, prefix=r"\b", suffix=r"(?=\()"), Name.Builtin),
            (rf"\.?{_NAME}", Name.Variable),
            (r"\d+(\.\d+)?[A-Za-z%]*", Number),
            (r'[^}"\n]', Operator),
        ],
    }
