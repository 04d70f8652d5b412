"""What runs in an environment of its own: programs, not parts of the harness, and they import nothing of it."""
