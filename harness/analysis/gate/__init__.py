"""Whether a run got worse than its baseline."""
