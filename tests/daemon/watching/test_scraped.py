"""Facts that are made of scraped series: text over HTTP in, facts out."""

from __future__ import annotations

import asyncio

import pytest

from daemon.probes.probe import ProbeFailure
from daemon.probes.prometheus import read
from daemon.watching.scraped import facts_of, scraped
from dsl.expressions import Arithmetic, Field
from dsl.program import FactField, FactType
from tests.daemon.probes.looks import reply
from tests.daemon.watching.test_intake import Keeper
from tests.daemon.worlds import a_server, a_world, http_reply

METRICS = """\
# HELP node_filesystem_avail_bytes Space left.
# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{device="/dev/sda1",mountpoint="/"} 5e+09
node_filesystem_avail_bytes{device="/dev/sdb1",mountpoint="/var"} 1e+09
node_filesystem_size_bytes{device="/dev/sda1",mountpoint="/"} 1e+10
node_load1 0.5
# TYPE latency_seconds histogram
latency_seconds_bucket{job="a",le="0.1"} 3
latency_seconds_bucket{job="a",le="+Inf"} 4
latency_seconds_sum{job="a"} 0.6
latency_seconds_count{job="a"} 4
broken NaN
"""
ITEM = "item"
FILESYSTEM = FactType(
    "filesystem",
    "",
    (FactField("mountpoint", "text"),),
    (
        FactField("free", "size", computed=Field(ITEM, ("node_filesystem_avail_bytes",))),
        FactField(
            "used",
            "size",
            computed=Arithmetic(
                "-",
                Field(ITEM, ("node_filesystem_size_bytes",)),
                Field(ITEM, ("node_filesystem_avail_bytes",)),
            ),
        ),
    ),
    series_of="node",
)


def facts(kind: FactType, text: str = METRICS) -> tuple[dict[str, dict[str, object]], list[str]]:
    door = Keeper()
    found = facts_of(read(text, 0.0)[0], scraped(kind), 0.0, door)
    return found.facts, [refusal.sentence for refusal in door.refused]


def test_series_that_agree_in_the_keys_are_one_fact() -> None:
    assert facts(FILESYSTEM) == (
        {
            "/": {"mountpoint": "/", "free": 5e9, "used": 5e9},
            "/var": {"mountpoint": "/var", "free": 1e9, "used": None},
        },
        [],
    )


def test_a_label_that_is_missing_is_the_empty_text() -> None:
    kind = FactType(
        "load",
        "",
        (FactField("instance", "text"),),
        (FactField("value", "number", computed=Field(ITEM, ("node_load1",))),),
    )
    assert facts(kind)[0] == {"": {"instance": "", "value": 0.5}}


def test_the_buckets_of_a_histogram_are_one_value() -> None:
    kind = FactType(
        "latency",
        "",
        (FactField("job", "text"),),
        (FactField("seconds", "histogram", computed=Field(ITEM, ("latency_seconds",))),),
    )
    assert facts(kind)[0] == {"a": {"job": "a", "seconds": {"0.1": 3.0, "+Inf": 4.0}}}


def test_series_that_no_key_tells_apart_are_said_so() -> None:
    kind = FactType(
        "space",
        "",
        (FactField("host", "text"),),
        (FactField("free", "size", computed=Field(ITEM, ("node_filesystem_avail_bytes",))),),
    )
    found, said = facts(kind)
    assert found == {"": {"host": "", "free": 5e9}}
    assert "differ in labels that are no key of space" in said[0]


WIDE = FactType(
    "node",
    "",
    (FactField("series", "text"),),
    (
        FactField("labels", "map"),
        FactField("device", "text", computed=Field(ITEM, ("labels", "device"))),
        FactField("free", "size", computed=Field(ITEM, ("node_filesystem_avail_bytes",))),
        FactField("total", "size", computed=Field(ITEM, ("node_filesystem_size_bytes",))),
        FactField("load", "number", computed=Field(ITEM, ("node_load1",))),
    ),
)


def test_a_key_series_stands_for_all_labels() -> None:
    found = facts(WIDE)[0]
    assert list(found) == [
        '{device="/dev/sda1",mountpoint="/"}',
        '{device="/dev/sdb1",mountpoint="/var"}',
        "{}",
    ]
    assert found['{device="/dev/sda1",mountpoint="/"}'] == {
        "series": '{device="/dev/sda1",mountpoint="/"}',
        "labels": {"device": "/dev/sda1", "mountpoint": "/"},
        "device": "/dev/sda1",
        "free": 5e9,
        "total": 1e10,
        "load": None,
    }
    assert found["{}"]["labels"] == {}
    assert found["{}"]["device"] == ""


def test_labels_stand_in_the_order_of_their_names_and_are_escaped() -> None:
    found = facts(WIDE, 'node_load1{b="2",a="say \\"x\\"\\n\\\\"} 1\n')[0]
    assert list(found) == ['{a="say \\"x\\"\\n\\\\",b="2"}']
    assert next(iter(found.values()))["labels"] == {"a": 'say "x"\n\\', "b": "2"}


def test_the_bound_of_a_bucket_is_no_label_of_its_histogram() -> None:
    kind = FactType(
        "latency",
        "",
        (FactField("series", "text"),),
        (
            FactField("labels", "map"),
            FactField("seconds", "histogram", computed=Field(ITEM, ("latency_seconds_bucket",))),
            FactField("count", "number", computed=Field(ITEM, ("latency_seconds_count",))),
        ),
    )
    assert facts(kind)[0] == {
        '{job="a"}': {
            "series": '{job="a"}',
            "labels": {"job": "a"},
            "seconds": {"0.1": 3.0, "+Inf": 4.0},
            "count": 4.0,
        }
    }


def test_labels_are_those_that_all_series_of_a_fact_have_in_common() -> None:
    kind = FactType(
        "disk",
        "",
        (FactField("mountpoint", "text"),),
        (
            FactField("labels", "map"),
            FactField("free", "size", computed=Field(ITEM, ("free",))),
            FactField("total", "size", computed=Field(ITEM, ("total",))),
        ),
    )
    text = 'free{mountpoint="/",job="n",of="a"} 1\ntotal{mountpoint="/",job="n",of="b"} 2\n'
    assert facts(kind, text)[0]["/"]["labels"] == {"mountpoint": "/", "job": "n"}


def test_what_is_no_number_is_unknown() -> None:
    kind = FactType(
        "b",
        "",
        (FactField("job", "text"),),
        (FactField("value", "number", computed=Field(ITEM, ("broken",))),),
    )
    assert facts(kind)[0] == {}


def test_rubbish_is_a_failure() -> None:
    with pytest.raises(ProbeFailure, match="these are no metrics"):
        read('node_load1{x="} 3 3 3 3', 0.0)


async def scrape() -> dict[str, object]:
    async with a_server(lambda head: http_reply(METRICS, kind="text/plain")) as url, a_world() as (world, _):
        found = await reply(world, "prometheus", url=f"{url}/metrics")
        return {name: found[name] for name in ("status", "series")}


def test_a_real_scrape() -> None:
    assert asyncio.run(scrape()) == {"status": 200, "series": 9.0}
