"""What stands in column 1."""

from __future__ import annotations

from dsl.habits.written import Written

DECLARATIONS: tuple[Written, ...] = (
    ("V108", r"^(?P<at>---)\s*$", "no marks between documents here", "take the line away"),
    ("V108", r"^(?P<at>//|/\*|--|;|<!--|%)", "a comment begins with `#`", "write `#`"),
    ("V202", r"^(?P<at>(\w+))\s*=(?!=)\s*(.*)$", "a constant is declared with `let`", r"write `let \2 = \3`", r"let \2"),
    ("V202", r"^(?P<at>var|const|def|define|set|local)\b", "", "a constant is declared with `let`: `let patience = 3m`"),
    ("V202", r"^(?P<at>import|include|require|from|load)\b", "",
     'other files are brought in with `use`: `use std.healing`, `use "web/common.rules"`'),
    ("V202", r"^(?P<at>function|func|fn|macro|class)\b", "", "rules have no functions of their own; a value has a name by `let`"),
    ("V202", r"^(?P<at>if|when|while|for|on|every)\b", "",
     r"`\g<at>` stands inside a declaration: `detection NAME { … }`, `recovery NAME { … }`"),
    ("V202", r"^(?P<at>rule|rules|monitor|alarm|trigger|groups|policy)\b", "",
     "what counts as a fault is a `detection`, what is done about it a `recovery`"),
    ("V202", r"^(?P<at>service|services|server|process|target|unit|app)\b", "", "what is watched and kept alive is an `agent`"),
    ("V202", r"^(?P<at>action|handler|remediation|playbook|runbook|healing)\b", "", "what is done about a fault is a `recovery`"),
    ("V202", r"^(?P<at>task|tasks|job|cron|timer|schedule)\b", "", "what runs by the clock is an `automation`"),
    ("V202", r"^(?P<at>notify|receiver|contact|notification)\b", "", 'where people are told is a `channel`: `channel oncall { url "…" }`'),
)  # fmt: skip
