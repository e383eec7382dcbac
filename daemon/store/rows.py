"""What is written: rows, and the statements that many of them become."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from daemon.store.instants import as_text, is_instant
from engine.effects import Record

# Rows of these tables may be given up when the database does not keep up: they are many, and what follows them is newer.
SAMPLED = frozenset({"fact"})
WIDEST_INTEGER = 2**63


class Row(msgspec.Struct, frozen=True, gc=False):
    """Columns of the row `id` of `table`. The first one of an id creates it, later ones change the columns they name.

    Instants are seconds since 1970. Maps and lists become JSON text. `durable`: its commit is safe from a power failure.
    """

    table: str
    id: int
    values: Mapping[str, object]
    durable: bool = False


def of_record(record: Record) -> Row:
    return Row(record.table, record.id, record.values, record.durable)


class Statement(msgspec.Struct, frozen=True):
    """One upsert for all rows that name the same columns of a table. The values stand as the columns do, the id first."""

    sql: str
    rows: list[list[object]]


def coalesced(rows: Iterable[Row]) -> list[Row]:
    """One row for each id, the later values over the earlier ones."""
    merged: dict[tuple[str, int], Row] = {}
    for row in rows:
        place = (row.table, row.id)
        earlier = merged.get(place)
        if earlier is not None:
            row = Row(*place, {**earlier.values, **row.values}, earlier.durable or row.durable)
        merged[place] = row
    return list(merged.values())


def statements(rows: Iterable[Row], mark: str = "?") -> list[Statement]:
    """ValueError, OverflowError or TypeError if a value cannot be stored in its column. `mark` stands for a value in the database's SQL."""
    grouped: dict[tuple[str, tuple[str, ...]], list[list[object]]] = {}
    for row in rows:
        values = row.values
        stored = [row.id, *map(storable, values, values.values())]
        grouped.setdefault((row.table, tuple(values)), []).append(stored)
    return [Statement(upsert(table, columns, mark), values) for (table, columns), values in grouped.items()]


@lru_cache(maxsize=512)
def upsert(table: str, columns: tuple[str, ...], mark: str) -> str:
    """`columns` were checked against the table's own: nothing that a rule or a probe says gets in here."""
    named = ", ".join(f'"{column}"' for column in ("id", *columns))
    values = ", ".join(mark for _ in ("id", *columns))
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    return (
        f'INSERT INTO "{table}" ({named}) VALUES ({values})'
        f" ON CONFLICT (id) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
    )


def storable(column: str, value: object) -> object:
    """As the database takes it: instants as text, maps and lists as JSON, text without what no text column holds."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _clean(value)
    if isinstance(value, (int, float)):
        return as_text(value) if is_instant(column) else _number(column, value)
    if isinstance(value, Mapping | list | tuple):
        return _clean(_as_json(value))
    raise TypeError(f"column {column}: a {type(value).__name__} cannot be stored")


def _number(column: str, value: float) -> float:
    if isinstance(value, int) and not -WIDEST_INTEGER <= value < WIDEST_INTEGER:
        raise OverflowError(f"column {column}: {value} does not fit into 64 bits")
    return value


def _clean(text: str) -> str:
    """Programs print NUL characters and broken UTF-8; PostgreSQL takes neither, the sqlite shell stops at the first."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


_as_json = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
