"""What becomes of values: how unusual they are, and where they go."""
