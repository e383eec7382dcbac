"""Which program a rule means, and in which surroundings it runs. No shell, no search path but the configured one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.analysis.written import written

SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_ARGUMENTS_LIMIT = 4096


class CommandRefused(Exception):
    """A command that volexd does not run; the text says why and what would do."""


@dataclass(frozen=True, slots=True)
class Commands:
    """A program is absolute, or a path with a slash under `programs`, or a bare name on `path`.

    `directories`, if any, are the only ones below which a program with an absolute path may stand, its links followed.
    """

    path: tuple[str, ...] = SYSTEM_PATH
    programs: str | None = None
    home: str = "/"
    directories: tuple[str, ...] = ()

    def argv(self, command: object) -> tuple[str, ...]:
        """The evaluated list of a rule as an argv: lists in it are spliced, the program is resolved.

        Raises CommandRefused.
        """
        words = _words(command)
        return (self.resolve(words[0]), *words[1:])

    def resolve(self, program: str) -> str:
        """The absolute path of a program. Raises CommandRefused."""
        if not program or "\0" in program:
            raise CommandRefused("the command names no program")
        if os.path.isabs(program):
            return self._allowed(program)
        return self._under_programs(program) if "/" in program else self._on_path(program)

    def environment(self, more: Mapping[str, object] | None = None) -> dict[str, str]:
        """The whole environment of a command: three fixed variables, and what the rule itself gives.

        Raises CommandRefused for a name that is none, and for an unknown value.
        """
        fixed = {"PATH": ":".join(self.path), "LANG": "C.UTF-8", "HOME": self.home}
        return fixed | {
            _variable(name): _word(value, f"variable {name}") for name, value in (more or {}).items()
        }

    def _allowed(self, program: str) -> str:
        real = Path(program).resolve()
        if self.directories and not any(real.is_relative_to(Path(d).resolve()) for d in self.directories):
            raise CommandRefused(
                f"{program!r} lies in none of the allowed directories ({', '.join(self.directories)});"
                " the configuration names them: commands.directories"
            )
        return program

    def _under_programs(self, program: str) -> str:
        if self.programs is None:
            raise CommandRefused(
                f"{program!r} is relative, and no directory of programs is configured; write the absolute path"
            )
        if ".." in Path(program).parts:
            raise CommandRefused(f"{program!r} leads out of {self.programs}; write it without '..'")
        return os.path.join(self.programs, program)

    def _on_path(self, program: str) -> str:
        for folder in self.path:
            candidate = os.path.join(folder, program)
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
        raise CommandRefused(
            f"{program!r} is not on the path ({':'.join(self.path)}); write the absolute path"
        )


def _words(command: object) -> list[str]:
    if not isinstance(command, Sequence) or isinstance(command, str) or not command:
        raise CommandRefused('a command is a list that begins with a program: ["program", "argument"]')
    words = [
        _word(value, f"argument {place}") for place, entry in enumerate(command) for value in _spliced(entry)
    ]
    if not words:
        raise CommandRefused("the command is an empty list")
    if len(words) > _ARGUMENTS_LIMIT:
        raise CommandRefused(f"the command has {len(words)} arguments, more than {_ARGUMENTS_LIMIT}")
    return words


def _spliced(entry: object) -> Sequence[object]:
    return entry if isinstance(entry, (list, tuple)) else (entry,)


def _word(value: object, what: str) -> str:
    if value is None:
        raise CommandRefused(f"{what} is unknown; nothing was run")
    word = written(value)
    if "\0" in word:
        raise CommandRefused(f"{what} holds a NUL byte")
    return word


def _variable(name: str) -> str:
    if not name or "=" in name or "\0" in name:
        raise CommandRefused(f"{name!r} is no name of a variable")
    return name
