"""What can go wrong with the database, in words for the operator: the place, the reason, the way out."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be used, or a row could not be stored."""


class AddressError(StoreError):
    """The text given for a database names none."""


class ForeignDatabaseError(StoreError):
    """What stands there is no database of volexd, or one of a newer volexd."""


class DatabaseInUseError(StoreError):
    """Another volexd writes to this database."""


class UnreachableError(StoreError):
    """The database is there, but cannot be opened now."""


class RefusedRowError(StoreError):
    """The database will never take this row: it is logged, and the others of its batch are stored."""


class NotWrittenError(StoreError):
    """volexd ended, or ran out of room to wait, before the database took these rows."""
