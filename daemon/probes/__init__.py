"""The ways to look at the world, one file each: a new probe is a new file here.

A file holds `WORD`, a `ProbeWord`, and what `daemon.probes.probe.ProbeKind` says. It imports nothing heavy at its top: the words are read
whenever rules are checked. Whoever looks bounds the time by cancelling.
"""
