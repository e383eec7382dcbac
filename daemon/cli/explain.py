"""`volexd explain [CODE]`: the page of a finding, or all codes that there are."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_format

if TYPE_CHECKING:
    from dsl.codes import Code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="of a finding, as V404; default: lists all")
    add_format(parser, "text", "json")


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json
    from dsl.codes import CODES
    from dsl.pages import page

    as_json = arguments.format == "json"
    if arguments.code is None:
        if as_json:
            print_json({"codes": [_described(code) for code in CODES.values()]})
        else:
            print("\n".join(_listed()))
        return 0
    code = _found(arguments.code)
    if as_json:
        print_json({**_described(code), "page": page(code.code)})
    else:
        print(page(code.code), end="")
    return 0


def _described(code: Code) -> dict[str, str]:
    return {
        "code": code.code,
        "severity": code.severity,
        "range": code.range,
        "title": code.title,
        "meaning": code.meaning,
    }


def _listed() -> Iterator[str]:
    from dsl.codes import CODES, RANGES

    for title in RANGES.values():
        codes = [code for code in CODES.values() if code.range == title]
        if codes:
            yield f"{title}:"
            yield from (f"  {code.code}  {code.severity:<7}  {code.title}" for code in codes)
    yield "\nvolexd explain CODE shows the page of one."


def _found(written: str) -> Code:
    """`v404` and `404` are understood. Raises CommandFailed."""
    from dsl.codes import CODES
    from dsl.suggest import closest

    name = re.sub(r"^v?(?=\d)", "V", written.strip(), flags=re.IGNORECASE)
    if name in CODES:
        return CODES[name]
    near = closest(name, CODES)
    way_out = f"did you mean {near}?" if near else "`volexd explain` lists them all"
    raise CommandFailed(f"there is no finding {written!r}; {way_out}")
