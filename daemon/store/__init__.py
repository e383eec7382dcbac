"""The database of volexd: one writer thread, many readers. What stands in it is described in docs/database.md."""
