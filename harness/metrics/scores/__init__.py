"""Scores that people bring in files."""
