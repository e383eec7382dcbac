"""The revisions of the database, in order. HEAD is the newest: what this volexd reads and writes.

A constant, so that opening a database that is current loads nothing of Alembic. A test keeps it true.
"""

HEAD = "0010"
