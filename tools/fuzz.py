"""`make fuzz [N=SECONDS]`: looks for texts that crash the checker, hold it up, or make it eat memory, and for what sources may say
that does so where facts are taken in.

Texts are made of the vocabulary's own words and shapes, of pieces of real rules, and of noise; with atheris installed, half of the time its
search for code that was not reached yet takes over. Whatever is found is kept as a file and named at the end, with exit status 1; what a
source said ends in `.said`.

`python -m tools.fuzz FILE` tries a kept file again.
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from dsl.memory import Memory
from tests.fuzz.examine import examine_bytes
from tests.fuzz.inputs import BLOCKS, KINDS_OF_TEXT
from tests.fuzz.said import KINDS_OF_SAID, Taker

SECONDS = 300
CPU_SECONDS = 20  # for one text; the slowest honest ones take a tenth of it
MEGABYTES = 1024
FOUND = Path("fuzz-found")
SAID = ".said"


class TooSlow(Exception):
    """The text was looked at for longer than any text may take."""


@contextmanager
def bounded() -> Iterator[None]:
    """A text that takes too long, or too much memory, fails like one that crashes."""

    def stop(_number: int, _frame: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def fails(examine: Callable[[], None]) -> str | None:
    """How it fails, if it does."""
    try:
        with bounded():
            examine()
    except Exception:  # noqa: BLE001 -- whatever it is, it is what is looked for
        return traceback.format_exc(limit=-6)
    return None


def search(seconds: float, seed: int) -> int:
    """Texts by the vocabulary, one after the other; how many failed."""
    return _search(seconds, seed, _Sort("texts", "", _text, lambda: partial(_examine_text, Memory())))


def search_said(seconds: float, seed: int) -> int:
    """The same of what sources may say."""
    return _search(seconds, seed, _Sort("replies", SAID, _said, lambda: Taker().examine))


class _Sort(NamedTuple):
    """What is tried. `examiner` begins anew, with nothing remembered: so does the search after a failure."""

    name: str
    suffix: str
    made: Callable[[Random], bytes]
    examiner: Callable[[], Callable[[bytes], object]]


def _text(random: Random) -> bytes:
    return random.choice(KINDS_OF_TEXT)(random).encode("utf-8", "surrogatepass")


def _said(random: Random) -> bytes:
    return random.choice(KINDS_OF_SAID)(random)


def _examine_text(memory: Memory, data: bytes) -> None:
    examine_bytes(data, memory)


def _search(seconds: float, seed: int, sort: _Sort) -> int:
    random, examine, end = Random(seed), sort.examiner(), time.monotonic() + seconds
    tried = failed = 0
    while time.monotonic() < end:
        data = sort.made(random)
        why = fails(partial(examine, data))
        tried += 1
        if why is not None:
            failed += 1
            _keep(f"{seed}-{tried}{sort.suffix}", data, why)
            examine = sort.examiner()
    print(f"{tried} {sort.name} tried, {failed} failed (seed {seed})")
    return failed


def _keep(name: str, data: bytes, why: str) -> None:
    FOUND.mkdir(exist_ok=True)
    (FOUND / name).write_bytes(data)
    print(f"{FOUND / name}\n{why}")


def by_coverage(seconds: int) -> int:
    """atheris, in a process of its own: it ends that at the first failure, and keeps the text."""
    FOUND.mkdir(exist_ok=True)
    corpus = FOUND / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, text in enumerate(BLOCKS):  # small ones: what it changes in them matters
        (corpus / f"seed-{number}").write_text(text, encoding="utf-8")
    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={FOUND}/",
        "-max_len=4000",
        f"-timeout={CPU_SECONDS}",
    ]
    command = [
        sys.executable,
        "-m",
        "tools.fuzz_by_coverage",
        *options,
        f"-rss_limit_mb={MEGABYTES}",
        str(corpus),
    ]
    return subprocess.run(command, check=False).returncode


def has_atheris() -> bool:
    from importlib.util import find_spec

    return find_spec("atheris") is not None


def main(words: list[str]) -> int:
    limit = MEGABYTES * 1024 * 1024
    if words and not words[0].isdigit():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        data = Path(words[0]).read_bytes()
        why = fails(partial(Taker().examine if words[0].endswith(SAID) else examine_bytes, data))
        print(why or "it does not fail any more")
        return 1 if why else 0
    seconds, seed = int(words[0]) if words else SECONDS, int(time.time())
    said = seconds / 4
    texts = seconds - said
    failed = by_coverage(int(texts / 2)) if has_atheris() else 0
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    failed += search(texts / 2 if has_atheris() else texts, seed)
    failed += search_said(said, seed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
