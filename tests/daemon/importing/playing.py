"""Series played to rules of ours, and to Prometheus: at which instants is what open?

Both see the same scrapes, `INTERVAL` apart, and are asked right behind each. A value of None is a series that is not there.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from daemon.backtest.prometheus import OPEN
from daemon.importing.prometheus.files import imported
from daemon.importing.prometheus.reading import read
from daemon.probes.prometheus import Sample
from daemon.vocabulary import vocabulary
from daemon.watching.scraped import facts_of, scraped
from dsl.check import check
from dsl.program import Program
from dsl.source import Source
from engine.events import Looked, Reported, Withdrawn
from tests.engine.world import World

INTERVAL = 15.0
Series = Mapping[str, Sequence[float | None]]  # `name{label="value"}` to its values, one for each scrape
Labels = tuple[tuple[str, str], ...]
Firing = list[set[Labels]]  # for each scrape the labels of what fires

_GOT = re.compile(r"time: (\w+),\s+exp: nil\s+got: (.*)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_SPAN = re.compile(r"(\d+)(h|m|s)")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def rule_file(expression: str, hold: str = "0s") -> str:
    rule = {"alert": "A", "expr": expression, "for": hold}
    return yaml.safe_dump({"groups": [{"name": "g", "interval": f"{INTERVAL:g}s", "rules": [rule]}]})


def program_of(expression: str, hold: str = "0s") -> Program:
    """The rules that are made of one alert; they are in order."""
    made = imported([read("t.yml", rule_file(expression, hold))])
    assert made.translated == 1, made.notes
    done = check([Source("t.rules", made.text)], vocabulary())
    assert done.program is not None, (done.findings, made.text)
    return done.program


# --- here ----------------------------------------------------------------------------------------------------------------


def ours(program: Program, series: Series, by: Sequence[str] | None = None) -> Firing:
    """The open faults after each scrape. `by`: what is summed up by; None where each series has its own fault, () where all have one."""
    world = World(program)
    (kind,) = (kind for kind in program.fact_types.values() if kind.series_of)
    plan = scraped(kind)
    known: set[str] = set()
    firing = []
    for number, samples in enumerate(_scrapes(series)):
        if number:
            world.at(number * INTERVAL - 0.001)
        world.now = number * INTERVAL
        world.report("host", "h", name="h", fresh_for=3 * INTERVAL)
        facts = facts_of(samples, plan, world.now, OPEN).facts
        told = [
            Reported(world.now, kind.name, key, values, kind.series_of, 3 * INTERVAL)
            for key, values in facts.items()
        ]
        gone = [Withdrawn(world.now, kind.name, key) for key in sorted(known - set(facts))]
        world.send(Looked(world.now, (*told, *gone)))
        known = set(facts)
        world.at(world.now)
        firing.append({_labels(subject, by) for _, subject in world.open_faults()})
    world.close()
    return firing


def _scrapes(series: Series) -> list[list[Sample]]:
    parsed = [(_name(one), dict(_LABEL.findall(one)), values) for one, values in series.items()]
    length = max(len(values) for _, _, values in parsed)
    return [
        [
            (name, labels, value)
            for name, labels, values in parsed
            if number < len(values) and (value := values[number]) is not None
        ]
        for number in range(length)
    ]


def _name(series: str) -> str:
    return series.partition("{")[0]


def _labels(subject: str, by: Sequence[str] | None) -> Labels:
    if by is None:
        return tuple(sorted(_LABEL.findall(subject)))
    values = subject.split(", ") if by else []
    return tuple(sorted((name, value) for name, value in zip(by, values, strict=True) if value))


# --- there ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What Prometheus says: what fires after each scrape, and of what the expression is true at each `step` seconds."""

    firing: Firing
    true: Firing


def promtool(expression: str, hold: str, series: Series, directory: Path, step: float = INTERVAL) -> Answers:
    """According to `promtool test rules`."""
    length = max(map(len, series.values()))
    finer = round(INTERVAL / step)
    asked = [{"expr": _FIRING, "eval_time": f"{number * INTERVAL:g}s"} for number in range(length)]
    asked += [
        {"expr": expression, "eval_time": f"{number * step:g}s"} for number in range((length - 1) * finer + 1)
    ]
    given = [
        {"series": one, "values": _written([*values, *[None] * (length - len(values))])}
        for one, values in series.items()
    ]
    every = f"{INTERVAL:g}s"
    test = {"interval": every, "input_series": given, "promql_expr_test": asked}
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": every, "tests": [test]}
    (directory / "rules.yml").write_text(rule_file(expression, hold), encoding="utf-8")
    (directory / "test.yml").write_text(yaml.safe_dump(tests), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", str(directory / "test.yml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert "FAILED" in said or "SUCCESS" in said, said
    return _answers(said, length, step)


_FIRING = 'ALERTS{alertstate="firing"}'


def _written(values: Sequence[float | None]) -> str:
    return " ".join("stale" if value is None else repr(float(value)) for value in values)


def _answers(text: str, length: int, step: float) -> Answers:
    """Nothing was expected, so that everything there is is told."""
    firing: Firing = [set() for _ in range(length)]
    true: Firing = [set() for _ in range((length - 1) * round(INTERVAL / step) + 1)]
    for block in text.split("expr: ")[1:]:
        found = _GOT.search(block)
        assert found, text
        seconds = sum(int(count) * _SECONDS[unit] for count, unit in _SPAN.findall(found[1]))
        if block.startswith('"ALERTS'):
            firing[round(seconds / INTERVAL)] |= set(_series_of(found[2]))
        else:
            true[round(seconds / step)] |= set(_series_of(found[2]))
    return Answers(firing, true)


def _series_of(text: str) -> list[Labels]:
    """`{a="b"} 1E+00, {c="d"} 2E+00`, or with the name in front."""
    left_out = ("alertname", "alertstate", "__name__")
    return [
        tuple(sorted((name, value) for name, value in _LABEL.findall(one) if name not in left_out))
        for one in re.findall(r"\{((?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*)\}", text)
    ]
