"""What volexd needs of a kind of database. Whatever differs between SQLite and PostgreSQL stands behind this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Connection(Protocol):
    """As the Python database API has it, in autocommit: a transaction is begun and ended in so many words."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...

    def cursor(self) -> Any: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the few things are written that SQL leaves open. Each takes and gives SQL text.

    `seconds` makes seconds since 1970 of an instant's text, exact to the microsecond; `rounded` rounds to the millisecond;
    `joined` is the texts of a group with commas between them, in an order that is the same for all that is joined in one query;
    `holds` is true of a text that holds another; `moved` is the text of an instant so many seconds later; `mark` stands for a value
    that is given by its place.
    """

    name: str
    mark: str
    seconds: Callable[[str], str]
    rounded: Callable[[str], str]
    now_seconds: str
    joined: Callable[[str], str]
    holds: Callable[[str, str], str]
    moved: Callable[[str, int], str]


class Database(Protocol):
    """One database. Nothing is opened before `claim`, `connect` or `connect_reading`; these raise StoreError."""

    @property
    def shown(self) -> str:
        """As it may stand in a message: without a password."""

    @property
    def dialect(self) -> Dialect: ...

    def claim(self) -> Callable[[], None]:
        """The right to write, for this process alone; call what it gives to hand it back. DatabaseInUseError if another has it."""

    def connect(self) -> Connection:
        """For writing. What does not exist yet is made, empty."""

    def connect_reading(self) -> Connection:
        """Cannot write, creates nothing."""

    def begin(self, connection: Connection, durable: bool) -> None:
        """Begin a transaction; if `durable`, its commit returns only when it is safe from a power failure."""

    def names(self, connection: Connection) -> frozenset[str]:
        """The tables and views."""

    def columns(self, connection: Connection, table: str) -> frozenset[str]: ...

    def spelled(self, sql: str) -> str:
        """SQL with `:name` for a parameter, as the driver takes it."""

    def may_pass(self, error: BaseException) -> bool:
        """The trouble is the database's and not the statement's: the same may succeed later."""

    def creation(self) -> tuple[str, ...] | None:
        """The statements that make the tables of the current revision, or None: let Alembic do it."""
