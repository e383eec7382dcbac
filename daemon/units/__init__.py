"""The seam behind which agents run: one kind of unit, one file. Today plain child processes."""
