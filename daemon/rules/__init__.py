"""The rules of the daemon: found, read, checked, watched on disk, and brought into force, all or nothing."""
