"""Runs and baselines put on disk as the command line does it."""

from __future__ import annotations

from functools import partial

from harness.reports.words.reasons import sentence
from harness.store import baseline
from harness.store.runs import directory

write_run = partial(directory.write_run, words=sentence)
write_baseline = partial(baseline.write_baseline, words=sentence)
