"""What volexd is measured by, beside its peers. One suite, one module: `python -m benchmarks.engine`. docs/benchmarks.md says how."""
