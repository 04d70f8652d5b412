"""Which engine to take, and why; or why that cannot be said."""
