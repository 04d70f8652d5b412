"""sacrebleu's paired tests, and the same p-values from this project's statistics and resampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.bench.measure import Cost, in_process

Kind = Literal["bs", "ar"]

METRICS = ("bleu", "chrf", "ter")


@dataclass(frozen=True, slots=True)
class Paired:
    """Both sides of one comparison."""

    kind: Kind
    ours: Cost
    theirs: Cost

    @property
    def ratio(self) -> float:
        """How many times less processor time ours took."""
        return self.theirs.cpu / self.ours.cpu

    @property
    def equal(self) -> bool:
        """Whether all scores and all p-values are the same numbers."""
        return bool(self.ours.answer == self.theirs.answer)


def measure(reference: Path, systems: Sequence[Path], metrics: Sequence[str], kind: Kind, samples: int) -> Paired:
    """Run both sides, each in a process of its own."""
    job = {
        "reference": str(reference),
        "systems": [str(path) for path in systems],
        "metrics": list(metrics),
        "kind": kind,
        "samples": samples,
    }
    return Paired(kind, in_process(__name__, "ours", job), in_process(__name__, "theirs", job))


def _lines(path: str) -> list[str]:
    return [line.rstrip() for line in Path(path).read_text(encoding="utf-8").split("\n")[:-1]]


def theirs(job: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """What ``sacrebleu --paired-bs`` and ``--paired-ar`` run: ``[score, p]`` for each system but the first."""
    from sacrebleu.metrics import BLEU, CHRF, TER
    from sacrebleu.significance import PairedTest

    made = {"bleu": BLEU, "chrf": CHRF, "ter": TER}
    reference = _lines(job["reference"])
    metrics = {name: made[name](references=[reference]) for name in job["metrics"]}
    named = [(path, _lines(path)) for path in job["systems"]]
    _, found = PairedTest(named, metrics, None, test_type=job["kind"], n_samples=job["samples"])()
    columns = [values for name, values in found.items() if name != "System"]
    return {
        name: [[float(item.score), float(item.p_value)] for item in values[1:]]
        for name, values in zip(job["metrics"], columns, strict=True)
    }


def ours(job: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """The same with this project's rows, products and formulas."""
    import numpy as np

    from harness.analysis.stats.columns import Moved
    from harness.analysis.stats.segment_tests import bootstrap_p, randomisation_p, resampled_sums_of, swapped_sums_of
    from harness.metrics.interface import MetricContext, ScoringItem
    from harness.metrics.load import formula_of, load_metric
    from harness.store.cache.nothing import NoCache
    from harness.types import LangPair

    references = [(line,) for line in _lines(job["reference"])]
    items = [
        ScoringItem(path, number, "", hypothesis, reference)
        for path in job["systems"]
        for number, (hypothesis, reference) in enumerate(zip(_lines(path), references, strict=True), start=1)
    ]
    context = MetricContext(LangPair("de", "en"), NoCache(), offline=True)
    metrics = {name: load_metric(name, {}, "bench") for name in job["metrics"]}
    count = len(job["systems"])
    tables = [rows for metric in metrics.values() for rows in np.split(metric.statistics(items, context).rows, count)]
    is_bootstrap = job["kind"] == "bs"
    sums = (resampled_sums_of if is_bootstrap else swapped_sums_of)(tables, job["samples"])
    moved = [Moved(rows, item) for rows, item in zip(tables, sums, strict=True)]
    found = {}
    for place, (name, metric) in enumerate(metrics.items()):
        first = place * count
        found[name] = [
            [
                float(metric.score(tables[index].sum(axis=0))),
                bootstrap_p(tables[first], tables[index], sums[first], sums[index], metric.score)
                if is_bootstrap
                else randomisation_p(moved[first], moved[index], formula_of(name, {})),
            ]
            for index in range(first + 1, first + count)
        ]
    return found
