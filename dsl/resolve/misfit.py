"""The words for a clause whose values do not fit its word: the typical mistakes by name, the rest by what was expected."""

from __future__ import annotations

from dsl.match import Mismatch
from dsl.resolve.site import Site
from dsl.shape import readable, words_of
from dsl.suggest import closest
from dsl.syntax import And, Chain, Clause, Comma, Equals, Named, Node, Raw, Text, Word
from dsl.vocabulary.word import Word as VocabularyWord

_READABLE = 250  # letters of a form; more of them explain nothing
_FOREIGN_WORDS = {"AND": "and", "OR": "or", "NOT": "not", "is": "==", "equals": "==", "IN": "in"}

_MOMENTS = {"event": "event", "fault": "detection", "exhausted": "recovery"}


def report(site: Site, clause: Clause, word: VocabularyWord, miss: Mismatch) -> None:
    """One finding for a clause that does not fit."""
    found = miss.found
    following = clause.items[miss.at + 1] if miss.at + 1 < len(clause.items) else None
    if _report_moment(site, clause, word):
        return
    if isinstance(found, Equals):
        _report_equals(site, word, miss.after, found)
    elif isinstance(following, Equals) and isinstance(found, Word) and "NAMED" in word.shape:
        _report_equals(site, word, found, following)
    elif isinstance(found, Word) and found.name in _FOREIGN_WORDS:
        right = _FOREIGN_WORDS[found.name]
        message = f"`{found.name}` is written `{right}`"
        site.report("V109", message, found, help=f"write `{right}`", replacement=right)
    elif found is None:
        _report_missing(site, clause, word, miss)
    elif miss.surplus:
        _report_surplus(site, clause, word, miss, found)
    else:
        _report_other(site, clause, word, miss, found)


def _report_moment(site: Site, clause: Clause, word: VocabularyWord) -> bool:
    """`on deploy`: what happens is named, and not which sort of thing it is."""
    first = clause.items[0] if clause.items else None
    if word.name != "on" or not isinstance(first, Word):
        return False
    possible = {sort: kind for sort, kind in _MOMENTS.items() if sort in words_of(word.shape)}
    sort = next((sort for sort, kind in possible.items() if first.name in site.known.of(kind)), None)
    if sort is None:
        return False
    right = f"{sort} {first.name}"
    message = f"it is not said what `{first.name}` is"
    site.report("V111", message, first, help=f"write `on {right}`", replacement=right)
    return True


def _report_equals(site: Site, word: VocabularyWord, before: Node | None, found: Equals) -> None:
    if "CONDITION" in word.shape:
        message, help_ = "`=` does not compare", "to compare, write `==`"
        site.report("V109", message, found, help=help_, replacement="==")
    elif "NAMED" in word.shape or "FIELD" in word.shape:
        name = before.name if isinstance(before, (Word, Named)) else "name"
        site.report(
            "V109", "`=` stands nowhere between a name and its value", found, help=f"write `{name}: …`"
        )
    else:
        site.report("V109", f"`=` has no place in `{word.name}`", found, help=_reads(word))


def _report_missing(site: Site, clause: Clause, word: VocabularyWord, miss: Mismatch) -> None:
    expected = _expected(miss)
    where = (clause.line_end, clause.line_end)
    message = f"expected {expected} after `{_after(site, clause, miss)}`"
    site.report("V111", message, where, label=f"{expected} is missing", help=_reads(word))


def _report_surplus(site: Site, clause: Clause, word: VocabularyWord, miss: Mismatch, found: Node) -> None:
    near = closest(found.name, miss.words) if isinstance(found, Word) else None
    end = found.end if near else clause.items[-1].end
    message = f"{_shown(site, found)} is too much for `{clause.word}`"
    help_ = f"did you mean `{near}`?" if near else _way_out(site, word, found)
    site.report("V112", message, (found.start, end), help=help_, replacement=near)


def _way_out(site: Site, word: VocabularyWord, found: Node) -> str:
    if isinstance(found, Comma):
        return "clauses stand on lines of their own, or with `;` between them"
    families = tuple(family for family in (word.body, "check") if family)
    if isinstance(found, Word) and found.name in site.known.lexicon.names(families):
        return f"`{found.name}` stands in braces: `{{ {found.name} … }}`"
    return _reads(word)


def _report_other(site: Site, clause: Clause, word: VocabularyWord, miss: Mismatch, found: Node) -> None:
    help_, replacement = _help(site, word, miss, found)
    message = f"expected {_expected(miss)} after `{_after(site, clause, miss)}`, found {_shown(site, found)}"
    site.report("V111", message, found, help=help_, replacement=replacement)


def _help(site: Site, word: VocabularyWord, miss: Mismatch, found: Node) -> tuple[str, str | None]:
    near = closest(found.name, miss.words) if isinstance(found, Word) else None
    if near:
        return f"did you mean `{near}`?", near
    if isinstance(found, (Text, Raw)):
        said = found.raw if isinstance(found, Text) else found.text
        if said in miss.words or (any("name" in phrase for phrase in miss.phrases) and said.isidentifier()):
            return f"without quotes: `{said}`", said
    if isinstance(found, Named) and word.name == "let":
        return f"write `let {found.name} = {site.text(found.value.start, found.value.end)}`", None
    if isinstance(found, Chain) and (name := _with_hyphens(found)):
        return f"a name has no hyphens: write `{name}`", name
    if isinstance(found, And) and all(isinstance(operand, Word) for operand in found.operands):
        return "write commas between them", None
    return _reads(word), None


def _with_hyphens(found: Chain) -> str:
    """`order-service` as a name; "" for what is no name."""
    parts = (found.first, *(operand for _, operand in found.rest))
    whole = all(operator.text == "-" for operator, _ in found.rest)
    names = [part.name for part in parts if isinstance(part, Word)]
    return "_".join(names) if whole and len(names) == len(parts) else ""


def _reads(word: VocabularyWord) -> str:
    """The form of the clause, and an example of it."""
    reads = " ".join(f"{word.name} {readable(word.shape)}".split())
    example = word.example.splitlines()[0]
    if len(reads) > _READABLE:
        return f"for example: `{example}`"
    return f"it reads `{reads}`, for example `{example}`"


def _expected(miss: Mismatch) -> str:
    options = [*miss.phrases, *(f"`{word}`" for word in miss.words)]
    if len(options) > 1:
        return f"{', '.join(options[:-1])} or {options[-1]}"
    return options[0] if options else "nothing more"


def _after(site: Site, clause: Clause, miss: Mismatch) -> str:
    text = site.text(miss.after.start, miss.after.end) if miss.after else clause.word
    return text if len(text) <= 40 else "…" + text[-30:]


def _shown(site: Site, node: Node) -> str:
    text = site.text(node.start, node.end)
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}…`"
