"""The project's own benchmarks: measurements that the documentation shows, each reproduced by one command."""
