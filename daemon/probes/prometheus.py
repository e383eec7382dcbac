"""prometheus URL"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daemon.probes.probe import ProbeFailure, Reply, text_of
from daemon.world.written import one_line
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="prometheus",
    inside=("probe kind",),
    shape="url:URL",
    body="http request",
    doc=(
        "Scrapes metrics as Prometheus does, at most 16 MiB of them. Facts are made of them by `fact NAME from prometheus PROBE`: a key is "
        "a label, a field a series. Without `expect`, an answer that can be read is good."
    ),
    example='prometheus "http://127.0.0.1:9100/metrics"',
    reply={"status": "number", "series": "number", "duration": "duration"},
    health=False,
)
SAMPLES = (
    "samples"  # what rules do not see of the reply: (name, labels, value), from which the facts are made
)
LEFT_OUT = "left out"  # and this: what is not among them because of its own time
OLDEST = 300.0  # seconds: as old may a sample with a time of its own be; Prometheus looks back so far
NEWEST = 60.0  # seconds that it may lie ahead: clocks differ
_LONG = 1 << 16  # characters: a longer text is read in another thread, so that nobody waits for it
_BODY_LIMIT = 16 << 20
_ACCEPTED = "text/plain;version=0.0.4;q=1,*/*;q=0.1"

Sample = tuple[str, Mapping[str, str], float]
LeftOut = Mapping[tuple[str, str], int]  # name and reason to how many


async def look(settings: Mapping[str, object], world: World) -> Reply:
    import asyncio

    from daemon.actions.http import headers_of
    from daemon.world.http import HttpFailure, Request

    headers = {"Accept": _ACCEPTED, **headers_of(settings.get("headers"))}
    try:
        reply = await world.http.fetch(Request("GET", text_of(settings, "url"), headers, None), _BODY_LIMIT)
    except HttpFailure as error:
        raise ProbeFailure(str(error)) from error
    if not 200 <= reply.status < 300:
        raise ProbeFailure(f"HTTP {reply.status}: {one_line(reply.text, 200)}")
    if not reply.complete:
        raise ProbeFailure(f"the metrics are longer than {_BODY_LIMIT >> 20} MiB")
    text, now = reply.text, world.now()
    if len(text) < _LONG:
        samples, left_out = read(text, now)
    else:
        samples, left_out = await asyncio.to_thread(read, text, now)
    return {
        "status": reply.status,
        "series": float(len(samples)),
        "duration": reply.duration,
        SAMPLES: samples,
        LEFT_OUT: left_out,
    }


def read(text: str, now: float) -> tuple[list[Sample], LeftOut]:
    """What a text in the exposition format says; samples whose own time is too far from `now` apart. Raises ProbeFailure."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = text_string_to_metric_families(text)
        found = [one for family in families for one in family.samples]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise ProbeFailure(f"these are no metrics: {one_line(str(error), 120)}") from error
    left_out: Counter[tuple[str, str]] = Counter()
    samples: list[Sample] = []
    for one in found:
        reason = _out_of_time(one.timestamp, now)
        if reason:
            left_out[one.name, reason] += 1
        else:
            samples.append((one.name, one.labels, one.value))
    return samples, left_out


def _out_of_time(timestamp: Any, now: float) -> str:
    """Why it is not taken, "" if it is."""
    if timestamp is None:
        return ""
    at = float(timestamp)
    if at > now + NEWEST:
        return "early"
    return "" if at >= now - OLDEST else "late"


def healthy(reply: Reply) -> bool:
    return True


def described(reply: Reply) -> str:
    return f"{reply['series']:g} series"
