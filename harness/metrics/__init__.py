"""Metrics: one file each behind :mod:`harness.metrics.interface`."""
