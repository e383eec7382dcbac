"""What rules in the shadow would do: found out as if they were in force, written down, and not done."""
