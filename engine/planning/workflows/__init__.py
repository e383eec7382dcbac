"""Workflows under way: graphs of steps, the state machine of a run, and how rules change it while it runs."""
