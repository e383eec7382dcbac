"""volexd's engine as it ships: from facts to effects, with explanation, truth maintenance and error isolation on. One workload a file."""
