"""`expect`: what must be so at a moment of a test."""

from __future__ import annotations

from dsl import types
from dsl.lexicon import Lexicon
from dsl.match import Match
from dsl.program import ExpectAction, ExpectAlert, ExpectCount, ExpectFault, ExpectRecovery, Scene
from dsl.resolve import constants
from dsl.resolve.clauses import unknown
from dsl.resolve.event import event_type
from dsl.resolve.expected_work import expect_work, is_about_work, is_step_of
from dsl.resolve.given import given_values, name_of
from dsl.resolve.known import Group, Thing
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.subjects import bound_by
from dsl.shape import kinds_of
from dsl.syntax import Call, Compare, Node, Word
from dsl.types import Type
from dsl.vocabulary.facts import SINGLE
from dsl.vocabulary.word import ActionWord
from dsl.vocabulary.word import Word as VocabularyWord

_COUNTED = (
    *("action", "fault", "recovery", "workflow", "step", "automation", "adaptation", "maintenance"),
    *("alert", "notify", "event"),
)


def resolve_expectation(site: Site, match: Match) -> Scene | None:
    """None when something was reported."""
    if match.node("count") is not None:
        return _counted(site, match.node("count"))
    if match.has("recovery"):
        return _recovery(site, match)
    if is_about_work(match):
        return expect_work(site, match)
    if match.has("alert") or match.has("notify"):
        return _told(site, match)
    subject = _subject(site, match)
    if subject is None:
        return None
    present = not match.has("no")
    kind = match.node("action")
    if isinstance(kind, Word):
        return _begun(site, match, kind, subject, present)
    fault = match.node("fault")
    if isinstance(fault, Word) and not (
        is_declared(site, fault, "detection") and _is_about(site, fault, match)
    ):
        return None
    severity = match.word("severity") or ""
    return ExpectFault(fault.name if isinstance(fault, Word) else None, subject or None, present, severity)


def _begun(site: Site, match: Match, kind: Word, subject: str, present: bool) -> ExpectAction | None:
    if not is_action(site, kind):
        return None
    values = given_values(
        site, match.nodes("values"), _arguments(site, kind.name), f"the action `{kind.name}`"
    )
    return None if values is None else ExpectAction(kind.name, subject or None, present, values)


def _arguments(site: Site, kind: str) -> dict[str, Type]:
    """What an action of this kind is given."""
    own = site.known.own_actions.get(kind)
    if own is not None:
        return {one.name: types.named(one.type) for action in own.values() for one in action.parameters}
    lexicon = site.known.lexicon
    word = lexicon.actions[kind]
    shapes = [word.shape, *(inner.shape for name in _words_in(lexicon, word) for inner in name)]
    return dict.fromkeys((label for shape in shapes for label in kinds_of(shape)), types.ANY)


def _words_in(lexicon: Lexicon, word: ActionWord) -> list[tuple[VocabularyWord, ...]]:
    """The words of its braces."""
    families = (word.body,) if word.body else ()
    return [lexicon.forms(name, families) for name in lexicon.names(families)]


def _told(site: Site, match: Match) -> ExpectAlert | None:
    """`expect alert night to oncall`, `expect notify oncall by night`."""
    channel, rule = match.node("channel"), match.node("alert") or match.node("rule")
    if isinstance(channel, Word) and not is_declared(site, channel, "channel"):
        return None
    if isinstance(rule, Word) and not _tells(site, rule):
        return None
    names = [node.name if isinstance(node, Word) else None for node in (channel, rule)]
    return ExpectAlert(names[0], names[1], not match.has("no"))


def _tells(site: Site, node: Word) -> bool:
    """Whether an alert or a detection has this name; says so where not."""
    known = [*site.known.of("alert"), *site.known.of("detection")]
    if node.name in known or node.name in site.known.lost or {"alert", "detection"} & site.known.nameless:
        return True
    unknown(site, "V206", f"there is no alert or detection `{node.name}`", node.name, node, known)
    return False


