"""What recoveries bind that are about groups and joins, whatever the detection calls them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.effects import Do
from tests.dsl.checking import program
from tests.engine.world import World

_GROUND = """\
fact http { key code; field job: text, value: number }
fact owner { key job; field name: text }
channel c { url "log:" }
"""
_GROUP = """\
detection busy { for each http BY; category performance; when sum(NAME.value) > 3; notify c }
recovery r { on fault busy; try t { exec ["bin/x", http.job]; verify within 5s }; LIMIT }
"""
_JOIN = """\
detection pair { for each http, owner AS matching job; category performance; when http.value > 3; notify c }
recovery r { on fault pair; try t { exec ["bin/x", owner.name, http.code]; verify within 5s }; limit 1 per 1h by owner }
"""


def _world(rules: str) -> World:
    world = World(program(_GROUND + rules, all_runs=True))
    world.report("owner", "api", job="api", name="ann")
    world.report("http", "200", code="200", job="api", value=4.0)
    return world


def _commands(world: World) -> list[Any]:
    return [
        effect.arguments["command"]
        for effect in world.done
        if isinstance(effect, Do) and effect.kind == "exec"
    ]


@pytest.mark.parametrize("limit", ["limit 1 per 1h by http", "limit 1 per 1h by http.job"])
@pytest.mark.parametrize("name", ["http", "h"])
def test_a_group(name: str, limit: str) -> None:
    called = "" if name == "http" else f"as {name} "
    world = _world(_GROUP.replace("BY", f"{called}by job").replace("NAME", name).replace("LIMIT", limit))
    assert _commands(world) == [["bin/x", "api"]]
    world.report("http", "500", code="500", job="web", value=9.0)
    assert _commands(world) == [["bin/x", "api"], ["bin/x", "web"]]


@pytest.mark.parametrize("called", ["", "as o"])
def test_a_join(called: str) -> None:
    world = _world(_JOIN.replace("AS", called))
    assert _commands(world) == [["bin/x", "ann", "200"]]
    world.report("http", "500", code="500", job="api", value=9.0)
    assert _commands(world) == [["bin/x", "ann", "200"]]  # the owner's budget is used up
