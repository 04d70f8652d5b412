"""Reports: one file or folder per format behind :mod:`harness.reports.interface`."""
