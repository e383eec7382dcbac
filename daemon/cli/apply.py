"""`volexd apply WORKFLOW/STEP`: what the workflow report suggests becomes a rule, in a file beside the others."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import reading
from daemon.cli.failure import CommandFailed

if TYPE_CHECKING:
    from dsl.program import Program

FILE = "suggested.rules"
_HEAD = "# What was suggested and applied: `volexd apply`. It is yours: change it, or take it out again.\nlanguage 1\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="WORKFLOW/STEP", help="of a suggestion that `volexd report workflow` shows"
    )
    parser.add_argument(
        "--rules", type=Path, metavar="DIR", help=f"the directory with the rules; there {FILE} is written"
    )
    reading.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.reports.suggestions import remedy

    found = _suggested(arguments)
    remedies = [text for one in found if (text := remedy(one)) is not None]
    if not remedies:
        raise CommandFailed(*(f"{one['text']}: that is for people, no rule can do it" for one in found))
    directory = _directory(arguments)
    step = str(arguments.name).partition("/")[2]
    file = _written(directory, remedies, str(found[0]["workflow"]), step)
    print(f"{file}: {found[0]['text']}\n\n{remedies[0]}")
    print("A volexd that runs takes it up by itself; `volexd reload` says whether it did.")
    return 0


def _suggested(arguments: argparse.Namespace) -> list[Mapping[str, object]]:
    """Raises CommandFailed where nothing is suggested of it."""
    from daemon.reports.workflow import workflow_report

    with reading.reader(arguments) as reader:
        suggestions = workflow_report(reader)["suggestions"]
    assert isinstance(suggestions, list)
    by_name: dict[str, list[Mapping[str, object]]] = {}
    for one in suggestions:
        by_name.setdefault("/".join(filter(None, (one["workflow"], one["step"]))), []).append(one)
    if arguments.name not in by_name:
        known = ", ".join(by_name) or "nothing at all yet"
        raise CommandFailed(f"nothing is suggested of {arguments.name!r}; there is {known}")
    return by_name[arguments.name]


def _directory(arguments: argparse.Namespace) -> Path:
    from daemon.cli.configured import configured

    places = [arguments.rules] if arguments.rules else list(configured(arguments.config).rules)
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise CommandFailed(f"{', '.join(map(str, places))}: no directory with rules; name it with --rules")
    return Path(found)


def _written(directory: Path, remedies: Sequence[str], workflow: str, step: str) -> Path:
    """Whole or not at all, and only what the rules that are there allow. Raises CommandFailed."""
    file = directory / FILE
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else _HEAD
        text = "\n".join([text, *remedies])
        _may_be_repeated(_checked(directory, file, text), workflow, step)
        beside = file.with_name(f".{FILE}.new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror or error}") from None
    return file


def _checked(directory: Path, file: Path, text: str) -> Program:
    from daemon.rules.sources import RulesUnreadable, read_rules
    from daemon.vocabulary import vocabulary
    from dsl.check import check
    from dsl.source import Source

    try:
        rules = read_rules((directory,), distrust="warning")
    except RulesUnreadable as error:
        raise CommandFailed(str(error)) from None
    others = [source for source in rules.sources if Path(source.name) != file]
    done = check([*others, Source(str(file), text)], vocabulary(), library=rules.library)
    errors = [finding for finding in done.findings if finding.severity == "error"]
    if errors:
        place = f"{errors[0].span.file}:{errors[0].span.line}"
        raise CommandFailed(f"nothing is written, for it would not fit: {place}: {errors[0].message}")
    assert done.program is not None
    return done.program


def _may_be_repeated(program: Program, workflow: str, step: str) -> None:
    """Raises CommandFailed."""
    from dsl.expressions import Constant

    plans = [plan for plan in program.workflows if plan.head.name == workflow]
    action = next((one.action for plan in plans for one in plan.steps if one.name == step), None)
    if action is None:
        raise CommandFailed(f"nothing is written: these rules have no step {step} of a workflow {workflow}")
    if ("method", Constant("post")) in action.arguments and not action.repeatable:
        raise CommandFailed(
            f"step {step} sends a `post`, and may have done so though it failed: if it does no harm to send it again,"
            " say so (`{ repeatable }`), and apply this again"
        )
