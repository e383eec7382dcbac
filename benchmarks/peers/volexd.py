"""volexd's engine as it ships: from facts to effects, with explanation, truth maintenance and error isolation on.

With the argument `json` every event comes as JSON text and every effect goes out as such, as durable-rules' calls include it.
"""

from __future__ import annotations

import sys

import msgspec

from benchmarks.measuring import Load, cpu, measure
from benchmarks.workloads import METRICS, Seed, Threshold, Update, w1, w3
from dsl.expressions import And, Compare, Constant, Expression, Field
from dsl.program import (
    Action,
    Binding,
    Condition,
    Detection,
    FactField,
    FactType,
    Limit,
    Place,
    Program,
    Recovery,
    RuleHead,
    Try,
    Verify,
)
from engine.effects import Do, Effect, Record
from engine.engine import Engine
from engine.events import ActionFinished, Event, ProgramReplaced, Reported

INTERVAL = 1e-3  # seconds of the engine's time between two events


def head(name: str) -> RuleHead:
    return RuleHead(name, "", Place("bench.rules", 1))


def compare(subject: str, name: str, operator: str, constant: object) -> Compare:
    return Compare(operator, Field(subject, (name,)), Constant(constant))


def detection(name: str, subject: str, when: Expression) -> Detection:
    binding = Binding(subject, subject)
    return Detection(
        head(name), binding, "error", "performance", Condition(when), None, None, None, (), (), 0.0
    )


def fact_types(*names: str) -> dict[str, FactType]:
    return {name: FactType(name, "", (FactField("name", "text"),), ()) for name in names}


def threshold(rule: Threshold) -> Detection:
    parts = (
        compare("sample", "agent", "==", f"a{rule.agent}"),
        compare("sample", "metric", "==", rule.metric),
        compare("sample", "value", ">", float(rule.above)),
    )
    return detection(f"{rule.metric}_of_a{rule.agent}", "sample", And(parts))


def ready_w1(rules: list[Threshold]) -> Engine:
    engine = Engine()
    program = Program(fact_types("sample"), detections=tuple(threshold(rule) for rule in rules))
    engine.step(ProgramReplaced(0.0, program))
    return engine


def raised(effects: list[Effect]) -> int:
    return sum(1 for e in effects if type(e) is Record and e.table == "fault" and "raised_at" in e.values)


def report(update: Update, at: float) -> Reported:
    values = {"agent": f"a{update.agent}", "metric": update.metric, "value": float(update.value)}
    return Reported(at, "sample", f"{update.agent}/{update.metric}", values, "bench")


def run_w1(count: int, as_json: bool) -> None:
    rules, updates, firings = w1(count)
    events: list[Event] = [report(update, number * INTERVAL) for number, update in enumerate(updates)]
    texts = [msgspec.json.encode(event) for event in events] if as_json else []
    fired = 0

    def ready() -> Load:
        engine = ready_w1(rules)
        step = engine.step
        decode, encode = msgspec.json.Decoder(Reported).decode, msgspec.json.Encoder().encode

        def take(number: int) -> None:
            nonlocal fired
            effects = step(events[number])
            if effects:
                fired += raised(effects)

        def take_json(number: int) -> None:
            nonlocal fired
            effects = step(decode(texts[number]))
            if effects:
                encode(effects)
                fired += raised(effects)

        return Load(take_json if as_json else take, lambda: fired)

    measure(ready, len(events), firings)


def contract() -> tuple[Detection, Recovery]:
    found = detection("detected", "thing", compare("thing", "bad", "==", True))
    act = Action("log", None, (), 60.0, (), True, "none", Place("bench.rules", 1))
    limits = (Limit(1_000_000, 1.0, None),)
    tries = (Try("act", (act,), Verify(None, 60.0)),)
    return found, Recovery(head("recover"), ("detected",), None, tries, (), None, limits, ())


def run_w3(as_json: bool) -> None:
    """A seed: detected and acted upon; the action ends; the symptom goes. Each of the three is an event of its own."""
    del as_json
    seeds, firings = w3()
    fired = 0

    def ready() -> Load:
        found, recover = contract()
        engine = Engine()
        engine.step(
            ProgramReplaced(0.0, Program(fact_types("thing"), detections=(found,), recoveries=(recover,)))
        )

        def seen(seed: Seed, at: float, bad: bool) -> list[Effect]:
            values = {"agent": f"a{seed.agent}", "kind": seed.kind, "bad": bad}
            return engine.step(Reported(at, "thing", f"t{seed.agent}", values, "bench"))

        def take(number: int) -> None:
            nonlocal fired
            at = number * 3.0
            seed = seeds[number]
            effects = seen(seed, at, True)
            fired += raised(effects)
            action = next(e.action for e in effects if type(e) is Do)
            fired += 1
            engine.step(ActionFinished(at + 1.0, action, "succeeded"))
            effects = seen(seed, at + 2.0, False)
            fired += sum(
                1
                for e in effects
                if type(e) is Record and e.values.get("outcome") == "succeeded" and e.table == "recovery"
            )

        return Load(take, lambda: fired if not engine.faults.open else (fired, len(engine.faults.open)))

    measure(ready, len(seeds), firings)


def run_w5(count: int) -> None:
    """The engine's own share of loading: from the checked program to ready."""
    rules = [threshold(Threshold(number // 2, METRICS[number % 2], 50)) for number in range(count)]
    program = Program(fact_types("sample"), detections=tuple(rules))
    engine = Engine()
    before = cpu()
    engine.step(ProgramReplaced(0.0, program))
    spent = cpu() - before
    print(
        msgspec.json.encode(
            {"us": 0.0, "ready_s": spent, "right": len(engine.situations.watches) == count}
        ).decode()
    )


RULE = """\
detection rule_{number} {{
    for each agent
    severity warning
    category performance
    when     agent.name == "agent_{number}" and agent.cpu > {threshold}% for 10s
    notify   people
}}
"""
RULES_OF_A_FILE = 100


def run_w5_text(count: int) -> None:
    """From the text of rules of seven lines, a hundred in a file, to an engine that is ready."""
    from daemon.vocabulary import vocabulary
    from dsl.check import check
    from dsl.source import Source

    texts = [RULE.format(number=number, threshold=number % 90 + 5) for number in range(count)]
    files = ["".join(texts[first : first + RULES_OF_A_FILE]) for first in range(0, count, RULES_OF_A_FILE)]
    sources = [Source("0.rules", 'channel people { url "log:" }\n')]
    sources += [Source(f"{number}.rules", text) for number, text in enumerate(files, start=1)]
    words, engine = vocabulary(), Engine()
    before = cpu()
    program = check(sources, words).program
    if program is not None:
        engine.step(ProgramReplaced(0.0, program))
    spent = cpu() - before
    right = len(engine.situations.watches) == count
    print(msgspec.json.encode({"us": 0.0, "ready_s": spent, "right": right}).decode())


if __name__ == "__main__":
    workload, number, with_json = sys.argv[1], int(sys.argv[2]), "json" in sys.argv[3:]
    if workload == "w1":
        run_w1(number, with_json)
    elif workload == "w3":
        run_w3(with_json)
    elif "text" in sys.argv[3:]:
        run_w5_text(number)
    else:
        run_w5(number)
