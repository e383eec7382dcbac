"""Secrets are named in rules and read here, at the moment of use. They are never written to a log, an error or the store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_SIZE_LIMIT = 65536


class SecretFailure(Exception):
    """A secret could not be read. The text names where it should be, never what it is."""


def secret(reference: str, environment: Mapping[str, str] | None = None) -> str:
    """The secret behind `env:NAME`, `file:/PATH` or `credential:NAME` (a file of systemd's LoadCredential=).

    One line end at its end is no part of it. Raises SecretFailure.
    """
    environment = os.environ if environment is None else environment
    source, _, name = reference.partition(":")
    if source == "env":
        return _from_environment(name, environment)
    if source == "file":
        return _from_file(Path(name), reference)
    if source == "credential":
        return _from_file(_credential(name, environment), reference)
    raise SecretFailure(f"secret {reference!r}: write env:NAME, file:/PATH or credential:NAME")


def _from_environment(name: str, environment: Mapping[str, str]) -> str:
    try:
        return environment[name]
    except KeyError:
        raise SecretFailure(f"secret 'env:{name}': the environment of volexd has no {name}") from None


def _credential(name: str, environment: Mapping[str, str]) -> Path:
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        raise SecretFailure(
            f"secret 'credential:{name}': no CREDENTIALS_DIRECTORY; the unit of volexd needs LoadCredential={name}:…"
        )
    if not name or "/" in name or name.startswith("."):
        raise SecretFailure(f"secret 'credential:{name}': that is no name of a credential")
    return Path(folder, name)


def _from_file(path: Path, reference: str) -> str:
    if not path.is_absolute():
        raise SecretFailure(f"secret {reference!r}: write the absolute path")
    try:
        if path.exists() and not path.is_file():  # a pipe would keep us waiting
            raise SecretFailure(f"secret {reference!r}: not a file")
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
        if len(content) > _SIZE_LIMIT:
            raise SecretFailure(f"secret {reference!r}: more than {_SIZE_LIMIT} bytes")
        return content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SecretFailure(f"secret {reference!r}: not UTF-8 text") from None
    except OSError as error:
        raise SecretFailure(f"secret {reference!r}: {error.strerror}") from error
