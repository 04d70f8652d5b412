"""Comparing the systems of runs: the evidence of every pair."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from harness.analysis import Analysis, analyse
from harness.analysis.comparison import Comparison, Evidence
from harness.analysis.several.runs import join_runs
from harness.analysis.subset import skip_articles as leave_out
from harness.errors import UsageError
from harness.reports.words.numbers import format_p, metric_title
from harness.store.runs.notebook import NOT_SCORED
from harness.store.runs.result import Run
from harness.store.runs.units import declare_unit, parse_unit
from harness.types import Missing, UnitChoice

if TYPE_CHECKING:
    import pandas as pd


class Compared(dict[str, Evidence]):
    """Evidence by pair, such as ``de-en``."""

    def __repr__(self) -> str:
        """One line; :meth:`to_frame` has the numbers."""
        return f"<Compared {', '.join(map(repr, self.values()))}>"

    def _repr_html_(self) -> str:
        """Every comparison in one table for each pair, for notebooks; every text in it is escaped."""
        return "".join(map(_table, self.values()))

    def to_frame(self) -> pd.DataFrame:
        """One row per pair, metric and comparison."""
        import pandas as pd

        frames = [evidence.to_frame() for evidence in self.values()]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


COLUMNS = ("metric", "a", "b", "a \N{MINUS SIGN} b", "interval", "p (adjusted)")


def _table(evidence: Evidence) -> str:
    rows = [
        (metric_title(column), item.a, item.b, f"{item.delta:+.3g}", _interval(item), _p(item))
        for column, scores in evidence.compared.items()
        for item in scores.comparisons
    ]
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    caption = f"<caption>{escape(evidence.pair)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _interval(comparison: Comparison) -> str:
    if isinstance(comparison.interval, Missing):
        return NOT_SCORED
    return f"{comparison.interval.low:+.3g} to {comparison.interval.high:+.3g}"


def _p(comparison: Comparison) -> str:
    return NOT_SCORED if isinstance(comparison.p_adjusted, Missing) else format_p(comparison.p_adjusted)


def compare(
    *runs: Run,
    seed: int | None = None,
    pairs: Collection[str] = (),
    systems: Collection[str] = (),
    metrics: Collection[str] = (),
    unit: str = "",
    skip_articles: Sequence[str] = (),
) -> Compared:
    """Compare the systems of a run, or of several runs, from stored statistics alone.

    Args:
        runs: from :func:`run`, :func:`score`, or :func:`load_run`.
            The systems of several runs are called ``system@run``, by the runs' names where they have some.
        seed: None takes that of the first run.
        pairs: compare only these; empty means all.
        systems: compare only these; empty means all. p is adjusted for the pairs that are compared.
        metrics: compare only by these; empty means those that all runs have.
        unit: what the statistics take as independent, ``article`` or ``segment``; empty: as the first run declares.
        skip_articles: left out for every system.

    Returns:
        Evidence by pair, with ``to_frame()``.

    Raises:
        UsageError: no run, the same one twice, or none has a system or pair of that name.
        IncomparableError: pairs, texts or signatures of the runs differ.
    """
    if not runs:
        raise UsageError("no run to compare", hint="harness.compare(harness.run())")
    return compared(
        analyse_joined(
            runs,
            seed=seed,
            pairs=pairs,
            systems=systems,
            metrics=metrics,
            unit=parse_unit(unit, "unit"),
            skip_articles=skip_articles,
        )
    )


def analyse_joined(
    runs: Sequence[Run],
    *,
    seed: int | None,
    pairs: Collection[str],
    systems: Collection[str],
    metrics: Collection[str],
    unit: UnitChoice,
    skip_articles: Sequence[str],
) -> Analysis:
    """What :func:`compare` compares, with everything else that the systems of the runs show; arguments are as there."""
    joined = join_runs([declare_unit(run, unit) for run in runs], pairs=pairs, systems=systems, metrics=metrics)
    joined = leave_out(joined, skip_articles)
    return analyse(joined if seed is None else replace(joined, seed=seed), every_test=True)


def compared(analysis: Analysis) -> Compared:
    """What the scores of every pair show."""
    return Compared((str(pair.result.pair), pair.evidence) for pair in analysis.pairs)
