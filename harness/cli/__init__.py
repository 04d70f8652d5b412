"""The command line: one file per command; each parses, calls one function, prints, and returns an exit code."""
