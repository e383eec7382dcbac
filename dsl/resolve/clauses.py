"""Clauses against the vocabulary: is the word known here, do its values fit, is anything missing or said twice."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from dsl.diagnostics import Context
from dsl.fitted import fitted
from dsl.lexicon import Families, Lexicon, noun
from dsl.match import Match, Mismatch
from dsl.resolve import misfit
from dsl.resolve.site import Site
from dsl.shape import kinds_of, words_of
from dsl.suggest import closest, did_you_mean
from dsl.syntax import Clause, Node, Word
from dsl.vocabulary.word import ActionWord, ProbeWord
from dsl.vocabulary.word import Word as VocabularyWord

_FOREIGN_WORDS = {"AND": "and", "OR": "or", "NOT": "not", "is": "==", "equals": "==", "IN": "in"}
_NEED_BRACES = (
    *("try", "otherwise", "agent action", "step", "undo", "do", "then", "afterwards"),
    *("changes", "added step", "replacement", "unit commands"),
)

_OWN_ACTION = ActionWord(
    name="",
    inside=("action",),
    shape="[arguments:NAMED… | positional:VALUE…] [on agent:SELECTOR]",
    doc="What an agent can do for itself.",
    example="reconnect stream.name on agent realtime",
    target="agent",
    repeats=True,
)


class Said(msgspec.Struct, frozen=True, gc=False):
    """A clause that fits its word."""

    word: VocabularyWord
    clause: Clause
    match: Match


class Body(msgspec.Struct, frozen=True, gc=False):
    """What was said in a pair of braces. Not `sound`: something was wrong and reported, so nothing follows from what is missing."""

    clause: Clause
    said: tuple[Said, ...]
    sound: bool

    def all(self, name: str) -> tuple[Said, ...]:
        return tuple([one for one in self.said if one.word.name == name])

    def one(self, name: str) -> Said | None:
        for one in self.said:
            if one.word.name == name:
                return one
        return None

    def has(self, name: str) -> bool:
        return any(one.word.name == name for one in self.said)


def read_body(site: Site, clause: Clause, families: Families) -> Body:
    """Every clause in the braces of `clause`; what does not fit is reported and left out."""
    said: list[Said] = []
    sound = not (clause.broken or clause.incomplete) and (
        clause.body is not None or not site.known.lexicon.required(families)
    )
    for inner in clause.body or ():
        one = None if inner.broken else read_clause(site, inner, families)
        if one is None:
            sound = False
        else:
            said.append(one)
    single = _without_repetition(site, said)
    return Body(
        clause,
        tuple(single),
        _nothing_missing(site, clause, single, families, sound) and len(single) == len(said),
    )


def read_clause(site: Site, clause: Clause, families: Families) -> Said | None:
    """One clause; None when it was reported."""
    forms = site.known.lexicon.forms(clause.word, families) or _own_action(site, clause, families)
    if not forms:
        _report_unknown(site, clause, families)
        return None
    if clause.colon:
        colon = (clause.word_end, clause.word_end + 1)
        written = site.text(clause.start, clause.line_end).replace(":", "", 1)
        site.report(
            "V110", f"no colon after `{clause.word}`", colon, help=f"write `{written}`", replacement=""
        )
    return fit(site, clause, forms, families)


def _own_action(site: Site, clause: Clause, families: Families) -> tuple[VocabularyWord, ...]:
    """An agent's own action is used like a word of the language."""
    if clause.word not in _own_names(site, families):
        return ()
    return (replace(_OWN_ACTION, name=clause.word),)


def fit(
    site: Site, clause: Clause, forms: tuple[VocabularyWord, ...], families: Families = ()
) -> Said | None:
    """The first form of the word that the clause fits. `families` are those of the braces around it."""
    mismatches: list[tuple[VocabularyWord, Mismatch]] = []
    for word in forms:
        match = fitted(word.shape, clause)
        if isinstance(match, Mismatch):
            mismatches.append((word, match))
        elif _braces_fit(site, clause, word, match):
            _mark_later(site, clause, word, match, families)
            return Said(word, clause, match)
        else:
            return None
    misfit.report(site, clause, *max(mismatches, key=lambda one: one[1].at))
    return None


