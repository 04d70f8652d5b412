"""Runs: what one run found (:mod:`harness.runs.result`) and how it is kept (:mod:`harness.runs.directory`)."""
