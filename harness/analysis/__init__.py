"""What the numbers of a run mean: comparisons, the decision, the gate."""
