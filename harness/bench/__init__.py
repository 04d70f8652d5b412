"""The benchmarks behind ``docs/performance.md``: every side in a process of its own, on the same data."""
