"""What `make bench` measures: Outgrow against the fastest load of the same rows, and against other tools.

Never a test: every figure is a ratio of medians measured in one run on one machine. `python -m benchmarks` runs,
`python -m benchmarks table` writes docs/benchmarks.md from the newest results.
"""