def _mark_later(site: Site, clause: Clause, word: VocabularyWord, match: Match, families: Families) -> None:
    """Says of a form that is resolved like any other that the daemon does not run it."""
    later = site.known.lexicon.later
    if word.name not in site.known.lexicon.later_words:
        return
    around = site.known.lexicon.later_in(word, families)
    if not around:
        return
    chosen = [label for label, kind in kinds_of(word.shape).items() if kind == ""]  # a word of the shape
    words = {node.name for label in chosen for node in match.nodes(label) if isinstance(node, Word)}
    said = {*match.said, *match.bound, *words}
    for family in around:
        keys = [f"{family} {word.name}", *(f"{family} {word.name} {one}" for one in sorted(said))]
        what = next((later[key] for key in keys if key in later), None)
        if what is not None:
            site.report_later(_form(clause, word), what, site.head(clause))
            return


def _form(clause: Clause, word: VocabularyWord) -> str:
    """`severity critical when x.y > 3` → `severity critical when …`."""
    said = words_of(word.shape)
    shown = [item.name if isinstance(item, Word) and item.name in said else "…" for item in clause.items]
    return " ".join(
        [clause.word, *(one for i, one in enumerate(shown) if one != "…" or shown[i - 1 : i] != ["…"])]
    )


# --- what may be missing or too much --------------------------------------------------------------------------------


def _braces_fit(site: Site, clause: Clause, word: VocabularyWord, match: Match) -> bool:
    if clause.body is None and word.body in _NEED_BRACES:
        where = (clause.line_end, clause.line_end)
        site.report("V115", f"this `{clause.word}` says nothing", where, help="write in braces what it does")
        return False
    if clause.body is not None and word.body is None and match.clause() is None and not _takes_braces(word):
        site.report("V115", f"`{clause.word}` takes no braces", site.head(clause))
        return False
    return True


def _takes_braces(word: VocabularyWord) -> bool:
    return isinstance(word, (ActionWord, ProbeWord))


def _without_repetition(site: Site, said: list[Said]) -> list[Said]:
    if len({one.word.name for one in said}) == len(said):
        return said
    first: dict[str, Said] = {}
    kept: list[Said] = []
    for one in said:
        name = one.word.name
        if name in first and not one.word.repeats and not isinstance(one.word, ActionWord):
            context = (Context(site.span(site.head(first[name].clause)), "first here"),)
            site.report(
                "V114",
                f"`{name}` stands twice",
                site.head(one.clause),
                context=context,
                help="one of them has to go",
            )
        else:
            first.setdefault(name, one)
            kept.append(one)
    return kept


def _nothing_missing(site: Site, clause: Clause, said: list[Said], families: Families, sound: bool) -> bool:
    if not sound:
        return False
    present = {one.word.name for one in said}
    missing = [word for word in site.known.lexicon.required(families) if word.name not in present]
    for word in missing:
        message = f"`{word.name}` is missing in this {clause.word}"
        site.report(
            "V113", message, site.head(clause), help=f"write, for example: {word.example.splitlines()[0]}"
        )
    return not missing


# --- messages ---------------------------------------------------------------------------------------------------------


def _report_unknown(site: Site, clause: Clause, families: Families) -> None:
    lexicon = site.known.lexicon
    name = clause.word
    homes = [home for home in lexicon.homes(name) if home not in {noun(family) for family in families}]
    near = closest(name, [*lexicon.names(families), *_own_names(site, families)])
    here = noun(families[0])
    if homes and not near:
        site.report(
            "V201",
            f"`{name}` does not belong in {here}",
            site.head(clause),
            help=f"`{name}` belongs in {homes[0]}",
        )
        return
    help_ = f"did you mean `{near}`?" if near else _known_here(lexicon, families)
    site.report("V201", f"`{name}` is no clause of {here}", site.head(clause), help=help_, replacement=near)


def _own_names(site: Site, families: Families) -> list[str]:
    return list(site.known.own_actions) if "action" in site.known.lexicon.members(families) else []


def _known_here(lexicon: Lexicon, families: Families) -> str:
    return "here may stand: " + ", ".join(sorted(set(lexicon.names(families))))


def unknown(
    site: Site, code: str, what: str, name: str, node: Node | tuple[int, int], known: list[str]
) -> None:
    """A name that is not among the known ones."""
    near = closest(name, known)
    site.report(code, what, node, help=did_you_mean(name, known), replacement=near)


def is_declared(site: Site, node: Word, kind: str) -> bool:
    """Whether a declaration of this kind has this name; says so where not.

    A broken one counts, one whose first word is misspelt, and one without a name: it may be meant.
    """
    known = site.known.of(kind)
    if node.name in known or node.name in site.known.lost or kind in site.known.nameless:
        return True
    unknown(site, "V206", f"there is no {kind} `{node.name}`", node.name, node, list(known))
    return False
