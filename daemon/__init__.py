"""The imperative shell: processes, time, the network, the store, the command line."""
