"""Where the database is: a path, `sqlite:///PATH`, `postgresql://…`, or `:memory:`; everywhere the same."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from daemon.store.database import Database
from daemon.store.errors import AddressError
from daemon.store.postgresql import Postgresql
from daemon.store.sqlite import SqliteFile, SqliteMemory

FORMS = "a path, sqlite:///PATH, postgresql://USER@HOST/NAME, or :memory:"


def database_at(url: str) -> Database:
    """AddressError if `url` has none of these forms. Opens nothing."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _from_path(url)
    if scheme == "sqlite":
        return _from_path(_sqlite_path(url, rest))
    if scheme in ("postgresql", "postgres"):
        return Postgresql(url="postgresql://" + rest, shown=_without_password(url))
    raise AddressError(
        f"database {_without_password(url)!r}: {scheme!r} is no kind of database; write {FORMS}"
    )


def _from_path(path: str) -> Database:
    if path == ":memory:":
        return SqliteMemory()
    if not path.strip() or "\0" in path:
        raise AddressError(f"database {path!r}: that is no path; write {FORMS}")
    return SqliteFile(Path(path).expanduser().absolute())


def _sqlite_path(url: str, rest: str) -> str:
    """What follows `sqlite://` is nothing (in memory), or `/PATH`; `//PATH` is absolute."""
    if rest in ("", "/", "/:memory:"):
        return ":memory:"
    if not rest.startswith("/"):
        raise AddressError(f"database {url!r}: three slashes stand before the path: sqlite:///{rest}")
    if "?" in rest:
        raise AddressError(f"database {url!r}: options after `?` are not taken; write only the path")
    return unquote(rest[1:])


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}"))
