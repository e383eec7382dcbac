"""prometheus URL"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
_BODY_LIMIT = 16 << 20
_ACCEPTED = "text/plain;version=0.0.4;q=1,*/*;q=0.1"

Sample = tuple[str, Mapping[str, str], float]


async def look(settings: Mapping[str, object], world: World) -> Reply:
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
    samples = samples_of(reply.text)
    return {
        "status": reply.status,
        "series": float(len(samples)),
        "duration": reply.duration,
        SAMPLES: samples,
    }


def samples_of(text: str) -> list[Sample]:
    """What a text in the exposition format says. Raises ProbeFailure."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = text_string_to_metric_families(text)
        return [(one.name, one.labels, one.value) for family in families for one in family.samples]
    except (ValueError, KeyError, IndexError) as error:
        raise ProbeFailure(f"these are no metrics: {one_line(str(error), 120)}") from error


def healthy(reply: Reply) -> bool:
    return True


def described(reply: Reply) -> str:
    return f"{reply['series']:g} series"
