"""`create_intelligent_workflow`: from the dictionary to a workflow, the adaptations of it, and an automation where there are conditions.

Steps read what a run is given as `context`; the dictionary says `{"context": NAME}` for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from daemon.intelligence import text
from daemon.intelligence.clauses import write_exec, write_http, write_reserve
from daemon.intelligence.conditions import guard
from daemon.intelligence.definition import Definition, made
from daemon.intelligence.invalid import InvalidCall, none_of, shown
from daemon.intelligence.schema import validate
from daemon.intelligence.text import Writer
from daemon.intelligence.workflow_monitoring import write_monitoring

Config = Mapping[str, Any]
Names = Mapping[str, str]  # as the dictionary calls a step, to its name in the rules

KEY = "workflow_config"
LATER = ("run", "wait", "approve")  # kinds of steps that the language knows, and this version does not run
GATE = "_when_ready"  # the automation that runs the workflow when its conditions hold


def workflow_definition(config: Config, taken: frozenset[str]) -> Definition:
    """InvalidCall names what does not fit."""
    _refuse_later(config)
    validate("create_intelligent_workflow", KEY, config)
    name = text.name_of(config["name"], taken)
    names = _step_names(config["steps"])
    writer = Writer()
    title = text.quoted(f"{KEY}.name", config["name"])
    with writer.block(f"workflow {name}(context: map) {title}", KEY):
        if "type" in config:
            writer.line(f"type {text.name_of(config['type'])}", f"{KEY}.type")
        if "optimization_strategy" in config:
            writer.line(f"strategy {config['optimization_strategy']}", f"{KEY}.optimization_strategy")
        if config.get("learning_enabled") is False:
            writer.line("learning off", f"{KEY}.learning_enabled")
        for place, step in enumerate(config["steps"]):
            _write_step(writer, f"{KEY}.steps[{place}]", f"step {names[step['name']]}", step, names)
    for place, rule in enumerate(config.get("adaptation_rules", ())):
        key = f"{KEY}.adaptation_rules[{place}]"
        _write_adaptation(writer, key, f"{name}_adaptation_{place + 1}", name, rule, names)
    condition = guard(f"{KEY}.conditions", config.get("conditions", {}), load_is_above=False)
    if condition is not None:
        with writer.block(f"automation {name}{GATE}", f"{KEY}.conditions"):
            writer.line(f"only if {condition}", f"{KEY}.conditions")
            writer.line(f"run {name}(context: {{}})", f"{KEY}.conditions")
    write_monitoring(writer, f"{KEY}.monitoring", name, config.get("monitoring", {}))
    return made("workflow", name, config, writer, [name])


def _refuse_later(config: Config) -> None:
    steps = config.get("steps") if isinstance(config, dict) else None
    for place, step in enumerate(steps if isinstance(steps, list | tuple) else ()):
        if isinstance(step, dict) and step.get("type") in LATER:
            message = (
                f"{shown(step['type'])} is known, and this version does not run it; exec and http are run"
            )
            raise InvalidCall(f"{KEY}.steps[{place}].type", message)


# --- steps ---------------------------------------------------------------------------------------------------------------


def _step_names(steps: Sequence[Config]) -> dict[str, str]:
    names: dict[str, str] = {}
    for place, step in enumerate(steps):
        key = f"{KEY}.steps[{place}].name"
        if step["name"] in names:
            raise InvalidCall(key, f"{shown(step['name'])} is the name of another step already")
        names[step["name"]] = text.name_of(step["name"], frozenset(names.values()), "step")
    return names


def _known(key: str, name: str, names: Names) -> str:
    if name not in names:
        raise none_of(key, name, list(names))
    return names[name]


def _write_step(
    writer: Writer, key: str, head: str, step: Config, names: Names, more: Sequence[str] = ()
) -> None:
    with writer.block(head, key):
        after = [
            _known(f"{key}.dependencies[{n}]", one, names)
            for n, one in enumerate(step.get("dependencies", ()))
        ]
        if after:
            writer.line(f"after {', '.join(after)}", f"{key}.dependencies")
        for line in more:
            writer.line(line, f"{key}.position")
        _write_action(writer, key, {name: value for name, value in step.items() if name != "timeout"})
        if "timeout" in step:
            writer.line(f"timeout {text.duration(f'{key}.timeout', step['timeout'])}", f"{key}.timeout")
        _write_retries(writer, key, step)
        if "priority" in step:
            writer.line(f"priority {step['priority']}", f"{key}.priority")
        write_reserve(writer, f"{key}.resource_requirements", step.get("resource_requirements", {}))
        if step.get("optional"):
            writer.line("optional", f"{key}.optional")
        if "undo" in step:
            with writer.block("undo", f"{key}.undo"):
                _write_action(writer, f"{key}.undo", step["undo"])


def _write_action(writer: Writer, key: str, spec: Config) -> None:
    if spec["type"] == "exec":
        write_exec(writer, key, spec)
    else:
        write_http(writer, key, spec)


def _write_retries(writer: Writer, key: str, step: Config) -> None:
    retries = step.get("retries", 0)
    if retries:
        backoff = f" backoff {text.duration(f'{key}.backoff', step['backoff'])}" if "backoff" in step else ""
        writer.line(f"retry {retries}{backoff}", f"{key}.retries")


# --- adaptations ------------------------------------------------------------------------------------------------------------


@contextmanager
def _adaptation(writer: Writer, key: str, name: str, workflow: str, when: str) -> Iterator[None]:
    """Inside, its changes are written."""
    with writer.block(f"adaptation {name}", key):
        writer.line(f"of workflow {workflow}", key)
        writer.line(f"when {when}", f"{key}.when")
        with writer.block("then", key):
            yield


def _write_adaptation(writer: Writer, key: str, name: str, workflow: str, rule: Config, names: Names) -> None:
    changes = _CHANGES[rule["type"]](key, rule, names)
    when = _when(f"{key}.when", rule, names)
    with _adaptation(writer, key, name, workflow, when):
        changes(writer)


def _when(key: str, rule: Config, names: Names) -> str:
    given = rule.get("when", {})
    parts = list(_parts(key, given, names))
    if rule["type"] == "on_failure":
        parts.insert(0, 'step.status == "failed"')
        if "step" in rule:
            parts.append(f'step.name == "{_known(f"{key}.step", rule["step"], names)}"')
    hold = f" for {text.duration(f'{key}.hold', given['hold'])}" if "hold" in given else ""
    return (" and ".join(parts) or 'run.status == "running"') + hold


def _parts(key: str, given: Config, names: Names) -> list[str]:
    parts = []
    if "system_load_threshold" in given:
        parts.append(f"host.cpu > {text.fraction(key, given['system_load_threshold'])}")
    if "memory_threshold" in given:
        parts.append(f"host.memory > {text.fraction(key, given['memory_threshold'])}")
    if "run_duration" in given:
        parts.append(f"run.duration > {text.duration(key, given['run_duration'])}")
    if "step_duration" in given:
        parts.append(f"{_of_step(key, given, names)}.duration > {text.duration(key, given['step_duration'])}")
    if "step_failed" in given:
        sign = "==" if given["step_failed"] else "!="
        parts.append(f'{_of_step(key, given, names)}.status {sign} "failed"')
    return parts


def _of_step(key: str, given: Config, names: Names) -> str:
    """The step that is named, or each in turn."""
    return f"steps.{_known(f'{key}.step', given['step'], names)}" if "step" in given else "step"


Changes = Callable[[Writer], None]


def _lines(key: str, *lines: str) -> Changes:
    def write(writer: Writer) -> None:
        for line in lines:
            writer.line(line, key)

    return write


def _optimization(key: str, rule: Config, names: Names) -> Changes:
    wanted = dict(rule)
    if wanted.get("strategy") == "efficiency":
        wanted.setdefault("priority", "critical")
    elif wanted.get("strategy") == "reliability":
        wanted.setdefault("retries", 3)
    step = f"steps.{_known(f'{key}.step', rule['step'], names)}" if "step" in rule else "step"
    lines = []
    if "timeout" in wanted:
        lines.append(f"set {step}.timeout = {text.duration(f'{key}.timeout', wanted['timeout'])}")
    if "retries" in wanted:
        lines.append(f"set {step}.retry = {wanted['retries']}")
    if "priority" in wanted:
        lines.append(f'set {step}.priority = "{wanted["priority"]}"')
    if not lines:
        raise InvalidCall(key, "it changes nothing; one of strategy, timeout, retries, priority is needed")
    return _lines(key, *lines)


def _reordering(key: str, rule: Config, names: Names) -> Changes:
    return _lines(key, f"order by {rule['by']}")


def _skipping(key: str, rule: Config, names: Names) -> Changes:
    because = f" because {text.quoted(f'{key}.reason', rule['reason'])}" if "reason" in rule else ""
    return _lines(key, f"skip step {_known(f'{key}.step', rule['step'], names)}{because}")


def _addition(key: str, rule: Config, names: Names) -> Changes:
    step, position = rule["step"], rule.get("position", "end")
    new = text.name_of(step["name"], frozenset(names.values()), "step")
    head = f"add step {new} at {position}" if isinstance(position, str) else f"add step {new}"
    more = []
    if isinstance(position, dict):
        if "after" in position and step.get("dependencies"):
            raise InvalidCall(f"{key}.position.after", "step.dependencies says already what it comes after")
        for word in ("after", "before"):
            others = [_known(f"{key}.position.{word}", one, names) for one in position.get(word, ())]
            more += [f"{word} {', '.join(others)}"] if others else []
    return lambda writer: _write_step(writer, f"{key}.step", head, step, names, more)


def _on_failure(key: str, rule: Config, names: Names) -> Changes:
    if (rule["action"] == "replace") != ("replacement" in rule):
        raise InvalidCall(f"{key}.replacement", "replace needs a replacement, and nothing else has one")
    if rule["action"] != "replace":
        return _lines(key, f"{rule['action']} step")

    def write(writer: Writer) -> None:
        with writer.block("replace step", f"{key}.replacement"):
            _write_action(writer, f"{key}.replacement", rule["replacement"])

    return write


_CHANGES: dict[str, Callable[[str, Config, Names], Changes]] = {
    "step_optimization": _optimization,
    "step_reordering": _reordering,
    "step_skipping": _skipping,
    "step_addition": _addition,
    "on_failure": _on_failure,
}
