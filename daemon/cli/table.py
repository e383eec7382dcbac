"""The commands there are. One file each, loaded only when it is asked for."""

from __future__ import annotations

# name: what it does, in a line. The file is `daemon/cli/NAME.py`, with `add_arguments(parser)` and `run(arguments)`.
COMMANDS = {
    "check": "lint rules: files, directories, or - for standard input (also: volexd --check)",
    "explain": "the page of a finding: what it means, why it matters, how to fix it",
    "test": "run the `test` blocks of rules on a virtual clock",
    "fmt": "write rules in the one form in which they are written",
    "import": "make rules of the alerting rules of others: volexd import prometheus FILE…",
    "lsp": "the language server: what editors start to show findings, types and names while you write",
    "backtest": "play what was recorded through rules: what they would have detected and done",
    "demo": "start a small swarm of real processes, break it, heal it, and report",
    "report": "what was done, and what helped: volexd report automation|workflow|healing",
    "apply": "make a rule of what `volexd report workflow` suggests",
    "call": "one of the eleven calls of automation, workflows and self-healing: JSON in, JSON out",
    "status": "how the running daemon is",
    "faults": "the open faults",
    "why": "explain a fault, recovery, attempt, action or run by its id, from the database",
    "whynot": "what stands in the way of a rule just now: the first condition that fails, the time left, the budget",
    "ack": "acknowledge a fault: somebody takes care of it",
    "run": "run an automation, a workflow or an orchestration by hand, now",
    "cancel": "end what runs of an automation or a workflow",
    "pause": "hold back an automation, or the recoveries of an agent",
    "resume": "let what was paused go on",
    "reload": "read the rules again; all or nothing",
}
