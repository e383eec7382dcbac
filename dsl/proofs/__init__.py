"""Proofs over a whole rule set: that it ends, that no two rules work against each other, how much it can ever do."""
