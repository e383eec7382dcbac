"""Conditions and functions: PromQL, Python, JavaScript, SQL."""

from __future__ import annotations

from dsl.habits.written import Written

_NOTHING = r"(?:None|null|nil|NULL|undefined)\b"
_STATUS = "up|down|degraded|starting|stopped"

CONDITIONS: tuple[Written, ...] = (
    # operators
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
    # functions
    ("V208", r"(?P<at>(avg|min|max|sum|count|last|stddev)_over_time)\(([\w.]+)\[(\w+)\]\)", "", r"write `\2(\3 over \4)`"),
    ("V208", r"\b(?P<at>irate)\(", "", "write `rate(x over 5m)`"),
    ("V208", r"\b(?P<at>predict_linear|predict|holt_winters)\(", "",
     "write `forecast(x after 6h over 3h)`, or `time_until(x >= 95% over 3h)`"),
    ("V208", r"\b(?P<at>histogram_quantile|quantile_over_time|percentile|p\d\d|median)\(", "",
     "write `quantile(0.95, x over 5m)`; the median is `quantile(0.5, …)`"),
    ("V208", r"\b(?P<at>exists|some)\(", "", "write `any(TYPE where CONDITION)`"),
    ("V208", r"\b(?P<at>none)\(", "", "write `no(TYPE where CONDITION)`"),
    ("V208", r"\b(?P<at>every|forall)\(", "", "write `all(TYPE satisfy CONDITION)`"),
    ("V208", r"\b(?P<at>mean|average)\(", "", "write `avg(…)`", "avg"),
    ("V208", r"\b(?P<at>env|getenv)\((\"[^\"]*\")", "", 'what only this machine knows is a secret: `secret("env:NAME")`'),
    ("V101", r"\bcount\((?P<at>\*)\)", "what is counted has a name", "write `count(agent where agent.status == \"up\")`"),
    ("V304 V212", r"\b(\w+)\((event \w+|[\w.]+)\s+(?P<at>in last|in|last|for|within)\s+(\d+\w+)\)", "a window is written with `over`",
     r"write `\1(\2 over \4)`", "over"),
    ("V212", r"\bduring\((?P<at>[\"'](\w+)[\"'])\)", "a calendar is named without quotes", r"write `during(\2)`", r"\2"),
    ("V112", r"([\d.]+)\s+(?P<at>per)\s+(?:1\s*)?(\w+)", "a rate is a quotient", r"write `\1 / 1s`"),
    ("V203", r"/\s*(?P<at>([smhd]))\b", "", r"write `/ 1\2`", r"1\2"),
)  # fmt: skip
