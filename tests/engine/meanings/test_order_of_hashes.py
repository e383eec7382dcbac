"""The same events give the same effects, whatever the hashes are: with groups, joins, aggregates, derived facts and alerts (meaning 21)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import msgspec

from tests.engine.meanings.saying import happen, item, said, world
from tests.engine.work.work_world import WorkWorld

ROOT = Path(__file__).parents[3]
HEAD = "severity error; category agent"
RULES = f"""
detection group {{ for each item by tier; {HEAD}; when sum(item.x) > 12 and count(item where item.on) >= 1 }}
detection pair {{ for each item, other matching tier; {HEAD}; when item.x > other.y }}
detection self {{ for each item as a, item as b matching tier; {HEAD}; when a.x > b.x + 5 }}
detection few {{ for each item; {HEAD}; when count(item as m where m.tier == item.tier and m.on) < 2 for 2s }}
detection more {{ for each item; {HEAD}; when any(item as m where m.x > item.x + 7) }}
detection busy {{ for each item; {HEAD}; when count(event deploy where deploy.item == item.name over 20s) >= 2 }}
detection large {{ for each item; {HEAD}; when count(event deploy where deploy.size > item.x over 10s) >= 2 }}
derive sick {{ for each item where item.x > 4; field level = item.x * 2 }}
detection sicker {{ for each sick; {HEAD}; when sick.level > 12 and count(sick) > 2 }}
detection tiers {{ for each item; category agent; severity warning when item.x > 5; severity critical when item.x > 8 for 3s }}
alert all {{ on fault where fault.severity != "info"; group by fault.name within 5s; notify c repeat every 20s until acknowledged; cleared notify d }}
orchestration on_deploy {{ on event deploy followed by event rollback where rollback.item == deploy.item within 10s; limit 99 per 1h overall; then {{ exec ["/bin/x", deploy.item] }} }}
recovery help {{ on fault group, sicker; try run {{ exec ["/bin/help"]; verify within 5s }}; limit 20 per 1m overall }}
"""
EVENTS = 350


def hour() -> WorkWorld:
    """What may happen to ten things in four tiers, with reloads."""
    found, random = world(RULES), Random(5)
    for number in range(EVENTS):
        found.at(found.now + random.choice([0.0, 0.5, 2.0]))
        name = random.choice("abcdefghij")
        match random.randrange(10):
            case 0:
                found.withdraw("item", name)
            case 1:
                happen(found, "deploy", item=name, size=float(random.randrange(9)))
            case 2:
                happen(found, "rollback", item=name)
            case 3:
                found.report("other", name, id=name, tier=random.choice("xyzw"), y=float(random.randrange(9)))
            case _:
                values = {
                    "tier": random.choice("xyzw"),
                    "x": float(random.randrange(11)),
                    "on": random.random() < 0.5,
                }
                item(found, name, fresh_for=random.choice([None, 6.0]), **values)
        if number % 120 == 119:
            found.load(said(("# again\n" if number % 240 else "") + RULES))
    return found


def test_the_same_in_another_process_with_other_hashes() -> None:
    code = (
        "import sys, msgspec; from tests.engine.meanings.test_order_of_hashes import hour;"
        "sys.stdout.buffer.write(msgspec.json.encode(hour().effects))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2718")
    ]  # fmt: skip
    here = hour()
    assert found[0] == found[1]
    assert found[0] == msgspec.json.encode(here.effects)
    raised = {str(row["rule"]) for row in here.faults()}
    assert raised >= {"group", "pair", "self", "few", "more", "busy", "sicker", "tiers"}
    assert {kind for _, kind, _ in here.did()} == {"notify", "exec"}
