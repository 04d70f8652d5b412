"""The cache: answers, scores and flags by their keys."""
