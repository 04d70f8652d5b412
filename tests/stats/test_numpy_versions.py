"""The same seeds, counts and p-values whatever the NumPy: recorded on NumPy 1.26, before there was a 2.

BLEU is left to rounding: its formula takes logarithms, whose last digit NumPy 2 computes otherwise for many at once.
To record again, on NumPy 1.26: ``python -m tests.stats.test_numpy_versions > tests/data/numpy_1.26.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.analysis.stats.compare import compare, make_profiles, score_interval
from harness.analysis.stats.design import make_design
from harness.analysis.stats.segment_tests import resampled_sums_of, swapped_sums
from harness.metrics.interface import Metric, ScoringItem
from harness.metrics.strings.bleu import Bleu, BleuOptions
from harness.metrics.strings.chrf import Chrf, ChrfOptions
from harness.metrics.strings.ter import Ter, TerOptions
from harness.store.runs.directory import load_run
from tests.metrics.build import context

DATA = Path(__file__).resolve().parents[1] / "data"
RECORDED = DATA / "numpy_1.26.json"
ROUNDING = {"bleu": 1e-9, "chrf": 1e-13, "ter": 1e-13}
"""Relative. Linear algebra adds in the order that suits the processor. A standard error is a derivative by small steps,
which multiplies what BLEU's last digits differ by."""

METRICS = {
    "bleu": lambda: Bleu(BleuOptions()),
    "chrf": lambda: Chrf(ChrfOptions()),
    "ter": lambda: Ter(TerOptions()),
}


def digest(values: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()[:16]


def streams() -> dict[str, str]:
    """What is drawn from the seeds, in every way that the harness draws."""
    rows = np.arange(60.0).reshape(30, 2)
    drawn = {
        "swaps of segments": swapped_sums(rows, 300, 12345),
        "resamples of segments": resampled_sums_of([rows], 300, 12345)[0],
        "swaps of articles": make_design(40, 7, shuffles=500).swapped([np.arange(80.0).reshape(40, 2)])[0],
        "permutation": np.random.default_rng(5).permutation(500),
        "multinomial": np.random.default_rng(5).multinomial(30, np.full(30, 1 / 30), size=40),
        "signs": np.random.default_rng(5).integers(0, 2, size=(50, 9), dtype=np.int8),
    }
    return {name: digest(values) for name, values in drawn.items()}


def items(units: int, quality: int) -> list[ScoringItem]:
    """Texts of random words, of which one in ``quality`` is wrong; from the stream that NumPy has frozen."""
    random = np.random.RandomState(11)
    made = []
    for number in range(1, units + 1):
        reference = [f"word{index}" for index in random.randint(0, 50, size=random.randint(5, 30))]
        wrong = random.randint(0, quality, size=len(reference)) == 0
        hypothesis = [word[::-1] if bad else word for word, bad in zip(reference, wrong, strict=True)]
        made.append(ScoringItem("a", number, "source", " ".join(hypothesis), (" ".join(reference),)))
    return made


def comparison(name: str, units: int) -> dict[str, Any]:
    """The counts of two systems, and what is concluded from them."""
    metric: Metric = METRICS[name]()
    a, b = (metric.statistics(items(units, quality), context()).rows for quality in (3, 5))
    design = make_design(units, 3, shuffles=2000)
    one, other = make_profiles([a, b], np.ones(units), metric.score, design)
    item, interval = compare(one, other, metric.score, design, higher_is_better=True), score_interval(one, design)
    values = [item.delta, item.interval.low, item.interval.high, item.standard_error, interval.low, interval.high]
    return {"counts": digest(np.concatenate([a, b])), "p": item.p, "values": values}


def stored() -> Iterator[tuple[str, str]]:
    """The numbers of every old run that is kept with the tests."""
    for file in sorted(DATA.glob("old_runs/*/*/run.json")):
        run = load_run(file.parent)
        rows = [table.rows for pair in run.pairs for system in pair.systems for table in system.tables.values()]
        yield file.parent.parent.name, digest(np.concatenate([part.ravel() for part in rows]))


CASES = [(name, units) for name in METRICS for units in (9, 40)]


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return json.loads(RECORDED.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_random_streams(recorded: dict[str, Any]) -> None:
    assert streams() == recorded["streams"]


@pytest.mark.parametrize(("name", "units"), CASES)
def test_comparisons(recorded: dict[str, Any], name: str, units: int) -> None:
    found, wanted = comparison(name, units), recorded["comparisons"][f"{name} {units}"]
    assert found["counts"] == wanted["counts"]
    assert found["p"] == wanted["p"]
    np.testing.assert_allclose(found["values"], wanted["values"], rtol=ROUNDING[name], atol=0)
    assert 0 < found["p"] < 1


def test_stored_numbers_are_read_to_the_bit(recorded: dict[str, Any]) -> None:
    assert dict(stored()) == recorded["stored"]


if __name__ == "__main__":
    assert np.__version__.startswith("1.26."), np.__version__
    print(
        json.dumps(
            {
                "streams": streams(),
                "comparisons": {f"{name} {units}": comparison(name, units) for name, units in CASES},
                "stored": dict(stored()),
            },
            indent=1,
        )
    )
