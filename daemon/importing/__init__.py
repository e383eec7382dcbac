"""Rules of other systems turned into rules of ours."""
