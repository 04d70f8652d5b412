"""Exporters: one file per format, each a pure function from a part of a run to the files that another tool reads."""
