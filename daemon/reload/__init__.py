"""How rules come into force: noticed on disk, read, checked, all or nothing."""
