"""What the engine knows: facts, and later windows and what was learned."""
