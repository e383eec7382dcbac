"""A check that remembers the last one finds what a check finds that remembers nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl import files
from dsl.check import check
from dsl.memory import Memory
from dsl.parser import parse_block
from dsl.source import Source

_TOUR = Path(__file__).with_name("tour.rules").read_text(encoding="utf-8")
_WEB = re.split(
    "=====\n",
    """\
agent a { unit process ["sleep", "9"] }
let patience = 10s
=====
channel people { url "log:" }
detection one {
    for each agent
    severity warning
    category agent
    when agent.status == "down" for patience
    notify people
}
detection two {
    for each agent
    severity warning
    category agent
    when agent.restarts > 3
    inhibited by fault one
    notify people
}
=====
recovery first {
    on fault one
    try again { restart agent; verify within 60s }
    limit 3 per 1h by agent
}
recovery last {
    on fault one, two
    try again { restart agent; verify within 60s }
    limit 3 per 1h by agent
}
recovery any {
    on fault where fault.category == "agent"
    try again { log "x" }
    limit 3 per 1h overall
}
=====
workflow w(x: text) {
    step s { exec ["/bin/true", x] }
}
automation daily {
    every day at 02:00
    run w(x: "a")
}
adaptation calmer {
    of workflow w
    when host.cpu > 90%
    then { set steps.s.timeout = 5s }
}
""",
)
_SETS = [[_TOUR], _WEB]
_PIECES = sorted(
    {piece for texts in _SETS for text in texts for piece in re.findall(r"\w+|\s+|[^\w\s]+", text)}
)
_EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True),  # which file
    st.floats(0, 1, exclude_max=True),  # where in it
    st.integers(0, 12),  # how much is taken away
    st.sampled_from(["", "\n", "# volexd: allow V404 because x\n", *_PIECES]),
)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(_SETS), st.lists(_EDIT, max_size=4), st.booleans())
def test_after_every_edit(texts: list[str], edits: list[tuple[float, float, int, str]], back: bool) -> None:
    memory = Memory()
    states = [texts]
    for which, where, removed, inserted in edits:
        index = int(which * len(texts))
        text = states[-1][index]
        at = int(where * (len(text) + 1))
        states.append([*states[-1]])
        states[-1][index] = text[:at] + inserted + text[at + removed :]
    for state in [*states, *(reversed(states) if back else ())]:
        sources = [Source(f"{number}.rules", text) for number, text in enumerate(state)]
        assert _told(sources, memory) == _told(sources, None)


def _told(sources: list[Source], memory: Memory | None) -> object:
    """Everything that a check tells: of the program also places and texts, which do not count when two are compared."""
    found = check(sources, vocabulary(), memory=memory)
    assert found.known is not None
    known = (found.known.declared, found.known.types, found.known.labels_read, found.known.constants.used)
    return found.findings, found.program, repr(found.program), found.understood, known


@settings(deadline=None, max_examples=15)
@given(st.sampled_from(_WEB), st.data())
def test_whole_declarations_come_and_go(added: str, data: st.DataObject) -> None:
    blocks = [block for text in _WEB for block in re.split(r"(?m)^(?=[a-z])", text) if block]
    memory = Memory()
    for _ in range(4):
        kept = data.draw(st.lists(st.sampled_from(blocks), unique=True))
        sources = [Source("a.rules", "".join(kept)), Source("b.rules", added)]
        assert _told(sources, memory) == _told(sources, None)


def test_only_what_was_changed_is_parsed(monkeypatch: object) -> None:
    parsed: list[str] = []

    def counting(text: str, *more: Any) -> object:
        parsed.append(text)
        return parse_block(text, *more)

    monkeypatch.setattr(files, "parse_block", counting)  # type: ignore[attr-defined]
    memory = Memory()
    sources = [Source("a.rules", "let a = 1\nlet b = 2\n"), Source("b.rules", "let c = 3\n")]
    check(sources, vocabulary(), memory=memory)
    assert parsed == ["let a = 1", "let b = 2", "let c = 3"]
    check([Source("a.rules", "# moved\nlet a = 1\nlet b = 4\n"), sources[1]], vocabulary(), memory=memory)
    assert parsed[3:] == ["let b = 4"]


def test_what_is_gone_is_forgotten() -> None:
    memory = Memory()
    check([Source("a.rules", "let a = 1\n"), Source("b.rules", "let b = 1\n")], vocabulary(), memory=memory)
    check([Source("b.rules", "let b = 1\n")], vocabulary(), memory=memory)
    assert (list(memory.files), list(memory.heads)) == (["b.rules"], ["b.rules"])


def test_what_a_chained_fault_is_about_is_known_again() -> None:
    text = """\
channel people { url "log:" }
detection one { for each agent; category agent; when agent.paused; notify people }
detection two { on fault one; until not agent.paused; category agent; notify people }
recovery r { on fault two; try t { exec ["bin/x", agent.name]; affects agent.status }; limit 1 per 1h by agent }
"""
    words, memory = replace(vocabulary(), later={}), Memory()
    assert check([Source("a.rules", text)], words, memory=memory).findings == ()
    other = Source("a.rules", text.replace("by agent", "by agnt"))
    assert [one.code for one in check([other], words, memory=memory).findings] == ["V203"]
