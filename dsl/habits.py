"""What people write who know another language, and how the same is said here.

A habit is recognised by the line in which a finding stands. It gives the finding the words that help this writer, where those made from
what the grammar or the vocabulary expects would only say that it is wrong. Data: a new habit is a line here, and a case in
`tests/dsl/errors/habits.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dsl.diagnostics import Mistake

_LONGEST = 400  # characters of a line that are looked at: patterns may go over them again and again


@dataclass(frozen=True, slots=True)
class Habit:
    """`codes`: of the findings it may stand behind. `pattern` is looked for in the line and has to reach the finding; its group `at`
    is what is marked. `message` (empty: the finding's own), `help` and `fix` may name groups. `fix` replaces what is marked."""

    codes: str
    pattern: re.Pattern[str]
    message: str
    help: str
    fix: str | None = None


def reworded(text: str, mistake: Mistake) -> Mistake:
    """The mistake in words that fit the habit behind it; itself if there is none. `text` is what its offsets count in."""
    line = text.rfind("\n", 0, mistake.start) + 1
    end = text.find("\n", line)
    written = text[line : min(end if end >= 0 else len(text), line + _LONGEST)]
    for habit in HABITS:
        match = _reaching(habit, written, mistake.start - line) if mistake.code in habit.codes else None
        if match:
            return _as_habit(mistake, habit, match, line)
    return mistake


def _reaching(habit: Habit, line: str, column: int) -> re.Match[str] | None:
    return next((one for one in habit.pattern.finditer(line) if one.start() <= column <= one.end()), None)


def _as_habit(mistake: Mistake, habit: Habit, match: re.Match[str], line: int) -> Mistake:
    start, end = match.span("at")
    return replace(
        mistake,
        message=match.expand(habit.message) if habit.message else mistake.message,
        help=match.expand(habit.help),
        start=line + start,
        end=line + end,
        label="",
        replacement=match.expand(habit.fix) if habit.fix is not None else None,
    )


def _habits() -> Iterator[Habit]:
    for codes, pattern, message, help_, *fix in (
        *_CONDITIONS,
        *_TEXTS,
        *_NUMBERS,
        *_units(),
        *_CLAUSES,
        *_TIMES,
        *_DECLARATIONS,
    ):
        yield Habit(codes, re.compile(pattern), message, help_, *fix)


# --- conditions: PromQL, Python, JavaScript, SQL ------------------------------------------------------------------------------

_NOTHING = r"(?:None|null|nil|NULL|undefined)\b"
_STATUS = "up|down|degraded|starting|stopped"

_CONDITIONS = (
    ("V109 V203", rf"([\w.]+)\s+(?P<at>is not|!=)\s+{_NOTHING}", "", r"whether there is a value asks `known(\1)`"),
    ("V109 V203", rf"([\w.]+)\s+(?P<at>is|==)\s+{_NOTHING}", "", r"whether there is none asks `not known(\1)`"),
    ("V203", rf"(?P<at>{_NOTHING})", "", "what has no value is unknown: `known(x)` asks whether it has one"),
    ("V109", r"\b(?P<at>is not)\b", "`is not` is written `!=`", "write `!=`", "!="),
    ("V109", rf"(?<![\w.])(\w+)\s+(?P<at>is)\s+({_STATUS})\b", "", r'write `\1.status == "\3"`'),
    ("V203", r"\b(?P<at>True|TRUE|yes|Yes)\b", "", "write `true`", "true"),
    ("V203", r"\b(?P<at>False|FALSE|no|No)\b", "", "write `false`", "false"),
    ("V101", r"\bin\s+(?P<at>\()([^()]*)\)", "a list stands in brackets", r"write `in [\2]`"),
    ("V112", r"\b(?:sum|avg|min|max|count|topk)\s+(?P<at>by|without)\b", r"`\g<at>` does not stand in a condition",
     "groups stand in the line of the subject, `for each TYPE by FIELD`, and then `sum(…)` is over its members"),
    ("V115", r"\b(?:when|until|unless)\b[^{}]*[\w\])](?P<at>\{\s*\w+\s*(?:=~|!~|!=|=).*?\})", "what is meant is not chosen in braces",
     "write `for each TYPE where TYPE.FIELD == …`, and the value without braces"),
    ("V101 V212", r"\b(\w+)\(([\w.]+)(?P<at>\[(\d+\w+)\])\)", "a window is not written in brackets",
     r"write `\1(\2 over \4)`", r" over \4"),
    ("V112", r"([\w.]+)\s+(?P<at>between)\s+(\S+)\s+and\s+(\S+)", "`between` is no operator",
     r"write `\1 >= \3 and \1 <= \4`"),
    ("V112", r"(\S+)\s+(?P<at>xor)\s+(\S+)", "`xor` is no operator", r"of two flags, write `\1 != \3`"),
    ("V112", r"\b(?P<at>then|do)\b", r"a condition does not say what is done",
     "write a recovery `on fault …`, or the `then { … }` of an orchestration"),
    ("V112", r"\s(?P<at>unless|until|notify|message|severity|category|verify)\b", r"`\g<at>` is a clause of its own",
     "put it on a line of its own, or behind a `;`"),
    ("V112", r"^\s*(?:when|unless|until|only if)\b.*?(\w+\.[\w.]+)\s+(?P<at>\"[^\"]*\")", "an operator is missing",
     r"write `\1 == \g<at>`"),
    ("V112 V208", r"(?<![\w.])(?!learned\.)[\w.]+\.(?P<at>\w+)(?=\()", r"values have no functions of their own, as `\g<at>`",
     "functions are calls, `since(agent.since)`; a text is held against a pattern with `matches 'api.*'`"),
    ("V101", r"(?P<at>\?)", "there is no choice between values", "write a rule for each case"),
    ("V101", r"\bmatches\s+(?P<at>/[^/\s]*/?)", "a regular expression stands in single quotes",
     "write `matches 'api.*'`; it is held against the whole text"),
    ("V101", r"^\s*(?!(?:let|set|field|for)\b)(\w+)\s+(?P<at>=)(?!=)\s.*$", r"no `=` after `\1`",
     "a clause is a word and its values: take it away", ""),
)  # fmt: skip

# --- texts: Jinja, Python, shells -----------------------------------------------------------------------------------------------

_TEXTS = (
    ("V101 V116", r"(?P<at>\{\{\s*([^{}]*?)\s*\}\})", "an expression in a text stands in single braces",
     r"write `{\2}`", r"{\2}"),
    ("V109", r"[\"']\s*(?P<at>%)", "texts are not put together with `%`",
     'put the value into the text: `"{agent.name} is down"`'),
    ("V112", r"(?<![\w\"'])(?P<at>[bfru])(?=[\"'])", "no letter stands before a text",
     "take it away; every text in double quotes takes {expressions}", ""),
    ("V112", r"(?P<at>\"\"\"|''')", "a text stands in one pair of quotes, on one line",
     r"write `\\n` for a line break in it"),
)  # fmt: skip

# --- numbers and units ----------------------------------------------------------------------------------------------------------

_NUMBERS = (
    ("V109", r"(?P<at>(\d+(?:\.\d+)?)\s+%)(?!\s*[\w(\"'])", "a percentage has no space in it", r"write `\2%`", r"\2%"),
    ("V109", r"(?P<at>(\d+(?:\.\d+)?)\s+%)(?=\s*(?:and|or|for)\b)", "a percentage has no space in it", r"write `\2%`",
     r"\2%"),
    ("V101", r"(?<!\w)(?P<at>\.\d+)", "a number begins with a digit", r"write `0\g<at>`", r"0\g<at>"),
    ("V101", r"(?P<at>\d+(?:_\d+)+)", "", "write its digits without `_`"),
    ("V101", r"(?P<at>\d+(?:\.\d+)?[eE]\d+)", "", "write it out, without an exponent"),
)  # fmt: skip

_UNITS = {
    "ms": "ms|msec|milliseconds?",
    "s": "s|secs?|seconds?",
    "m": "m|mins?|minutes?",
    "h": "h|hrs?|hours?",
    "d": "d|days?",
    "w": "w|weeks?",
    "%": "percent|pct",
    "KiB": "KiB",
    "MiB": "MiB",
    "GiB": "GiB",
    "KB": "KB",
    "MB": "MB",
    "GB": "GB",
}


def _units() -> Iterator[tuple[str, str, str, str, str]]:
    """`5 min`: what follows the number is taken for something else."""
    for unit, spellings in _UNITS.items():
        pattern = rf"(?P<at>\b(\d+(?:\.\d+)?)\s+(?:{spellings})\b)"
        yield "V112", pattern, "a unit stands right behind its number", rf"write `\2{unit}`", rf"\2{unit}"


# --- clauses: YAML, Ansible, Prometheus, systemd ----------------------------------------------------------------------------------

_CLAUSES = (
    ("V101", r"^\s*(?P<at>-)\s", "no list with dashes here",
     "values stand behind their word, with commas between them; a condition is joined by `and`"),
    ("V101", r"^\s*(?P<at>\"(\w+)\")", "a clause begins with a word, without quotes", r"write `\2`", r"\2"),
    ("V101 V201", r"(?P<at>\b(?:else|catch|except|finally|rescue)\b)", r"there is no `\g<at>`",
     "what is done when no `try` helped stands in `otherwise { … }`"),
    ("V111", r"^\s*on\s+(?P<at>(?!fault\b|event\b|change\b|exhausted\b)\w+)\s*(?:[#;}].*)?$", "",
     r"of a fault, write `on fault \g<at>`"),
    ("V111", r"\b(restart|start|stop|pause|resume)\s+(?P<at>\"(\w+)\")", "", r"write `\1 agent \3`", r"agent \3"),
    ("V201", r"\b(?P<at>for[_-]?(?:each|all))\s+(\w+)", "", r"write `for each \2`"),
    ("V111", r"(?:^|[{;])\s*for\s+(?P<at>all|every|any)\s+(\w+?)s?\b", "", r"write `for each \2`"),
    ("V111", r"^\s*for:?\s+(?P<at>\d\w*)", "how long it has to hold stands in the line of its condition",
     r"write `when … for \g<at>`"),
    ("V111", r"(?:^|[{;])\s*for\s+(?P<at>(?!each\b)[a-z_]\w*)\b", "", r"write `for each \g<at>`"),
    ("V111", r"\b(?:process|exec)\s+(?P<at>\"[^\"]*\"|'[^']*')", "",
     'no shell takes it apart: every word is an element of a list, `["/usr/bin/api", "--port", "80"]`'),
    ("V111", r"\bunit\s+(?P<at>\"[^\"]*\.service\")", "", r"write `unit systemd \g<at>`"),
    ("V111", r"\bhealth\s+(?P<at>\"https?:[^\"]*\")", "", r"write `health http \g<at>`", r"http \g<at>"),
    ("V111", r"^\w+\s+(?P<at>\d\w*)", "a name begins with a letter", "put a letter before it"),
    ("V111", r"\brun\s+(?P<at>\"[^\"]*\")", "", r"a command is run by `do { exec [\g<at>] }`; workflows and automations have names"),
    ("V201", r"(?P<at>\bexpect)\s+(?:no\s+)?(?:fault|action|recovery|alert|workflow|count)\b", "an `expect` says when",
     "write `at 5s expect …`"),
    ("V112", r"\bgiven\s+(\w+)\s+(\w+)(?P<at>:)\s+(\w+)\s+\S+", "the colon stands behind the field",
     r"write `given \1 \2 \4: …`"),
    ("V201", r"\b(?P<at>expr|expression|condition|if|query|threshold)\b", "", "a condition stands behind `when`"),
    ("V201", r"\b(?P<at>description|summary|annotations|title)\b", "", 'what people read stands in `message "…"`'),
    ("V201", r"\b(?P<at>level)\b", "", "how bad it is stands behind `severity`"),
    ("V201", r"\b(?P<at>interval|frequency|period|scrape_interval)\b", "", "how often stands behind `every`"),
    ("V201", r"\b(?P<at>depends_on|depends|requires|dependencies)\b", "", "what an agent cannot run without stands behind `needs`"),
    ("V201", r"\b(?P<at>shell|bash|sh|script|command|cmd|ExecStart)\b", "",
     'a command is a list of words and no shell: `exec ["systemctl", "restart", "api"]`, of an agent `unit process ["bin/api"]`'),
    ("V201", r"\b(?P<at>env|vars)\b", "", "write `environment NAME: VALUE`, in the braces of the command"),
    ("V201", r"\b(?P<at>email|slack|pagerduty|mail|telegram)\b", "",
     'people are told through channels: `channel oncall { url "…" }`, and here `notify oncall`'),
    ("V201", r"\b(?P<at>max_retries|retries|attempts)\b", "", "how often it is done at most says `limit 3 per 1h …`, of a step `retry 3`"),
    ("V201", r"\b(?P<at>sleep|delay)\b", "", "nothing sleeps: a condition has a hold (`for 30s`), a recovery a `cooldown`"),
    ("V210", r"\buse\s+(?P<at>[\"'](std\.\w+)[\"'])", "", r"without quotes: `use \2`", r"\2"),
)  # fmt: skip

# --- when something is done -------------------------------------------------------------------------------------------------------

_TIMES = (
    ("V111", r"\bevery\s+(?P<at>[\"'](\d+\w+)[\"'])", "", r"without quotes: `every \2`", r"\2"),
    ("V101 V111 V112", r"\bcron\s+(?P<at>[\d*/,-]+(?:\s+[\d*/,\w-]+){4})", "a cron expression stands in single quotes",
     r"write `cron '\g<at>'`", r"'\g<at>'"),
    ("V111", r"\bat\s+(?P<at>\d{1,2}(?:\s?[ap]m)?)\b(?!:)", "", "a time of day has hours and minutes: `02:00`, `14:30`"),
    ("V111 V203", r"\bevery\s+(?P<at>daily|night|nightly)\b", "", "write `every day at 02:00`"),
    ("V111 V203", r"\bevery\s+(?P<at>hour|hourly)\b", "", "write `every 1h`", "1h"),
    ("V111 V203", r"\bevery\s+(?P<at>minute)\b", "", "write `every 1m`", "1m"),
    ("V111 V203", r"\bevery\s+(?P<at>week|weekly)\b", "", "write `every mon at 02:00`"),
)  # fmt: skip

# --- column 1 -----------------------------------------------------------------------------------------------------------------------

_DECLARATIONS = (
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


HABITS = tuple(_habits())
