"""Metrics that compare strings."""
