"""From the text of a block to its tree, and what is left of it after mistakes."""

from __future__ import annotations

from dsl.parser import MAX_LENGTH, MAX_MISTAKES, parse_block
from dsl.syntax import And, Chain, Clause, Comma, Compare, Equals, Named, Not, Or, Path, Quantity, Text, Word
from tests.dsl.checking import checked, short


def _clause(text: str) -> Clause:
    parsed = parse_block(text)
    assert parsed.mistakes == ()
    return parsed.clause


def test_a_clause_is_a_word_its_values_and_a_body() -> None:
    clause = _clause("try restart { restart agent; verify within 60s }  # comment")
    assert clause.word == "try"
    assert [type(item) for item in clause.items] == [Word]
    assert [inner.word for inner in clause.body or ()] == ["restart", "verify"]


def test_a_line_that_begins_with_an_operator_continues_the_one_before() -> None:
    clause = _clause("x {\n    when a.b == 1\n        and c.d\n        or not e.f\n    y\n}")
    (condition,) = (clause.body or ())[0].items
    assert isinstance(condition, Or)
    assert [type(operand) for operand in condition.operands] == [And, Not]
    assert len(clause.body or ()) == 2


def test_lists_run_over_lines() -> None:
    clause = _clause('unit process [\n    "a",\n    "b",\n]')
    assert len(clause.items) == 2


def test_precedence() -> None:
    (item,) = _clause("x a + b * c > d").items
    assert isinstance(item, Compare)
    assert isinstance(item.left, Chain)
    assert isinstance(item.left.rest[0][1], Chain)


def test_not_twice_is_nothing() -> None:
    assert isinstance(_clause("x not not a").items[0], Word)
    assert isinstance(_clause("x not not not a").items[0], Not)


def test_names_may_be_words_of_other_places() -> None:
    clause = _clause('given order where: "x", for: 1')
    assert [type(item) for item in clause.items if not isinstance(item, Comma)] == [Word, Named, Named]


def test_values_stand_side_by_side() -> None:
    clause = _clause("when a.b for 1h30m")
    assert [type(item) for item in clause.items] == [Path, Word, Quantity]
    clause = _clause('let x = "y"')
    assert [type(item) for item in clause.items] == [Word, Equals, Text]


def test_offsets_are_those_of_the_text() -> None:
    text = "x { when since(a.b)  > 5s }"
    (item,) = ((_clause(text).body or ())[0]).items
    assert text[item.start : item.end] == "since(a.b)  > 5s"


# --- what is left after mistakes ----------------------------------------------------------------------------------------


def test_a_mistake_takes_its_line_and_nothing_else() -> None:
    parsed = parse_block('x a {\n    b && c\n    d "e"\n    f {\n        g )\n        h 1\n    }\n}')
    assert [mistake.code for mistake in parsed.mistakes] == ["V104", "V109"]
    body = {clause.word: clause for clause in parsed.clause.body or ()}
    assert body["b"].broken
    assert not body["d"].broken
    assert [clause.word for clause in body["f"].body or ()] == ["g", "h"]


def test_five_mistakes_of_five_kinds_are_five_findings_at_their_places() -> None:
    found = checked(
        """\
        channel oncall { url "log:" }
        detection one {
            for each agent
            category agent
            severity: critical
            when agent.staus == "down" for 15s
            unless agent.paused && agent.wanted
            notify oncal
        }
        recovery two {
            on fault one
            try restart { restart agent; verify within 60s }
            limit 3 per 1h by agent
        }
        let other = "unclosed
        """
    )
    assert short(found.findings) == [
        (5, 13, "V110"),
        (6, 16, "V204"),
        (7, 25, "V109"),
        (8, 12, "V206"),
        (15, 13, "V102"),
    ]
    assert found.program is None


def test_too_many_mistakes_in_one_declaration_end_in_one_more() -> None:
    text = "detection a {\n" + "    when &&\n" * 50 + "}"
    parsed = parse_block(text)
    assert [mistake.code for mistake in parsed.mistakes] == ["V109"] * MAX_MISTAKES + ["V107"]
    assert (parsed.clause.word, parsed.clause.items[0], parsed.clause.broken) == (
        "detection",
        Word(10, 11, "a"),
        True,
    )


def test_a_declaration_that_is_too_long_is_refused_unread() -> None:
    parsed = parse_block("detection a {\n" + "    when b\n" * (MAX_LENGTH // 10) + "}")
    assert [mistake.code for mistake in parsed.mistakes] == ["V106"]


def test_no_depth_exhausts_the_stack() -> None:
    for text in (
        "let x = " + "(" * 30_000,
        "let x = " + "[" * 30_000 + "]" * 30_000,
        "x " + "{ y " * 15_000,
        "let x = " + "not " * 15_000 + "a",
        "let x = " + "-" * 60_000,
        "let x = 1" + " + 1" * 15_000,
        "let x = " + "(1 + " * 15 + "1" + ")" * 15,
        "let x = " + "((1" + " + 1" * 55 + ")" + " + 1" * 55 + ")",
        "let x = a" + ".b" * 30_000,
        'let x = "' + "{" * 30_000 + '"',
        'let x = "' + "{(" * 10_000 + '"',
        "".join(f"let a{i} = a{i + 1}\n" for i in range(2_000)),
        "".join(f"agent a{i} {{ needs a{i + 1} }}\n" for i in range(2_000)) + "agent a2000 { needs a0 }",
        "detection a { for each agent; category agent; when agent.name matches '" + "(" * 900 + "' }",
    ):
        assert checked(text).findings


def test_repeated_pieces_cost_what_they_are_long() -> None:
    """Each of these took minutes when some step looked at everything behind it again and again."""
    for text in (
        'detection a {\n message "' + "{" * 60_000 + "x\n}",
        "let x = " + "a" * 60_000 + " =",
        "let x = 3" + "\n" * 60_000 + " + = 4",
        'let x = "' + "{a}" * 20_000 + '"',
        "agent x {\n" + "a\n" * 60_000,
        "foo\n" * 60_000,
        "".join(f"detection d{i} {{ category agent; when host.cpu > 5%; notify x{i} }}\n" for i in range(600))
        + "".join(f'channel c{i} {{ url "log:" }}\n' for i in range(600)),
    ):
        assert checked(text).findings


def test_many_findings_are_bounded() -> None:
    found = checked("foo\n" * 5_000)
    assert len(found.findings) == 501
    assert "V107" in {finding.code for finding in found.findings}
