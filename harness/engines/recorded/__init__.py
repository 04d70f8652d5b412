"""Recorded outputs, read and written."""
