"""Statistics: pure numpy, and no metric's name."""
