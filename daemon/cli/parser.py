"""The parser of a command's words: argparse, with mistakes told in one line, and with the names that were meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from daemon.cli.failure import CommandFailed
from daemon.cli.table import COMMANDS
from daemon.suggestion import did_you_mean

_UNKNOWN = re.compile(r"unrecognized arguments: (\S+)")


class Parser(argparse.ArgumentParser):
    """Options are never abbreviated: what works today shall not mean another option tomorrow."""

    def __init__(
        self,
        prog: str,
        description: str,
        usage: str | None = None,
        epilog: str | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        """`also` are words that are understood before the parser sees them."""
        self._also = also
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=30, width=100
            ),
        )

    def error(self, message: str) -> NoReturn:
        unknown = _UNKNOWN.match(message)
        if unknown:
            message = f"{unknown[1]} means nothing here; {self._meant(unknown[1])}"
        raise CommandFailed(f"{message.removeprefix('argument ')} (see: {self.prog} --help)")

    def _meant(self, word: str) -> str:
        if word in COMMANDS:
            return f"a command stands first: volexd {word} …"
        if not word.startswith("-"):
            return "there is one word too many"
        options = sorted(option for option in self._option_string_actions if option.startswith("--"))
        return did_you_mean(word.partition("=")[0], [*options, *self._also])


def one_of(*choices: str) -> Callable[[str], str]:
    """The type of an option that takes one of a few words."""

    def read(word: str) -> str:
        if word not in choices:
            raise argparse.ArgumentTypeError(
                f"{word!r} is none of {', '.join(choices)}; {did_you_mean(word, choices)}"
            )
        return word

    return read


def add_format(parser: argparse.ArgumentParser, *choices: str) -> None:
    """`--format`, the first choice being the default."""
    parser.add_argument(
        "--format",
        type=one_of(*choices),
        default=choices[0],
        metavar="|".join(choices),
        help=f"default: {choices[0]}",
    )


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration; default: /etc/volexd/volexd.yaml if it exists",
    )


def add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--db", metavar="URL", help="the database: a path, sqlite:///PATH or postgresql://USER@HOST/NAME"
    )


def add_socket(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--socket", type=Path, metavar="PATH", help="the control socket; default: see `volexd --help`"
    )
