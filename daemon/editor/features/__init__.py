"""What an editor can ask for: one feature, one file with `register(server)`; a new one is a new file here."""
