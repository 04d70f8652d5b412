"""Importers: one file per format, each from files to articles in the shape of the native form."""
