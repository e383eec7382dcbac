"""From the words of the command line to the one command that they mean."""

from __future__ import annotations

from importlib import import_module

from daemon.cli.failure import CommandFailed
from daemon.cli.parser import Parser
from daemon.cli.table import COMMANDS
from daemon.suggestion import did_you_mean


def dispatch(words: list[str]) -> int:
    """Raises CommandFailed; SystemExit of --help and --version is returned as their status."""
    name, rest = _command(words)
    module = import_module(f"daemon.cli.{name}")
    parser = parser_of(name)
    try:
        arguments = parser.parse_args(rest)
    except SystemExit as end:
        return int(end.code or 0)
    return int(module.run(arguments))


def parser_of(name: str) -> Parser:
    """The parser of a command; `daemon` is `volexd` itself."""
    module = import_module(f"daemon.cli.{name}")
    if name == "daemon":
        parser: Parser = module.parser()
    else:
        parser = Parser(f"volexd {name}", COMMANDS[name])
    module.add_arguments(parser)
    return parser


def _command(words: list[str]) -> tuple[str, list[str]]:
    """The command's name and its words. `--check` as first word is another spelling of `check`."""
    if not words or (words[0].startswith("-") and words[0] != "--check"):
        return "daemon", words
    name = words[0].removeprefix("--")
    if name == "help":
        return _help_of(words[1:])
    if name not in COMMANDS:
        raise CommandFailed(f"no command {name!r}; {did_you_mean(name, list(COMMANDS))} (see: volexd --help)")
    return name, words[1:]


def _help_of(words: list[str]) -> tuple[str, list[str]]:
    """`volexd help`, `volexd help check`: what people try first."""
    return _command([*(word for word in words if not word.startswith("-")), "--help"])
