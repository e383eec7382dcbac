"""Automations: when work is due, what it waits for, and what became of it."""