def _subject(site: Site, match: Match) -> str | None:
    """The key after `on agent …`, "" where none is written; None when it was reported."""
    part = match.part("subject")
    if part is None:
        return ""
    kind, name = part.node("kind"), part.node("name")
    if not isinstance(kind, Word) or kind.name in site.known.unclear:
        return None
    if kind.name not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{kind.name}`", kind.name, kind, list(site.known.types))
        return None
    if name is None:
        return kind.name if kind.name in SINGLE else ""
    if kind.name == "agent" and isinstance(name, Word) and not is_declared(site, name, "agent"):
        return None
    return name_of(site, name)


def _is_about(site: Site, fault: Word, match: Match) -> bool:
    """Whether faults of this name may be about what stands behind `on`; says so where not."""
    part = match.part("subject")
    kind = part.node("kind") if part else None
    about = bound_by(site.known, fault.name)
    if about is None or not isinstance(kind, Word):
        return True
    kinds = [one.type for one in about.values() if isinstance(one, (Thing, Group))] or ["host"]
    if kind.name in kinds:
        return True
    message = f"`{fault.name}` is about {' and '.join(kinds)}, never about {kind.name}"
    site.report("V304", message, kind, help=f"write `on {kinds[0]} …`")
    return False


def _recovery(site: Site, match: Match) -> ExpectRecovery | None:
    node, step = match.node("recovery"), match.node("step")
    if not isinstance(node, Word) or not is_declared(site, node, "recovery"):
        return None
    if isinstance(step, Word) and not _is_step(site, node.name, step):
        return None
    return ExpectRecovery(
        node.name, match.word("outcome") or "", step.name if isinstance(step, Word) else None
    )


def _is_step(site: Site, recovery: str, step: Word) -> bool:
    declared = site.known.of("recovery")[recovery]
    clauses = [clause for clause in declared.clause.body or () if clause.word == "try"]
    names = [item.name for clause in clauses for item in clause.items[:1] if isinstance(item, Word)]
    if step.name in names or declared.broken:
        return True
    unknown(site, "V206", f"the recovery `{recovery}` has no step `{step.name}`", step.name, step, names)
    return False


def is_action(site: Site, node: Word) -> bool:
    """Whether there is such an action; says so where not."""
    known = [*site.known.lexicon.actions, *site.known.own_actions]
    if node.name in known:
        return True
    unknown(site, "V206", f"there is no action `{node.name}`", node.name, node, known)
    return False


# --- how many ---------------------------------------------------------------------------------------------------------


def _counted(site: Site, node: Node | None) -> ExpectCount | None:
    """`count(action restart) == 1`, `count(step orders of rebalance) == 2`."""
    words = _words_counted(node)
    if not isinstance(node, Compare) or not words or words[0].name not in _COUNTED:
        help_ = f"write `count(action restart) == 1`; counted are {', '.join(_COUNTED)}"
        if node is not None:
            site.report("V111", "expected a count", node, help=help_)
        return None
    named = _named(site, words, node)
    number = constants.count(site, node.right, least=0)
    if named is None or number is None:
        return None
    if node.operator.text not in ("==", "!=", "<", "<=", ">", ">="):
        site.report("V111", "expected a comparison with a number", node.operator)
        return None
    _mark_later(site, words)
    return ExpectCount(words[0].name, named or None, node.operator.text, float(number))


def _words_counted(node: Node | None) -> list[Word]:
    call = node.left if isinstance(node, Compare) else None
    items = call.arguments[0] if isinstance(call, Call) and len(call.arguments) == 1 else ()
    words = [item for item in items if isinstance(item, Word)]
    whole = isinstance(call, Call) and call.name == "count" and len(words) == len(items)
    return words if whole else []


def _named(site: Site, words: list[Word], node: Compare) -> str | None:
    """Of which name, "" any; None when it was reported."""
    what, rest = words[0].name, words[1:]
    if what == "step":
        if len(rest) == 3 and rest[1].name == "of":
            return f"{rest[2].name}/{rest[0].name}" if is_step_of(site, rest[0], rest[2]) else None
        site.report("V111", "which step?", node.left, help="write `count(step NAME of WORKFLOW)`")
        return None
    if len(rest) > 1:
        site.report("V112", "one name is counted at a time", rest[1], help="take it away")
        return None
    if not rest:
        return ""
    return rest[0].name if _is_counted(site, what, rest[0]) else None


def _is_counted(site: Site, what: str, name: Word) -> bool:
    if what == "action":
        return is_action(site, name)
    if what == "event":
        return event_type(site, name) is not None
    kinds = {"fault": "detection", "notify": "channel"}
    return is_declared(site, name, kinds.get(what, what))


def _mark_later(site: Site, words: list[Word]) -> None:
    """What is not expected yet is not counted either."""
    what = words[0].name
    later = site.known.lexicon.later.get(f"moment expect {what}") or site.known.lexicon.later.get(
        f"moment {what}"
    )
    if later is not None:
        site.report_later(f"count({what} …)", later, words[0])
