"""Engines: one file each behind :mod:`harness.engines.interface`."""
