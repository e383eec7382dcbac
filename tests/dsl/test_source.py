"""Bytes become text, or one clear reason why not."""

from __future__ import annotations

import pytest

from dsl.source import MAX_BYTES, NotText, decode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"let a = 1\n", "let a = 1\n"),
        (b"\xef\xbb\xbflet a = 1", "let a = 1"),
        (b"a\r\nb\rc", "a\nb\nc"),
        ("überall".encode(), "überall"),
        (b"", ""),
    ],
)
def test_text(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (b"a\nb\xff", (2, 2), "0xff is not UTF-8"),
        ("ü\n".encode("latin-1"), (1, 1), "0xfc is not UTF-8"),
        ("ab\nc".encode("utf-16"), (1, 1), "0xff is not UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", (1, 8), "NUL byte"),
        (b"ok\n\xc3\xbc\x00", (2, 2), "NUL byte"),
        (b" " * (MAX_BYTES + 1), (1, 1), "the most a file of rules may have"),
    ],
)
def test_no_text(data: bytes, place: tuple[int, int], reason: str) -> None:
    with pytest.raises(NotText) as caught:
        decode(data)
    assert (caught.value.line, caught.value.column) == place
    assert reason in caught.value.reason
