"""What becomes of each construct of PromQL; what cannot be said, and why; what is no rule file."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.importing.prometheus.files import Imported, Names, imported
from daemon.importing.prometheus.reading import Unreadable, read
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.format import format_source
from dsl.lexicon import lexicon
from dsl.source import Source

SAID = (
    "up == 0",
    "3 < load",
    "load > -2",
    "abs(skew) > 0.5",
    "errors / total * 100 > 5 and total > 10",
    "(used - free) / total > 0.9",
    "-load < 1",
    "minutes % 60 == 0",
    'x{a="1",b!="2",c=~"3|4",d!~"5.*",e="",f=~".+",g!~".+",h=~"same"} > 0',
    "rate(errors_total[5m]) > 5",
    "increase(errors_total[1h30m]) > 5",
    "increase(errors_total[1h] offset 1d) > 5",
    "deriv(depth[1h]) > 0 and delta(depth[1h]) > 100",
    "changes(up[15m]) > 3",
    "avg_over_time(load[5m]) > 1 or max_over_time(load[5m]) > 10",
    "stddev_over_time(load[5m]) > 2",
    "quantile_over_time(0.9, load[5m]) > 3",
    "avg_over_time((used / total)[1h:1m]) > 0.5",
    "load - load offset 1h > 3",
    "predict_linear(free[6h], 4 * 24 * 3600) < 0",
    "time() - last_success > 2 * 3600",
    "expires - time() < 86400",
    "time() - max by (job) (last_success) > 3600",
    "time() - max_over_time(last_success[1d]) > 3600",
    "sum(load) > 3",
    "sum by (job, code) (rate(requests_total[5m])) == 0",
    "sum by (job) (rate(requests_total{code=~'5..'}[5m])) / sum by (job) (rate(requests_total[5m])) > 0.05",
    "min(load) < 1 and max(load) > 5",
    "count(up == 0) by (job) > 2",
    "count(count by (version) (build)) > 1",
    "absent(up{job='shop'})",
    "histogram_quantile(0.99, sum by (le, job) (rate(seconds_bucket[5m]))) > 1",
    "histogram_quantile(0.5, rate(seconds_bucket[5m])) > 1",
    "used > 3 and on (job) up == 1",
    "used > 3 unless on (job, instance) paused == 1",
    "used / on (job) group_left sum by (job) (total) > 0.5",
    "total - on (job) group_right () used > 0",
    "job:errors:rate5m > 1",
    "load unless paused",
)
UNSAID = (
    "sum without (instance) (load) > 1",
    "load > ignoring (mode) used",
    "topk(3, load) > 1",
    "floor(load) > 1",
    "sum(max by (job) (load)) > 1",
    "load > bool 1",
    "load @ 10 > 1",
    '{job="a"} > 1',
    "unknown:recording > 1",
    "load > on (job) sum(used)",
    "load and sum by (job) (used)",
    "(load or used) > 1",
    "1 > 0",
    "load >",
    'load{series="1"} > 1',
    "abs(load)",
    "load ^ 2 > 1",
)


def made(*expressions: str) -> Imported:
    lines = ["groups:", "- name: g", "  rules:"]
    lines += ["  - record: job:errors:rate5m", "    expr: sum by (job) (rate(errors_total[5m]))"]
    for number, expression in enumerate(expressions):
        lines += [
            f"  - alert: A{number}",
            f"    expr: {expression!r}" if "'" not in expression else f'    expr: "{expression}"',
        ]
        lines += ["    annotations: { description: 'it is {{ $value }} of {{ $labels.job }}' }"]
    return imported([read("all.yml", "\n".join(lines))])


def test_what_is_said(snapshot: SnapshotAssertion) -> None:
    assert made(*SAID).text == snapshot
    assert [note for note in made(*SAID).notes if note.lost] == []


def test_what_becomes_of_it_is_in_order() -> None:
    text = made(*SAID).text
    assert check([Source("all", text)], vocabulary()).errors == ()
    formatted = format_source(Source("all", text), lexicon(vocabulary()).families["file"])
    assert formatted.text == text


@pytest.mark.parametrize("expression", SAID)
def test_each_of_them_alone_is_in_order(expression: str) -> None:
    found = made(expression)
    assert check([Source("all", found.text)], vocabulary()).errors == ()


def test_what_is_not_said_is_told_with_its_reason(snapshot: SnapshotAssertion) -> None:
    found = made(*UNSAID)
    assert [f"{UNSAID[int(note.alert[1:])]}: {note.reason}" for note in found.notes if note.lost] == snapshot
    assert found.translated == 0
    assert found.text.count("is not here") == len(UNSAID)
    assert check([Source("all", found.text)], vocabulary()).errors == ()


def test_files_that_are_made_together_share_no_name() -> None:
    names = Names()
    text = "groups: [{name: g, rules: [{alert: A, expr: x > 1}, {alert: A, expr: x > 2}]}]"
    texts = [imported([read(name, text)], names).text for name in ("a/shop.yml", "b/shop.yml", "host.yml")]
    sources = [Source(str(number), one) for number, one in enumerate(texts)]
    assert check(sources, vocabulary()).errors == ()
    assert "detection A_6" in texts[-1]
    assert "fact host_series" in texts[-1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no list `groups`"),
        ("groups: {}", "there is no list `groups`"),
        ("[", "this is no YAML"),
        ("\x00", "this is no YAML"),
        ("[" * 100_000, "it is nested too deep"),
        ("#" * (9 << 20), "it has more than 8 MiB"),
    ],
)
def test_what_is_no_rule_file(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read("a.yml", text)


@pytest.mark.parametrize(
    "text",
    [
        "groups: &a [*a]",
        "groups: [{rules: &a [*a]}]",
        "groups: [{rules: [&a {alert: *a, expr: *a, labels: *a, annotations: *a}]}]",
        "groups: [{rules: [{alert: [], expr: {}, for: [], labels: 3}]}]",
        "groups: [{rules: [3, null, {record: x}, {}]}]",
        "groups: [null, 3, {rules: 3}]",
        'groups: [{rules: [{alert: "A\\n}", expr: x > 1, annotations: {summary: "\\0 }\\n{x}"}}]}]',
        "groups: [{rules: [{alert: A, expr: " + "(" * 5000 + "x" + ")" * 5000 + "}]}]",
        "groups: [{rules: [{alert: A, expr: " + "-" * 50_000 + "x}]}]",
        "groups: [{rules: [{alert: A, expr: '" + "+".join(["x"] * 2000) + " > 1'}]}]",
        "groups: [{rules: [{record: a, expr: a}, {alert: A, expr: a > 1}]}]",
    ],
)
def test_what_is_odd_does_no_harm(text: str) -> None:
    found = imported([read("a.yml", text)])
    assert found.translated + sum(note.lost for note in found.notes) == found.alerts
    assert check([Source("a", found.text)], vocabulary()).errors == ()
