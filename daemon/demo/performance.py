"""One performance of the demonstration, from the empty directory to the verdict."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from loguru import logger
from rich.console import Console

from daemon.config import Config, for_directory
from daemon.demo.scenarios import SCENARIOS, play, until
from daemon.demo.screen import Screen
from daemon.demo.story import Story
from daemon.demo.swarm import Swarm, write_swarm
from daemon.demo.verdict import Verdict, judge, judge_trouble
from daemon.demo.work import TROUBLES, endure
from daemon.reports import automation, workflow
from daemon.reports.healing import as_text, healing_report
from daemon.service.service import Service
from daemon.store.query import open_reader

_START = 20.0  # seconds for the swarm to come up


@dataclass
class Played:
    """What was played, and which ids the rows of each scenario have."""

    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    first_fault: int = 1


def perform(db: str | None, as_json: bool) -> int:
    directory = Path(tempfile.mkdtemp(prefix="volexd-demo-"))
    swarm = write_swarm(directory / "swarm")
    database = str(Path(db).absolute()) if db else str(directory / "volexd.db")
    console = Console(stderr=as_json)
    logger.remove()
    logger.add(sys.stderr, level="WARNING", format="{level}: {message}")
    played = asyncio.run(play_on(lambda story: Screen(console, story), swarm, database))
    verdicts, report, text = _look_back(database, played)
    good = not played.failures and all(verdict.as_promised for verdict in verdicts)
    if as_json:
        _print_json(database, swarm, played, verdicts, report, good)
    else:
        _print(console, database, swarm, played, verdicts, text)
    return 0 if good else 1


async def play_on(make_screen: Callable[[Story], Screen], swarm: Swarm, database: str) -> Played:
    """The swarm is started, broken and healed; everything is recorded in the database."""
    story, played = Story(), Played()
    service = Service(_configuration(swarm, database))
    service.observe(story.observe)
    with make_screen(story) as screen:
        screen.say("dim", f"the rules are in {swarm.rules}")
        await service.start()
        try:
            await _play_all(swarm, story, screen, played)
        finally:
            await service.stop()
    return played


def _configuration(swarm: Swarm, database: str) -> Config:
    config = for_directory(swarm.directory, rules=swarm.rules, database=database)
    commands = replace(config.commands, programs=swarm.programs)
    return replace(config, commands=commands, logs=replace(config.logs, agents=swarm.directory / "logs"))


async def _play_all(swarm: Swarm, story: Story, screen: Screen, played: Played) -> None:
    if not await until(lambda: _all_up(swarm, story), _START):
        down = [name for name, values in story.agents.items() if values.get("status") != "up"]
        played.failures.append(f"the swarm did not come up: {', '.join(down)}")
        return
    screen.say("green", "the swarm is up")
    for scenario in SCENARIOS:
        screen.headline(scenario.title)
        first = story.last_id()
        if not await play(scenario, swarm, story):
            played.failures.append(f"{scenario.name}: not over within {scenario.within:g} s")
        played.spans[scenario.name] = (first, story.last_id())
    for trouble in TROUBLES:
        screen.headline(trouble.title)
        first = story.last_id()
        if not await endure(trouble, swarm, story):
            played.failures.append(f"{trouble.name}: not over within {trouble.within:g} s")
        played.spans[trouble.name] = (first, story.last_id())
    played.first_fault = min(story.tables["fault"], default=1)


def _all_up(swarm: Swarm, story: Story) -> bool:
    return all(story.agents.get(name, {}).get("status") == "up" for name in swarm.ports)


def _look_back(database: str, played: Played) -> tuple[list[Verdict], dict[str, Any], str]:
    """Everything that is claimed afterwards is read from the database."""
    with open_reader(database) as reader:
        spans = played.spans
        verdicts = [
            judge(reader, scenario, *spans[scenario.name]) for scenario in SCENARIOS if scenario.name in spans
        ]
        verdicts += [judge_trouble(reader, one, *spans[one.name]) for one in TROUBLES if one.name in spans]
        report = {
            "healing": healing_report(reader),
            "automation": automation.automation_report(reader),
            "workflow": workflow.workflow_report(reader),
        }
    text = "\n".join(
        (
            automation.as_text(report["automation"]),
            workflow.as_text(report["workflow"]),
            as_text(report["healing"]),
        )
    )
    return verdicts, report, text


def _queries(database: str) -> list[str]:
    views = ("healing_report", "workflow_report", "automation_report", "open_faults", "agent_health")
    return [f'sqlite3 {shlex.quote(database)} "select * from {view}"' for view in views]


def _print(
    console: Console, database: str, swarm: Swarm, played: Played, verdicts: list[Verdict], text: str
) -> None:
    console.print()
    for verdict in verdicts:
        mark = "[green]✓[/]" if verdict.as_promised else "[red]✗[/]"
        console.print(f"{mark} [bold]{verdict.title}[/]", soft_wrap=True)
        console.print(f"    {verdict.found}", soft_wrap=True, highlight=False)
    for failure in played.failures:
        console.print(f"[red]✗ {failure}[/]", soft_wrap=True)
    console.print()
    console.print(text, soft_wrap=True, highlight=False, markup=False)
    console.print(f"\nThe rules it ran: {swarm.rules}", soft_wrap=True, highlight=False)
    console.print("Ask the database why:", highlight=False)
    for query in _queries(database):
        console.print(f"  {query}", soft_wrap=True, highlight=False, markup=False)
    why = f"{shlex.quote(sys.argv[0])} why {played.first_fault} --db {shlex.quote(database)}"
    console.print(f"  {why}", soft_wrap=True, highlight=False, markup=False)


def _print_json(
    database: str, swarm: Swarm, played: Played, verdicts: list[Verdict], report: dict[str, Any], good: bool
) -> None:
    document = {
        "ok": good,
        "scenarios": [_scenario(verdict) for verdict in verdicts],
        "failures": played.failures,
        "report": report,
        "database": database,
        "rules": str(swarm.rules),
        "queries": _queries(database),
    }
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _scenario(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "title": verdict.title,
        "as_promised": verdict.as_promised,
        "found": verdict.found,
    }
