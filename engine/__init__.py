"""A deterministic state machine: `Engine.step(event) -> effects`. No I/O, no clock, no randomness of its own."""
