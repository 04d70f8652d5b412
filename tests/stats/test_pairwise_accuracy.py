"""Soft pairwise accuracy and tie-calibrated accuracy against their definitions, one pair and one swap at a time."""

from __future__ import annotations

import csv
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.stats.pairwise_accuracy import soft_pairwise_accuracy, tie_calibrated_accuracy
from harness.metrics.interface import Rows


def every_swap(first: list[float], second: list[float]) -> float:
    """The exact p-value that the first is better."""
    observed = sum(first) - sum(second)
    reached = [
        sum(sign * (x - y) for sign, x, y in zip(signs, first, second, strict=True)) >= observed - 1e-9
        for signs in product((-1, 1), repeat=len(first))
    ]
    return sum(reached) / len(reached)


def soft(metric: Rows, human: Rows, seed: int = 1) -> float:
    starts = np.arange(metric.shape[1])
    return float(soft_pairwise_accuracy(metric, human, starts, np.ones((1, len(starts))), seed)[0])


def test_soft_accuracy_is_close_to_that_of_every_possible_swap() -> None:
    rng = np.random.default_rng(7)
    human = rng.normal(np.arange(4)[:, None] / 2, 1, (4, 8))
    metric = human + rng.normal(0, 1.5, human.shape)
    exact = 1 - np.mean(
        [
            abs(every_swap(human[a].tolist(), human[b].tolist()) - every_swap(metric[a].tolist(), metric[b].tolist()))
            for a, b in combinations(range(4), 2)
        ]
    )
    assert soft(metric, human) == pytest.approx(exact, abs=0.02)
    assert 0.5 < exact < 0.98


def test_soft_accuracy_knows_sure_from_unsure() -> None:
    human = np.array([[9.0] * 12, [1.0] * 12])
    assert soft(human * 3, human) == 1.0
    assert soft(human[::-1], human) == pytest.approx(0, abs=0.01)
    # The metric is right about the order but not sure of it.
    unsure = np.array([[5.0, 0] * 6, [0, 4.9] * 6])
    assert 0.4 < soft(unsure, human) < 0.7


def test_soft_accuracy_of_resampled_units() -> None:
    rng = np.random.default_rng(8)
    metric, human = rng.normal(size=(3, 12)), rng.normal(size=(3, 12))
    starts = np.array([0, 2, 3, 9])
    weights = np.array([[1.0, 1, 1, 1], [0, 3, 1, 0]])
    both = soft_pairwise_accuracy(metric, human, starts, weights, 5)
    assert both[0] == pytest.approx(soft(metric, human, 5))
    # A unit taken three times is one unit three times as heavy: its swaps stay together.
    heavy = np.concatenate([metric[:, 2:3] * 3, metric[:, 3:9]], axis=1)
    people = np.concatenate([human[:, 2:3] * 3, human[:, 3:9]], axis=1)
    assert both[1] == pytest.approx(soft(heavy, people, 5), abs=0.04)


def calibrated_by_definition(metric: Rows, human: Rows) -> float:
    """The best mean accuracy over all thresholds that can matter."""
    systems, segments = metric.shape
    distances = {0.0}
    for a, b in combinations(range(systems), 2):
        distances |= {abs(float(d)) for d in metric[a] - metric[b] if not np.isnan(d)}
    means = []
    for threshold in distances:
        accuracies = []
        for segment in range(segments):
            rated = [
                (metric[a, segment] - metric[b, segment], human[a, segment] - human[b, segment])
                for a, b in combinations(range(systems), 2)
                if not np.isnan(metric[a, segment] + metric[b, segment] + human[a, segment] + human[b, segment])
            ]
            if rated:
                right = [dh == 0 if abs(dm) <= threshold else dm * dh > 0 for dm, dh in rated]
                accuracies.append(sum(right) / len(right))
        means.append(sum(accuracies) / len(accuracies))
    return max(means)


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_tie_calibrated_accuracy_is_its_definition(levels: int) -> None:
    rng = np.random.default_rng(levels)
    human = rng.integers(levels, size=(5, 9)).astype(float)
    metric = human + rng.integers(-levels, levels + 1, size=human.shape)
    human[0, 0] = metric[1, 3] = human[2, 3] = np.nan
    metric[1:, 8] = np.nan
    result = tie_calibrated_accuracy(metric, human)
    assert result.rated.tolist() == [True] * 8 + [False]
    assert result.accuracies[result.rated].mean() == pytest.approx(calibrated_by_definition(metric, human))


def test_a_metric_that_never_ties_is_given_a_threshold() -> None:
    human = np.array([[1.0, 1, 5], [1, 1, 0]])
    metric = np.array([[0.51, 0.49, 0.9], [0.5, 0.5, 0.1]])
    result = tie_calibrated_accuracy(metric, human)
    assert result.accuracies.tolist() == [1, 1, 1]
    assert 0.01 <= result.threshold < 0.8


def read_table(path: Path, column: str) -> dict[str, dict[int, float]]:
    """System to line to score."""
    table: dict[str, dict[int, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row[column] not in {"", "None"}:
                table.setdefault(row["system"], {})[int(row["line"])] = float(row[column])
    return table


def common(*tables: dict[str, dict[int, float]]) -> list[Rows]:
    """Each table as (systems, lines), of the systems and lines that all have."""
    systems = sorted(set.intersection(*(set(table) for table in tables)))
    lines = sorted(set.intersection(*(set(table[system]) for table in tables for system in systems)))
    return [np.array([[table[system][line] for line in lines] for system in systems]) for table in tables]


def one_pair_at_a_time(metric: Rows, human: Rows) -> float:
    """Soft pairwise accuracy with swaps of its own for every pair of systems."""
    rng = np.random.default_rng(0)
    errors = []
    for a, b in combinations(range(len(human)), 2):
        signs = rng.choice((-1.0, 1.0), size=(2000, human.shape[1]))
        p = [float(((signs @ (x[a] - x[b])) >= (x[a] - x[b]).sum()).mean()) for x in (human, metric)]
        errors.append(abs(p[0] - p[1]))
    return 1 - float(np.mean(errors))


@pytest.mark.parametrize("name", ["wmt23.en-de", "wmt23.zh-en"])
@pytest.mark.parametrize("column", ["COMET-refA", "chrF-refA", "CometKiwi-src"])
def test_soft_accuracy_with_published_scores_and_ratings(wmt_data: Path, name: str, column: str) -> None:
    folder = wmt_data / name
    metric, human = common(
        read_table(folder / "metrics_seg.tsv", column), read_table(folder / "human_mqm_seg.tsv", "score")
    )
    assert len(metric) >= 12
    assert soft(metric, human) == pytest.approx(one_pair_at_a_time(metric, human), abs=0.006)
