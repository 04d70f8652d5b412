"""Real systems for :mod:`tests.bench.looks`, and the tables of what it counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harness.analysis.stats.compare import ScoreFunction
from harness.analysis.stats.design import unit_sums
from harness.analysis.units import units_of
from harness.metrics.interface import Rows
from harness.metrics.load import formulas
from tests.bench.looks import FEWEST_SEGMENTS, Counts
from tests.bench.wmt import score_run
from tests.bench.wmt_sets import JudgedSet, find_sets

STRINGS = ("chrf",)
"""Metrics that are computed beside the published ones and the ratings of people."""

FEWEST_ARTICLES = 12
"""A metric that scores fewer articles of a set is left aside."""

Table = tuple[Mapping[str, Rows], Rows, ScoreFunction]
"""The rows of every system by article, the sizes of the articles, and the formula."""


def load_tables(data: Path, sets: Sequence[str], metrics: Sequence[str] = ()) -> dict[tuple[str, str], Table]:
    """Set and metric (all, or those named) to the systems of test sets; only segments that all systems are scored on.

    Where a set's articles are not known, blocks of ten lines stand in for them.
    """
    tables: dict[tuple[str, str], Table] = {}
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            name = given.name if given.known_articles else f"{given.name} (blocks)"
            found = _tables_of(given).items()
            tables |= {(name, metric): table for metric, table in found if metric in metrics or not metrics}
    return tables


def _tables_of(given: JudgedSet) -> dict[str, Table]:
    run = score_run(given, 1, strings=STRINGS, checks=False)
    (result,) = run.pairs
    _, units = units_of(result.corpus, result.unit)
    formula_of = formulas(run.settings)
    found: dict[str, Table] = {}
    for metric in result.metrics:
        scored = {system.name: system.tables[metric] for system in result.systems if metric in system.tables}
        common = np.logical_and.reduce([table.scored for table in scored.values()])
        sizes = units.sizes(common)
        if (sizes >= FEWEST_SEGMENTS).sum() >= FEWEST_ARTICLES:
            rows: Mapping[str, Rows] = {
                name: unit_sums(np.where(common[:, None], table.rows, 0.0), units.starts)
                for name, table in scored.items()
            }
            found[metric] = (rows, sizes, formula_of(metric))
    return found


Line = tuple[Sequence[str], Sequence[Counts]]
"""The first cells of a line, and the counts for each number of systems."""


def simulated_markdown(lines: Sequence[Line]) -> str:
    """Lines of scenario, articles and truth."""
    columns = {
        "error": lambda item: item.rate(item.wrong),
        "error, fixed": lambda item: item.rate(item.fixed_wrong),
        "coverage": _coverage,
        "found, of fixed": lambda item: item.of_fixed(),
        "called equal": lambda item: item.rate(item.equal),
        "wrongly": lambda item: item.rate(item.unlike),
        "articles": _articles,
        "bought": _bought,
    }
    return _table(["scenario", "articles", "truth"], columns, lines)


def resampled_markdown(lines: Sequence[Line]) -> str:
    """Lines of set and metric."""
    columns = {
        "systems out": lambda item: (item.out / item.runs, math.nan),
        "out, fixed": lambda item: (item.fixed_out / item.runs, math.nan),
        "of fixed": lambda item: item.of_fixed(),
        "articles": _articles,
        "bought": _bought,
    }
    return _table(["set", "metric"], columns, lines)


def shuffled_markdown(lines: Sequence[Line]) -> str:
    """Lines of set and metric whose systems are made equal."""
    columns = {
        "error": lambda item: item.rate(item.wrong),
        "error, fixed": lambda item: item.rate(item.fixed_wrong),
        "coverage": _coverage,
        "articles": _articles,
    }
    return _table(["set", "metric"], columns, lines)


def pooled(counts: Sequence[Counts]) -> Counts:
    """All runs together."""
    sums = {
        item.name: sum(getattr(one, item.name) for one in counts) for item in fields(Counts) if item.name != "squares"
    }
    squares = tuple(map(sum, zip(*(one.squares for one in counts), strict=True)))
    return Counts(**sums, squares=(squares[0], squares[1], squares[2]))


Figure = tuple[float, float]
"""A figure and its standard error; NaN where there is none."""


def _coverage(item: Counts) -> Figure:
    return 100 * item.held / max(1, item.pairs), math.nan


def _articles(item: Counts) -> Figure:
    return 100 * item.articles / item.runs, math.nan


def _bought(item: Counts) -> Figure:
    return 100 * item.bought / item.runs, math.nan


def _table(heads: Sequence[str], columns: Mapping[str, Callable[[Counts], Figure]], lines: Sequence[Line]) -> str:
    table = [f"| {' | '.join([*heads, *columns])} |", "|" + "---|" * (len(heads) + len(columns))]
    for cells, counts in lines:
        figures = [" / ".join(_written(column(item)) for item in counts) for column in columns.values()]
        table.append(f"| {' | '.join([*cells, *figures])} |")
    return "\n".join(table) + "\n"


def _written(figure: Figure) -> str:
    value, error = figure
    if math.isnan(value):
        return "–"
    return f"{value:.1f}" if math.isnan(error) else f"{value:.1f} ± {error:.1f}"
