"""A word of the language as data. From it come the checks, the messages, the completion and the reference pages."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A clause word.

    `inside` are the families of braces it may stand in ("file" is column 1; "detection", "try", "health http", …).
    `shape` is what follows the word, in the notation of `dsl.shape`: lower case words stand for themselves, CAPITALS name a kind of
    value, `label:` before one says under which name it is bound, `[…]` is optional, `a | b` a choice, `…` behind one a comma list,
    `<family>` the rest of the line as a clause of that family. `body` is the family of clauses that its braces hold.
    """

    name: str
    inside: tuple[str, ...]
    shape: str
    doc: str
    example: str
    body: str | None = None
    required: bool = False
    repeats: bool = False


class ActionWord(Word, frozen=True, kw_only=True):
    """A word that does something; it stands beside the code that does it, in `daemon/actions/`.

    `target` is the kind of thing it acts upon. `affects` are the fact fields that it may change, None when the rule has to say so.
    `reply` are the fields of its answer and their types; with `inside` "step action" it can be a step of a workflow.
    """

    target: str | None = None
    risk: str = "none"  # see dsl.program.RISKS
    repeatable: bool = False
    affects: tuple[str, ...] | None = ()
    timeout: float = 60.0
    reply: Mapping[str, str] = msgspec.field(default_factory=dict)


class ProbeWord(Word, frozen=True, kw_only=True):
    """A way to look at the world, in `daemon/probes/`. `reply` are the fields of its answer and their types.

    `health` says whether an agent's health can be seen by it. `pushes`: what it says comes by itself, nobody asks for it.
    """

    reply: Mapping[str, str] = msgspec.field(default_factory=dict)
    health: bool = True
    pushes: bool = False


class FunctionWord(msgspec.Struct, frozen=True, kw_only=True):
    """A built-in function; it stands beside its code in `engine/functions/`.

    `parameters` and `result` are texts of types; "T" stands for any one type and the result may repeat it, "part" for 0 to 1.
    """

    name: str
    parameters: tuple[str, ...]
    result: str
    doc: str
    example: str


class FunctionForm(msgspec.Struct, frozen=True, kw_only=True):
    """One way to call a function that ranges over members, over time or over what happened; most have several.

    `over` says over what, and which code of `dsl.resolve.calls` resolves it. `shape` is what stands between the parentheses, in the
    notation of `dsl.shape`, its arguments divided by ", ". `takes` is what its value has to be: number, counter (a number that only
    grows), ordered, flag, any. `result` is the text of a type, or what becomes of the value's: "the same", "the same per duration".
    """

    name: str
    over: str
    shape: str
    result: str
    doc: str
    example: str
    takes: str = "any"


class ValueWord(msgspec.Struct, frozen=True, kw_only=True):
    """A name that stands for a value."""

    name: str
    type: str
    doc: str
    example: str


class Vocabulary(msgspec.Struct, frozen=True):
    """All words, assembled at the top (`daemon.vocabulary`) and handed down. `later`: see `dsl.vocabulary.later`."""

    words: tuple[Word, ...]
    functions: tuple[FunctionWord, ...]
    forms: tuple[FunctionForm, ...] = ()
    values: tuple[ValueWord, ...] = ()
    later: Mapping[str, str] = msgspec.field(default_factory=dict)
