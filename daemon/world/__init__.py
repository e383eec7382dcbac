"""The outside world as probes and actions reach it: commands, HTTP, names, processes, channels, secrets."""
