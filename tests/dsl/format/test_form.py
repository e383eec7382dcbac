"""The one form in which rules are written, by examples."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dsl.format import format_source
from dsl.source import Source

DECLARATIONS = frozenset(
    {"agent", "detection", "recovery", "let", "test", "probe", "workflow", "use", "language"}
)


def formatted(text: str) -> str:
    done = format_source(Source("x.rules", text), DECLARATIONS)
    assert done.findings == ()
    return done.text


def check(before: str, after: str) -> None:
    assert formatted(dedent(before)) == dedent(after)
    assert formatted(dedent(after)) == dedent(after)


def test_values_stand_below_each_other() -> None:
    check(
        """\
        detection  agent_down   "It is down"{
          for   each agent
          severity critical
            when agent.status=="down"for 15s
          inhibited by fault other
          tags "a","b"
        }
        """,
        """\
        detection agent_down "It is down" {
            for each agent
            severity critical
            when     agent.status == "down" for 15s
            inhibited by fault other
            tags     "a", "b"
        }
        """,
    )


def test_parts_of_a_rule_stand_out_and_neighbours_align_their_braces() -> None:
    check(
        """\
        recovery revive {
            on fault agent_down
            try reconnect { reconnect on agent x; verify within 30s }
            try restart { restart agent x;   verify within 30s; }
            otherwise { notify oncall "x" }
            limit 3 per 1h by agent
        }
        probe a { http get "x"; every 1s }
        probe longer { http get "y"; every 1s }
        let a = 1
        let abc = 2

        let abcdef = 3
        """,
        """\
        recovery revive {
            on    fault agent_down
            try reconnect { reconnect on agent x; verify within 30s }
            try restart   { restart agent x; verify within 30s }
            otherwise { notify oncall "x" }
            limit 3 per 1h by agent
        }
        probe a      { http get "x"; every 1s }
        probe longer { http get "y"; every 1s }
        let a   = 1
        let abc = 2

        let abcdef = 3
        """,
    )


def test_moments_of_a_test_take_one_column() -> None:
    check(
        """\
        test "x" {
            given agent a status: "up"
            at 1m set agent a status: "down"
            at 10s expect no fault
            at 11m30s expect fault
        }
        """,
        """\
        test "x" {
            given  agent a status: "up"
            at 1m  set agent a status: "down"
            at 10s expect no fault
            at 11m30s expect fault
        }
        """,
    )


def test_every_comment_stays_where_it_is_said() -> None:
    check(
        """\
        # of the file


        # of the declaration
        agent a { # behind the brace
            # before a clause
            needs b, # behind a comma
                c  # behind the last
            labels x: [ # in a list
                "a", # of an element
                # of its own
                "b"
                # at the end of the list
            ]
            # before the brace
        } # behind the end
        # at the end of the file""",
        """\
        # of the file

        # of the declaration
        agent a {                                            # behind the brace
            # before a clause
            needs b,                                         # behind a comma
                  c                                          # behind the last
            labels x: [                                      # in a list
                "a",                                         # of an element
                # of its own
                "b"
                # at the end of the list
            ]
            # before the brace
        }                                                    # behind the end
        # at the end of the file
        """,
    )


def test_an_operator_begins_the_line_that_it_continues() -> None:
    check(
        """\
        detection d {
            severity error
            when a > 1 and # first
              b > 2
              + 3 or
              c
        }
        """,
        """\
        detection d {
            severity error
            when     a > 1                                   # first
                 and b > 2
                   + 3
                  or c
        }
        """,
    )


def test_what_was_written_on_one_line_stays_there_as_long_as_it_fits() -> None:
    long = '"' + "x" * 50 + '"'
    check(
        f"""\
        agent a {{
            unit process ["a", {long}] {{ directory "/" }}
            unit process ["a", {long}, {long}]
            health http "x" {{ every 5s; timeout 1s; expect reply.status == 200 and reply.body.status == {long} }}
            ready http "x" {{
                every 5s; timeout 1s
                expect x == {long} and y == {long}
            }}
        }}
        """,
        f"""\
        agent a {{
            unit process ["a", {long}] {{ directory "/" }}
            unit process [
                "a", {long}, {long}
            ]
            health http "x" {{
                every   5s
                timeout 1s
                expect  reply.status == 200 and reply.body.status == {long}
            }}
            ready http "x" {{
                every 5s; timeout 1s
                expect x == {long}
                   and y == {long}
            }}
        }}
        """,
    )


