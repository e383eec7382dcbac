"""When something is done."""

from __future__ import annotations

from dsl.habits.written import Written

_DAY = "mon|tue|wed|thu|fri|sat|sun"

TIMES: tuple[Written, ...] = (
    ("V111", r"\bevery\s+(?P<at>[\"'](\d+\w+)[\"'])", "", r"without quotes: `every \2`", r"\2"),
    ("V101 V111 V112", r"\bcron\s+(?P<at>[\d*/,-]+(?:\s+[\d*/,\w-]+){4})", "a cron expression stands in single quotes",
     r"write `cron '\g<at>'`", r"'\g<at>'"),
    ("V111", r"\bat\s+(?P<at>\d{1,2}(?:\s?[ap]m)?)\b(?!:)", "", "a time of day has hours and minutes: `02:00`, `14:30`"),
    ("V111 V203", r"\bevery\s+(?P<at>daily|night|nightly)\b", "", "write `every day at 02:00`"),
    ("V111 V203", r"\bevery\s+(?P<at>hour|hourly)\b", "", "write `every 1h`", "1h"),
    ("V111 V203", r"\bevery\s+(?P<at>minute)\b", "", "write `every 1m`", "1m"),
    ("V111 V203", r"\bevery\s+(?P<at>week|weekly)\b", "", "write `every mon at 02:00`"),
    ("V111 V112", rf"(?P<at>({_DAY})\s*-\s*({_DAY}))\b", "from one day to another is written with `to`", r"write `\2 to \3`", r"\2 to \3"),
    ("V101 V111 V112", r"(?P<at>(\d\d:\d\d)\s*-\s*(\d\d:\d\d))", "from one time to another is written with `to`",
     r"write `\2 to \3`", r"\2 to \3"),
    ("V112", r"(?P<at>\b\d{1,2} to \d{1,2})\b(?!:)", "a time of day has hours and minutes", "write, for example, `09:00 to 18:00`"),
    ("V111", r"(?P<at>\bon\s+)every\b\s*", "a schedule needs no `on`", "take it away", ""),
    ("V201", r"(?P<at>\bat\b)\s+\d", "", "write `every day at 02:00`"),
    ("V201", r"(?P<at>\bfrom\b)\s+\d\d:\d\d", "", "write `every day at 02:00 lasting 1h`"),
    ("V111", r"\bevery\s+(\w+)\s+(?P<at>\d\d:\d\d)", "", r"write `every \1 at \g<at>`", r"at \g<at>"),
    ("V111", rf"\bevery\s+(?P<at>({_DAY})\w*days?)\b(?:\s+at\s)?", "", r"write `\2`", r"\2"),
    ("V203 V111", r"\bper\s+(?P<at>second|sec)\b", "", "write `per 1s`", "1s"),
    ("V203 V111", r"\bper\s+(?P<at>minute|min)\b", "", "write `per 1m`", "1m"),
    ("V203 V111", r"\bper\s+(?P<at>hour)\b", "", "write `per 1h`", "1h"),
    ("V203 V111", r"\bper\s+(?P<at>day)\b", "", "write `per 1d`", "1d"),
)  # fmt: skip
