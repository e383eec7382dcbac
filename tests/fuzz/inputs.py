"""Texts to try: what the vocabulary can say, whether it makes sense or not, and what becomes of a text that is damaged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from daemon.vocabulary import vocabulary
from dsl import shape
from dsl.lexicon import lexicon
from dsl.shape import FAMILIES, KINDS, Pattern
from dsl.vocabulary.word import Word

_ROOT = Path(__file__).parents[2]
SEEDS = [
    path.read_text(encoding="utf-8")
    for path in sorted([*(_ROOT / "rules").rglob("*.rules"), _ROOT / "tests" / "dsl" / "tour.rules"])
]
BLOCKS = [block for text in SEEDS for block in re.split(r"(?m)^(?=[A-Za-z_])", text) if block.strip()]
PIECES = sorted({piece for text in SEEDS for piece in re.findall(r"\w+|[^\w\s]+|\n *", text)})
ODD = [
    *(
        "\0",
        "\r",
        "\t",
        "\ufeff",
        "\ud800",
        "\u202e",
        "é",
        "߀",
        "\x85",
        "\u2028",
        "'",
        '"',
        "\\",
        "{",
        "}",
        "{{",
        "(",
        "[",
        ";",
        "#",
    ),
    *(
        "9" * 400,
        "1e9",
        "0x1",
        "1h" * 50,
        "-" * 30,
        "not " * 30,
        "(" * 25,
        "a." * 60 + "b",
        "'(a+)+'",
        '"{' * 20,
    ),
    *("# volexd: allow V404 because x", "== ==", "&&", "for 15", "use std.healing", "use '../x.rules'"),
]
_LEXICON = lexicon(vocabulary())
_NAMES = ("agent", "host", "disk", "fault", "a", "b", "stream", "step", "steps.s", "reply", "realtime", "x")
_FIELDS = (
    "status",
    "cpu",
    "name",
    "labels.tier",
    "usage",
    "since",
    "last_update",
    "body.items[0].id",
    "restarts",
)


def damaged(random: Random, text: str) -> str:
    """A few edits: something cut out, put in, said twice."""
    for _ in range(random.randint(0, 6)):
        at, length = random.randint(0, len(text)), random.randint(0, 12)
        put = random.choice(
            (random.choice(PIECES), random.choice(ODD), random.choice(BLOCKS), text[at : at + 40], "")
        )
        text = text[:at] + put + text[at + length :]
    return text


def blocks(random: Random) -> str:
    """Declarations that belong together, perhaps, and are perhaps damaged."""
    return damaged(random, "".join(random.choices(BLOCKS, k=random.randint(1, 5))))


def spoken(random: Random) -> str:
    """Declarations made of the words and the shapes of the vocabulary."""
    return "".join(_declaration(random) for _ in range(random.randint(1, 5)))


def soup(random: Random) -> str:
    """Pieces of the language and odd ones, in any order."""
    return "".join(
        random.choice((random.choice(PIECES), random.choice(ODD), " ")) for _ in range(random.randint(1, 80))
    )


def noise(random: Random) -> str:
    """Any characters at all."""
    return "".join(
        chr(random.choice((random.randint(0, 127), random.randint(0, 0x10FFFF)))) for _ in range(60)
    )


KINDS_OF_TEXT: Sequence[Callable[[Random], str]] = (
    blocks,
    spoken,
    soup,
    noise,
    lambda random: damaged(random, spoken(random)),
)


# --- by the vocabulary ----------------------------------------------------------------------------------------------------


def _declaration(random: Random) -> str:
    return _clause(random, ("file",), 0) + "\n"


def _clause(random: Random, families: tuple[str, ...], depth: int) -> str:
    names = _LEXICON.names(families)
    if not names:
        return "x"
    word = random.choice(_LEXICON.forms(random.choice(names), families))
    return f"{word.name} {_values(random, shape.compiled(word.shape), depth)}{_body(random, word, depth)}"


def _body(random: Random, word: Word, depth: int) -> str:
    families = (word.body,) if word.body else ()
    if not families or depth > 3 or not _LEXICON.names(families):
        return ""
    required = [one.name for one in _LEXICON.required(families)]
    lines = [_clause(random, families, depth + 1) for _ in range(random.randint(0, 4))]
    for name in required:
        word = random.choice(_LEXICON.forms(name, families))
        lines.append(
            f"{word.name} {_values(random, shape.compiled(word.shape), depth)}{_body(random, word, depth + 1)}"
        )
    indent = "    " * (depth + 1)
    return " {\n" + "".join(f"{indent}{line}\n" for line in lines) + indent[4:] + "}"


def _values(random: Random, pattern: Pattern, depth: int) -> str:
    match pattern:
        case shape.Literal():
            return f"not {pattern.word}" if pattern.negated else pattern.word
        case shape.Sign(text):
            return text
        case shape.Value():
            return _value(random, pattern.kind, depth)
        case shape.Family(name):
            return _clause(random, (name,), depth + 1) if depth < 3 else FAMILIES[name][1].split(" ")[0]
        case shape.Optional(inner):
            return _values(random, inner, depth) if random.random() < 0.5 else ""
        case shape.Repeated(inner):
            return ", ".join(_values(random, inner, depth) for _ in range(random.randint(1, 3)))
        case shape.Sequence(parts):
            return " ".join(_values(random, part, depth) for part in parts)
        case shape.Choice(options):
            return _values(random, random.choice(options), depth)


def _value(random: Random, kind: str, depth: int) -> str:
    known = KINDS[kind]
    if known.shape:
        return _values(random, shape.compiled(known.shape), depth)
    if kind in ("CONDITION", "VALUE", "FLAG") or random.random() < 0.1:
        return expression(random, depth)
    return random.choice(_SIMPLE.get(kind, _ANY))


_ANY = (
    "a",
    "agent",
    '"x"',
    "'y'",
    "3",
    "30s",
    "5%",
    "1GiB",
    "02:00",
    "true",
    "[]",
    '["x", agent.name]',
    "agent.name",
    "host.cpu",
)
_SIMPLE: dict[str, tuple[str, ...]] = {
    "DURATION": ("30s", "1h30m", "0s", "3", "99999999w", "2m * 3"),
    "SIZE": ("1GiB", "0B", "5", "1PiB * 99"),
    "NUMBER": ("3", "0", "3.5", "-1", "99999999999999999999"),
    "PERCENT": ("5%", "95%", "0.5", "400%"),
    "TEXT": ('"x"', "'y'", '"{agent.name} is {agent.status}"', '"{host.cpu}"', '"{x', "agent.name"),
    "NAMED": ("x: 1", 'status: "up"', "name: text", "symbols: list", "cpu: 2"),
    "LIST": ("[]", '["bin/x", agent.name]', "[1, 2]", "[[]]"),
    "NAME": _NAMES,
    "TYPE": _NAMES,
    "PATH": tuple(f"{name}.{field}" for name in _NAMES for field in _FIELDS),
}


def expression(random: Random, depth: int = 0) -> str:
    """Calls, members, windows, comparisons, of anything with anything."""
    if depth > 4 or random.random() < 0.25:
        return random.choice((*_ANY, *_SIMPLE["PATH"]))
    one, other = expression(random, depth + 2), expression(random, depth + 2)
    return random.choice(
        (
            f"{one} {random.choice(('==', '!=', '<', '>=', 'in', 'contains', 'not in'))} {other}",
            f"{one} {random.choice(('+', '-', '*', '/', 'mod', 'and', 'or'))} {other}",
            f"not {one}",
            f"({one})",
            f"{one} matches '{random.choice(('a.*', '[0-9]+', '(a+)+', '(', ''))}'",
            f"{random.choice(_FUNCTIONS)}({one} over {random.choice(_SIMPLE['DURATION'])})",
            f"{random.choice(_FUNCTIONS)}({one}, {other})",
            f"{random.choice(_FUNCTIONS)}({one})",
            f"{random.choice(('any', 'all', 'no', 'count', 'sum', 'avg'))}({random.choice(_NAMES)} where {one})",
            f"count(event {random.choice(_NAMES)} where {one} over 5m)",
        )
    )


_FUNCTIONS = sorted({*_LEXICON.functions, *_LEXICON.calls})
