"""What values were over time, and what becomes of them: pure and streaming, without clock and without I/O."""
