"""How well metrics agree with people on public test sets: the figures in ``harness/analysis/measured.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.analysis.human import Agreement, MetricAgreement, agreement
from harness.analysis.stats.compare import Interval
from harness.metrics.load import formulas
from tests.bench.wmt import SEED, STRINGS, score_run
from tests.bench.wmt_sets import JudgedSet, find_sets

METRICS = {
    "bleu": "BLEU",
    "chrf": "chrF2",
    "comet": "Unbabel/wmt22-comet-da",
    "cometkiwi": "Unbabel/wmt22-cometkiwi-da",
    "xcomet": "Unbabel/XCOMET-XL",
    "metricx": "MetricX-23",
    "bleurt": "BLEURT-20",
}
"""Column to the name of what was measured, that of its curve where it has one."""


@dataclass(frozen=True, slots=True)
class TrustRow:
    """One metric against one kind of ratings of one test set."""

    test_set: str
    people: str
    metric: str
    systems: int
    segments: int
    soft: Agreement
    accuracy: Agreement
    within: Agreement

    def toml(self) -> str:
        """The row as a line of the file."""
        interval = self.soft.interval
        low, high = (interval.low, interval.high) if isinstance(interval, Interval) else (0.0, 1.0)
        return (
            f'  {{ set = "{self.test_set}", people = "{self.people}", metric = "{self.metric}", '
            f"systems = {self.systems}, segments = {self.segments}, soft = {self.soft.value:.3f}, "
            f"low = {low:.3f}, high = {high:.3f}, accuracy = {self.accuracy.value:.3f}, "
            f"within = {self.within.value:.3f} }},"
        )


def measure_trust(data: Path, sets: Sequence[str] = (), seed: int = SEED) -> Iterator[TrustRow]:
    """Every metric against every kind of ratings per segment.

    Args:
        data: the folder with one folder for each test set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders; empty: all that people have judged.
        seed: of the resamples.

    Raises:
        DataError: a file is not there.
    """
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            yield from _of_set(given, seed)


def _of_set(given: JudgedSet, seed: int) -> Iterator[TrustRow]:
    if not given.people:
        return
    run = score_run(given, seed, strings=STRINGS, checks=False)
    (result,) = run.pairs
    for people in given.people:
        measured = agreement(result, formulas(run.settings), people, seed=seed)
        for column, metric in METRICS.items():
            row = measured.metrics.get(column)
            if not isinstance(row, MetricAgreement):
                continue
            soft, accuracy, within = row.system_soft_accuracy, row.system_accuracy, row.within_segment_accuracy
            systems = row.system_pearson
            if (
                isinstance(soft, Agreement)
                and isinstance(accuracy, Agreement)
                and isinstance(within, Agreement)
                and isinstance(systems, Agreement)
            ):
                yield TrustRow(given.name, people, metric, systems.n, within.n, soft, accuracy, within)
