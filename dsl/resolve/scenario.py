"""`test`: a scenario on the virtual clock."""

from __future__ import annotations

from dsl.expressions import Constant, MapOf
from dsl.match import Match
from dsl.program import (
    ActionBehaves,
    ExpectAction,
    ExpectCount,
    ExpectFault,
    ExpectRecovery,
    LoseFact,
    Scene,
    SetFact,
    TestCase,
    TestStep,
)
from dsl.resolve import constants
from dsl.resolve.clauses import Said, read_body, read_clause, unknown
from dsl.resolve.expected_work import expect_work, is_about_work, run_work
from dsl.resolve.expression import of_type
from dsl.resolve.known import Declared
from dsl.resolve.scope import EMPTY
from dsl.resolve.setting_facts import fact_type, field_of
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.typed import is_closed
from dsl.syntax import Call, Compare, Named, Node, Text, Word
from dsl.vocabulary.facts import SINGLE

_COUNTED = ("action", "fault", "recovery", "workflow", "automation", "adaptation", "maintenance")


def resolve_test(site: Site, declared: Declared) -> TestCase | None:
    body = read_body(site, declared.clause, ("test",))
    steps = [_step(site, said) for said in body.said]
    whole = tuple(step for step in steps if step is not None)
    if len(whole) != len(steps) or not body.sound:
        return None
    return TestCase(declared.name, whole, site.place(declared.clause))


def _step(site: Site, said: Said) -> TestStep | None:
    if said.word.name == "at":
        return _at(site, said)
    if said.word.name == "every":
        return _every(site, said)
    return _made(site, said, said, 0.0)


def _at(site: Site, said: Said) -> TestStep | None:
    node, clause = said.match.node("at"), said.match.clause()
    at = None if node is None else constants.duration(site, node, zero=True)
    moment = None if clause is None else read_clause(site, clause, ("moment",))
    if moment is None or (node is not None and at is None):
        return None
    return _made(site, said, moment, at)


def _every(site: Site, said: Said) -> TestStep | None:
    node, clause = said.match.node("every"), said.match.clause()
    every = None if node is None else constants.duration(site, node)
    moment = None if clause is None else read_clause(site, clause, ("moment",))
    if moment is None or every is None:
        return None
    return _made(site, said, moment, 0.0, every)


def _made(
    site: Site, said: Said, moment: Said, at: float | None, repeat: float | None = None
) -> TestStep | None:
    what = _moment(site, moment)
    if what is None:
        return None
    clause = said.clause
    return TestStep(at, what, site.place(clause), site.text(clause.start, clause.line_end), repeat)


def _moment(site: Site, said: Said) -> Scene | None:
    match said.word.name:
        case "given" | "set":
            return _set(site, said)
        case "lose":
            return _lose(site, said)
        case "action":
            kind = said.match.node("action")
            outcome = "fails" if said.match.word("outcome") == "fails" else "succeeds"
            return (
                ActionBehaves(kind.name, outcome)
                if isinstance(kind, Word) and _is_action(site, kind)
                else None
            )
        case "run":
            return run_work(site, said)
        case _:
            return _expect(site, said.match)


# --- what is seen -------------------------------------------------------------------------------------------------------


def _set(site: Site, said: Said) -> SetFact | None:
    kind = fact_type(site, said.match.node("type"))
    if kind is None:
        return None
    key = _key(site, said, kind.name)
    values: list[tuple[str, object]] = []
    for node in said.match.nodes("values"):
        if not isinstance(node, Named):
            continue
        wanted = field_of(site, kind, node.name, (node.start, node.name_end))
        expression = None if wanted is None else of_type(site, EMPTY, node.value, wanted)
        if expression is None:
            return None
        if not isinstance(expression, (Constant, MapOf)) or not is_closed(expression):
            site.report("V306", "a test gives plain values", node.value)
            return None
        values.append((node.name, constants.plain(expression)))
    return None if key is None else SetFact(kind.name, key, tuple(values))


def _lose(site: Site, said: Said) -> LoseFact | None:
    kind = fact_type(site, said.match.node("type"))
    key = None if kind is None else _key(site, said, kind.name)
    return None if kind is None or key is None else LoseFact(kind.name, key)


def _key(site: Site, said: Said, kind: str) -> str | None:
    """Which one; of the single things there is one."""
    node = said.match.node("key")
    if node is None:
        if kind in SINGLE:
            return kind
        site.report(
            "V209",
            f"which {kind}?",
            said.match.node("type") or site.head(said.clause),
            help=f"write `{kind} NAME`",
        )
        return None
    if kind == "agent" and isinstance(node, Word) and not is_declared(site, node, "agent"):
        return None
    return _name(site, node)


def _name(site: Site, node: Node) -> str | None:
    if isinstance(node, Word):
        return node.name
    if isinstance(node, Text):
        return constants.text(site, node)
    site.report("V306", "a test names things as they are", node, help='write a name, or a text: "BTC-USD"')
    return None


# --- what must be so ----------------------------------------------------------------------------------------------------


def _expect(site: Site, match: Match) -> Scene | None:
    if match.node("count") is not None:
        return _counted(site, match.node("count"))
    if match.has("recovery"):
        return _recovery(site, match)
    if is_about_work(match):
        return expect_work(site, match)
    subject = _subject(site, match)
    if subject is None:
        return None
    present = not match.has("no")
    kind = match.node("action")
    if isinstance(kind, Word):
        return ExpectAction(kind.name, subject or None, present) if _is_action(site, kind) else None
    fault = match.node("fault")
    if isinstance(fault, Word) and not is_declared(site, fault, "detection"):
        return None
    return ExpectFault(fault.name if isinstance(fault, Word) else None, subject or None, present)


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
    return _name(site, name)


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


def _is_action(site: Site, node: Word) -> bool:
    known = [*site.known.lexicon.actions, *site.known.own_actions]
    if node.name in known:
        return True
    unknown(site, "V206", f"there is no action `{node.name}`", node.name, node, known)
    return False


def _counted(site: Site, node: Node | None) -> ExpectCount | None:
    """`count(action restart) == 1`."""
    call = node.left if isinstance(node, Compare) else None
    items = (
        call.arguments[0]
        if isinstance(call, Call) and call.name == "count" and len(call.arguments) == 1
        else ()
    )
    words = [item.name for item in items if isinstance(item, Word)]
    if (
        not isinstance(node, Compare)
        or not words
        or len(words) != len(items)
        or len(words) > 2
        or words[0] not in _COUNTED
    ):
        help_ = "write `count(action restart) == 1`; faults, recoveries and work are counted in the same way"
        if node is not None:
            site.report("V111", "expected a count", node, help=help_)
        return None
    name = items[1] if len(items) > 1 else None
    if isinstance(name, Word) and not _is_counted(site, words[0], name):
        return None
    number = constants.count(site, node.right, least=0)
    if number is None:
        return None
    if node.operator.text not in ("==", "!=", "<", "<=", ">", ">="):
        site.report("V111", "expected a comparison with a number", node.operator)
        return None
    return ExpectCount(words[0], words[1] if len(words) > 1 else None, node.operator.text, float(number))


def _is_counted(site: Site, what: str, name: Word) -> bool:
    if what == "action":
        return _is_action(site, name)
    return is_declared(site, name, "detection" if what == "fault" else what)