def test_long_conditions_and_calculations_hang_below_their_values() -> None:
    check(
        """\
        detection d {
            severity error
            when sum(rate(http_requests.value over 5m) where http_requests.code matches '5..') / sum(rate(http_requests.value over 5m)) > 5%
            until agent.status == "up" and (agent.latency < 1s or agent.latency > 50s) and since(agent.since) > 10m or host.cpu > 90%
        }
        let x = some_rather_long_constant * another_rather_long_constant + and_one_more_of_them_that_is_longer mod 3 - the_last_of_these_constants
        """,
        """\
        detection d {
            severity error
            when     sum(rate(http_requests.value over 5m) where http_requests.code matches '5..')
                   / sum(rate(http_requests.value over 5m)) > 5%
            until    agent.status == "up" and (agent.latency < 1s or agent.latency > 50s) and since(agent.since) > 10m
                  or host.cpu > 90%
        }
        let x = some_rather_long_constant * another_rather_long_constant
              + and_one_more_of_them_that_is_longer mod 3
              - the_last_of_these_constants
        """,
    )


def test_a_comment_that_silences_keeps_its_line() -> None:
    long = '"' + "x" * 70 + '"'
    text = f"""\
    detection d {{
        when x == {long} and y == {long}  # volexd: allow V412 because it is meant
        # volexd: allow V412 because it is meant
        until x == {long} and y == {long}
    }}
    """
    done = formatted(dedent(text))
    assert [line.count("==") for line in done.splitlines() if "==" in line] == [2, 2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only this", "# only this\n"),
        ("language 1", "language 1\n"),
        ("\n\n  # c  \nlanguage 1\n\n\n\n", "# c\nlanguage 1\n"),
        ("let x = [1,2,]", "let x = [1, 2]\n"),
        ("let x = [\n  1,\n  2,\n]", "let x = [\n    1,\n    2,\n]\n"),
        ("let x = -  3", "let x = -3\n"),
        ('let x = { a : 1 , "b c": {} }', 'let x = {a: 1, "b c": {}}\n'),
        ("let x = not   in_it", "let x = not in_it\n"),
        ("agent a {\n\n  needs b;;\n}\n", "agent a {\n    needs b\n}\n"),
        ("agent a { }", "agent a {}\n"),
        ("let a = 1 # b\n# c\n ;\n", "let a = 1                                            # b\n# c\n"),
        ("let # c\n   = 3", "let                                                  # c\n  = 3\n"),
        ("agent a { # c\n}", "agent a {                                            # c\n}\n"),
        ("agent a { needs b\n}\n", "agent a {\n    needs b\n}\n"),
    ],
)
def test_small_things(before: str, after: str) -> None:
    assert formatted(before) == after


def test_what_does_not_parse_is_left_and_the_rest_is_formatted() -> None:
    text = "let   a=1\nagent a {\n  needs  ((\n}\n   # said of b\nlet   b=2\n"
    done = format_source(Source("x.rules", text), DECLARATIONS)
    assert done.text == "let a = 1\nagent a {\n  needs  ((\n}\n   # said of b\nlet b = 2\n"
    assert [finding.code for finding in done.findings] == ["V103"]
    assert done.findings[0].span.line == 3


def test_what_stands_outside_of_declarations_is_left() -> None:
    done = format_source(Source("x.rules", "  stray  thing\nlet   a=1\n+ 2\n"), DECLARATIONS)
    assert done.text == "  stray  thing\nlet a = 1\n+ 2\n"
    assert {finding.code for finding in done.findings} == {"V108"}
