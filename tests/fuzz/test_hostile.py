"""Inputs that were made to hurt. What they cost grows with their length: half of them once took minutes."""

from __future__ import annotations

import tracemalloc

import pytest

from dsl import files
from dsl.source import NotText, decode
from tests.dsl.checking import checked
from tests.fuzz.examine import examine


def _rule(condition: str) -> str:
    return f"detection a {{\n    for each agent\n    severity warning\n    category agent\n    when {condition}\n}}\n"


_TEXTS = {
    "circles of needs": "".join(
        f'agent a{i} {{ unit process ["x"]; needs b{i} }}\nagent b{i} {{ unit process ["x"]; needs a{i} }}\n'
        for i in range(400)
    ),
    "circles of constants": "".join(f"let a{i} = b{i}\nlet b{i} = a{i}\n" for i in range(400)),
    "everything needs everything": "".join(
        f'agent a{i} {{ unit process ["x"]; needs {", ".join(f"a{j}" for j in range(40) if j != i)} }}\n'
        for i in range(40)
    ),
    "silences of nothing": "# volexd: allow V404 because x\n" * 4_000,
    "silences that say nothing": "# volexd: allow\n" * 4_000,
    "silences of many codes": "# volexd: allow " + "V404," * 5_000 + " because x\nlet a = 1\n",
    "a million spaces": " " * 1_000_000,
    "a comment of a megabyte": "#" * 1_000_000,
    "a text of a megabyte": 'let a = "' + "x" * 1_000_000 + '"\n',
    "a text of half a million escapes": 'let a = "' + "\\\\n" * 500_000 + '"\n',
    "carriage returns": "\r" * 100_000 + "let a = 1",
    "half of a character": 'let a = "\ud800"\nlet \udfff = 3\n',
    "a huge number": _rule("agent.restarts > " + "9" * 5_000),
    "a huge index": _rule('agent.labels["x"][' + "9" * 5_000 + "] == 1"),
    "a quantity of many parts": "let a = " + "1h" * 5_000 + "\n",
    "ten thousand clauses": "detection a {\n" + "    tags x\n" * 5_000 + "}\n",
    "a clause of many values": _rule(" or ".join(f"agent.cpu > {i % 90 + 1}%" for i in range(500))),
    "braces": "{\n" * 20_000,
    "quotes": '"\n' * 20_000,
    "repetitions": _rule("agent.name matches '(((a{1,999}){1,999}){1,999})'"),
    "alternatives": _rule("agent.name matches '" + "(a|b|c|d)" * 100 + "'"),
    "a time zone that is a path": 'calendar c { hours mon to fri 09:00 to 18:00; timezone "../../etc/passwd" }\n',
    "a chain of recoveries": "".join(
        f"recovery r{i} {{ on exhausted r{i + 1}; try t {{ restart agent }}; limit 1 per 1h by agent }}\n"
        for i in range(300)
    ),
}


@pytest.mark.parametrize("name", _TEXTS)
def test_it_is_examined(name: str) -> None:
    examine(_TEXTS[name])


@pytest.mark.parametrize("name", [name for name, text in _TEXTS.items() if len(text) >= 1_000_000])
def test_what_it_takes_of_memory_is_in_proportion(name: str) -> None:
    checked("let a = 1\n")  # what every check holds
    tracemalloc.start()
    try:
        checked(_TEXTS[name])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * len(_TEXTS[name])


def test_ten_thousand_errors_are_some_hundred_findings() -> None:
    found = checked(
        "".join(f"detection d{i} {{ category agent; when host.cpuu > 5% }}\n" for i in range(2_000))
    )
    assert len(found.findings) == 501


@pytest.mark.parametrize("data", [b"let a = \0", b"\xff\xfe", "let a = 1".encode("utf-16"), b"\x80" * 1_000])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


def test_a_file_of_too_many_declarations_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BLOCKS", 3)
    found = checked("".join(f"let a{i} = 1\n" for i in range(5)))
    (finding,) = [one for one in found.findings if one.code == "V106"]
    assert (finding.span.line, finding.message) == (
        4,
        "there are 5 declarations in this file; 3 is the most for one",
    )
