"""One engine and its workloads a file. Each runs in a process of its own: `python -m benchmarks.peers.ENGINE WORKLOAD N`."""
