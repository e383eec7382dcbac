"""How people talk to the running daemon: HTTP with JSON over a Unix socket."""
