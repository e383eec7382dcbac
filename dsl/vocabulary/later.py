"""What the language has and this version does not run.

`LATER` is the one list of what is resolved and typed like everything else, and then refused by name (V190), so that it is not ignored.
When the engine has learned something, its entry is deleted here, and nothing else has to be touched. A key is one of

    FAMILY WORD         a clause: `automation unless`, `file calendar`, `action prune`
    FAMILY WORD SAID    one form of a clause: the one in which this word was said, or a value was bound to this label of its shape:
                        `detection severity when`, `agent unit systemd`
    NAME over WHAT      a form of a function, by its name and what it ranges over: `avg over time`
    NAME                a name that stands for a value: `now`
    secret PLACE        where a secret comes from: `secret vault`

and its value says what it is. FAMILY is the family of braces in which the clause stands, or one whose words may stand there.
"""

from __future__ import annotations

from collections.abc import Mapping

_LATER_CLAUSES: Mapping[str, str] = {
    # --- rules ---
    "try undo": "taking a step back",
    "try retry": "a step that is tried again",
    "changes move": "moving a step",
    # --- agents ---
    "agent unit systemd": "agents that systemd runs",
    "agent unit docker": "agents that Docker runs",
    "agent unit commands": "agents that programs of yours start and stop",
    # --- probes ---
    "probe kind systemd": "the state of units",
    "probe kind docker": "the state of containers",
    "probe kind sql": "the rows of a query",
    "probe kind journal": "entries of the journal",
    # --- actions and steps ---
    "action restart unit": "an action on what is no agent",
    "action start unit": "an action on what is no agent",
    "action stop unit": "an action on what is no agent",
    "action cap": "limiting what an agent uses",
    "action wait": "waiting for a condition",
    "action approve": "asking a person",
    "step action run": "a workflow as a step",
    "step action wait": "waiting for a condition",
    "step action approve": "asking a person",
}

_LATER_SECRETS: Mapping[str, str] = {"secret vault": "secrets that Vault keeps"}

LATER: Mapping[str, str] = {
    **_LATER_CLAUSES,
    **_LATER_SECRETS,
}
