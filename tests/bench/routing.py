"""How often a combination of systems by parts of the corpus is recommended: where there is none, and where there is.

Simulated systems differ from article to article as good ones do (heavy tails, 4 points of a metric that is a mean);
articles are unequal, and cut in two ways: by what matters, and by what does not. Truths: *all equal*; *one better*
everywhere; *two halves*, one system better in one part and another in the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harness.analysis.comparison import ALPHA
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.design import make_design
from harness.analysis.stats.routing import Parts, adjusted, cross_validate
from harness.metrics.interface import Rows
from harness.metrics.segment import SegmentMean
from tests.bench.gate import score_set
from tests.bench.wmt_sets import find_sets

PARTS = 3
SPREAD = 4.0
"""Standard deviation of the difference of two systems in one article."""

TRUTHS = (("all equal", 0.0), ("one better", 0.5), ("one better", 1.0), ("one better", 2.0), ("two halves", 2.0),
          ("two halves", 3.0), ("two halves", 5.0))  # fmt: skip
"""Name, and points."""

SHUFFLES = 2000

SCALE = 1e6

mean = SegmentMean().score


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a combination is recommended."""

    truth: str
    points: float
    systems: int
    articles: int
    share: float


def simulate(truth: str, points: float, systems: int, articles: int, *, runs: int, seed: int) -> Rate:
    """Simulated runs of one truth; the same seed gives the same rate."""
    rng = np.random.default_rng([seed, systems, articles])
    design = make_design(articles, seed, shuffles=SHUFFLES)
    recommended = 0
    for _ in range(runs):
        weights = rng.lognormal(0, 0.6, articles) * SCALE
        cuts = [rng.integers(PARTS, size=articles) for _ in range(2)]
        values = SPREAD / np.sqrt(2 * 5 / 3) * rng.standard_t(5, (systems, articles))
        if truth == "one better":
            values[0] += points
        elif truth == "two halves":
            values[0] += points * (cuts[0] == 0)
            values[1] += points * (cuts[0] != 0)
        rows = [np.stack([value * weights, weights], axis=1) for value in values]
        single = int(np.argmax(values @ weights))
        results = [cross_validate(cut(rows, labels), single, design, seed=seed) for labels in cuts]
        recommended += min(adjusted(results)) <= ALPHA
    return Rate(truth, points, systems, articles, recommended / runs)


def cut(rows: Sequence[Rows], labels: np.typing.NDArray[np.int_]) -> Parts:
    """Systems' rows, cut by what each article belongs to."""
    masks = [labels == part for part in range(PARTS)]
    sums = tuple(tuple(np.where(mask[:, None], row, 0.0) for row in rows) for mask in masks)
    return Parts(sums, tuple(mask.astype(float) for mask in masks), mean, higher_is_better=True)


def to_markdown(rates: Sequence[Rate]) -> str:
    """The table of ``docs/statistics.md``, in per cent."""
    columns = sorted({(rate.systems, rate.articles) for rate in rates})
    heads = " | ".join(f"{systems} systems, {articles} articles" for systems, articles in columns)
    lines = [f"| truth | {heads} |", f"|---|{'---|' * len(columns)}"]
    shares = {(rate.truth, rate.points, rate.systems, rate.articles): rate.share for rate in rates}
    for truth, points in dict.fromkeys((rate.truth, rate.points) for rate in rates):
        cells = (f"{100 * shares[truth, points, *column]:.1f}" for column in columns)
        lines.append(f"| {truth}{f', {points:g} points' if points else ''} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def on_sets(data: Path, sets: Sequence[str], seed: int) -> Iterator[str]:
    """What the routing of each WMT set says."""
    from harness.analysis import analyse
    from harness.reports.words.reasons import sentence
    from harness.types import Missing

    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            for name, metrics in (("strings", []), ("learned", list(given.metrics.values()))):
                if not given.known_articles or (name == "learned" and not metrics):
                    continue
                pair: PairAnalysis = analyse(score_set(given, metrics, seed)).pairs[0]
                routing = pair.routing
                said = sentence(routing.why if isinstance(routing, Missing) else routing.reason)
                yield f"{given.name}, {pair.primary}: {said}"
