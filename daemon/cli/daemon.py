"""`volexd`: the daemon itself."""

from __future__ import annotations

import argparse
from pathlib import Path

from daemon.cli.failure import REFUSED_CONFIGURATION, CommandFailed
from daemon.cli.parser import Parser, add_config, add_database, one_of
from daemon.cli.table import COMMANDS

_DESCRIPTION = """\
Keeps a swarm of services healthy by rules: watches, decides, acts, verifies, and explains every step.
Without a command it runs the daemon, in the foreground, until TERM or INT."""

_EPILOG = """\
commands (volexd COMMAND --help says more):
{commands}

signals:
  HUP         reads the rules again; all or nothing     TERM, INT  ends what is under way, then volexd
  USR1        writes the state into the log

files:
  the configuration   --config, else /etc/volexd/volexd.yaml, else built-in defaults
  the rules           --rules, else `rules` of the configuration, else /etc/volexd/rules.d/*.rules
  the database        --db, else `database.url`, else $STATE_DIRECTORY, as root /var/lib/volexd/volexd.db,
                      else $XDG_STATE_HOME/volexd/volexd.db
  the control socket  --socket, else $VOLEXD_SOCKET, else `socket.path`, else $RUNTIME_DIRECTORY,
                      as root /run/volexd/control.sock, else $XDG_RUNTIME_DIR/volexd/control.sock

environment:
  NO_COLOR            no colours, also on a terminal
  VOLEXD_SOCKET       the control socket

exit status:
  0 it went well   1 what was checked, tested or asked for is not in order   2 wrong use, or nothing there
  3 warnings under --strict   78 the configuration or the rules are refused (the daemon does not start)

examples:
  volexd --check rules/                 volexd --rules rules/ --db volexd.db
  volexd test rules/                    volexd report healing --since 24h"""


def parser() -> Parser:
    commands = "\n".join(f"  {name:<10}  {summary}" for name, summary in COMMANDS.items())
    usage = "volexd [--config FILE] [--rules DIR] [--db URL] [--socket PATH] [--shadow] [--log-format text|json]\n"
    return Parser(
        "volexd", _DESCRIPTION, usage + "       volexd COMMAND …", _EPILOG.format(commands=commands)
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--rules", type=Path, metavar="DIR", help="the directory with the rules")
    add_database(parser)
    parser.add_argument("--socket", type=Path, metavar="PATH", help="the control socket")
    parser.add_argument(
        "--log-format",
        type=one_of("text", "json"),
        metavar="text|json",
        help="for people, or one document a line",
    )
    parser.add_argument(
        "--shadow",
        action="store_true",
        help="decide and record, and do nothing: `volexd report shadow` says what it would have done",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="the version, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    from daemon import service
    from daemon.config import ConfigRefused, load
    from daemon.service import logs
    from daemon.store.errors import AddressError, ForeignDatabaseError, StoreError

    try:
        config = load(
            arguments.config,
            rules=arguments.rules,
            database=arguments.db,
            socket=arguments.socket,
            log_format=arguments.log_format,
        )
        logs.configure(config.logs.level, config.logs.format)
        return service.run(config, shadow=arguments.shadow)
    except ConfigRefused as refusal:
        raise CommandFailed(*refusal.problems, status=REFUSED_CONFIGURATION) from None
    except (AddressError, ForeignDatabaseError) as error:
        raise CommandFailed(str(error), status=REFUSED_CONFIGURATION) from None  # a new start would not help
    except StoreError as error:
        raise CommandFailed(str(error), status=1) from None


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"volexd {version('volexd')}")
        parser.exit()
