"""`unless C for D` blocks once C has been true for so long, in rules of every kind (meaning 2)."""

from __future__ import annotations

import pytest

from tests.engine.meanings.saying import happen, item, outcomes, told, watch, world

BUSY = "unless host.load > 2 for 10s"
LIMIT = "limit 99 per 1h overall"
DO = 'exec ["/bin/x"]'


@pytest.mark.parametrize("blocks", ["item.on", "host.load > 2"])
def test_02_a_fault_is_suppressed_when_it_has_been_true_for_so_long(blocks: str) -> None:
    found = world(watch("item.x > 5", unless=f"{blocks} for 10s"))
    found.report("host", "host", load=5.0)
    item(found, x=9.0, on=True)
    found.at(9)
    assert outcomes(found) == [None]
    found.at(11)
    assert outcomes(found) == ["suppressed"]


@pytest.mark.parametrize(
    "rule",
    [
        f"orchestration o {{ on event deploy; {BUSY}; {LIMIT}; then {{ {DO} }} }}\n",
        f"automation o {{ every 5s; {BUSY}; do {{ {DO} }} }}\n",
        f"maintenance o {{ every 5s lasting 1s; covers item; {BUSY}; do {{ {DO} }} }}\n",
    ],
)
def test_02_nothing_begins_when_it_has_been_true_for_so_long(rule: str) -> None:
    found = world(rule)
    found.report("host", "host", load=5.0)
    for instant in range(1, 30, 4):
        found.at(instant)
        happen(found, "deploy", item="p")
    found.at(60)
    began = [at for at, _, _ in found.did("exec")]
    assert began
    assert max(began) < 11


@pytest.mark.parametrize(
    "rule",
    [
        "alert n { on fault d; unless item.on for 10s; notify d }\n",
        f"recovery r {{ on fault d; unless item.on for 10s; try t {{ {DO}; verify within 5s }}; {LIMIT} }}\n",
    ],
)
@pytest.mark.parametrize(("raised_after", "acts"), [(5, 1), (15, 0)])
def test_02_what_answers_a_fault_waits_once_it_has_been_true_for_so_long(
    rule: str, raised_after: int, acts: int
) -> None:
    found = world(watch("item.x > 5").replace("notify c ", "") + rule)
    item(found, x=1.0, on=True)
    found.at(raised_after)
    item(found, x=9.0)
    found.at(raised_after + 2)
    assert len(told(found)) + len(found.did("exec")) == acts
