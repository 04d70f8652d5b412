"""How few articles people need to see: pairs of systems that part of a rating campaign confirms, of those that all do.

A pair is confirmed where the article test of the ratings is at most 5 %, for each pair by itself. The chosen part is
that of ``harness rate``: the articles on which metrics and systems disagree most
(:func:`harness.analysis.choice.rank_articles`), who are not shown the ratings. Every
part is of whole articles that hold at most the same share of the segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

import numpy as np

from harness.analysis.choice import rank_articles
from harness.analysis.comparison import ALPHA, Comparison
from harness.analysis.evidence import weigh
from harness.analysis.stats.compare import FormulaOf
from harness.analysis.subset import subset_pair
from harness.api.rating.sharing import count_holding
from harness.metrics.load import formulas
from harness.store.runs.result import PairResult
from harness.types import ArticleId, Missing
from tests.bench.wmt import SEED, STRINGS, score_run
from tests.bench.wmt_sets import JudgedSet, find_sets

DRAWS = 50
"""Random parts for each set."""


@dataclass(frozen=True, slots=True)
class Part:
    """What some of the articles confirm."""

    share: float
    """Of the pairs that all articles confirm, those that these confirm in the same direction."""
    reversed: int
    """Pairs that they confirm in the other direction."""
    articles: int
    inflation: float
    """Median of the difference on these articles over that on all, of the pairs that all confirm."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One set of ratings."""

    name: str
    people: str
    articles: int
    confirmed: int
    chosen: Part
    random: Sequence[Part]


def measure_rating(
    data: Path, sets: Sequence[str] = (), *, share: float = 0.25, seed: int = SEED
) -> Iterator[Campaign]:
    """Every set of ratings per segment whose articles are known.

    Args:
        data: the folder with one folder for each test set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders; empty: all that people have judged.
        share: of the segments that are rated, in whole articles.
        seed: of the choice, and the first of the random draws.

    Raises:
        DataError: a file is not there.
    """
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            yield from _of_set(given, share, seed)


def _of_set(given: JudgedSet, share: float, seed: int) -> Iterator[Campaign]:
    if not given.people or not given.known_articles:
        return
    run = score_run(given, seed, strings=STRINGS, checks=False)
    (result,) = run.pairs
    formula = formulas(run.settings)
    for people in given.people:
        rated = _rated(result, people, formula)
        everything = _compared(rated, people, formula)
        whole = {pair: item for pair, item in everything.items() if _is_confirmed(item)}
        known = replace(rated, metrics=tuple(name for name in rated.metrics if name not in given.people))
        draws = [rank_articles(known, seed + number, at_random=True) for number in range(DRAWS)]
        sizes = {article.id: len(article.segments) for article in rated.corpus.articles}
        parts = []
        for ranked in (rank_articles(known, seed, at_random=False), *draws):
            count = count_holding(share, [sizes[article] for article in ranked])
            parts.append(_part(rated, people, formula, whole, ranked[:count]))
        yield Campaign(given.name, people, len(rated.corpus.articles), len(whole), parts[0], parts[1:])


def _rated(result: PairResult, people: str, formula: FormulaOf) -> PairResult:
    """The systems and segments that people rated."""
    systems = tuple(system for system in result.systems if people in system.tables)
    everywhere = np.logical_and.reduce([system.tables[people].scored for system in systems])
    return subset_pair(replace(result, systems=systems), everywhere, formula)


def _compared(result: PairResult, people: str, formula: FormulaOf) -> dict[frozenset[str], Comparison]:
    evidence = weigh(replace(result, metrics=(people,)), formula, seed=SEED, segment_tests=False)
    return {frozenset((item.a, item.b)): item for item in evidence.metrics[people].comparisons}


def _is_confirmed(item: Comparison) -> bool:
    return not isinstance(item.p, Missing) and item.p <= ALPHA


def _part(
    rated: PairResult,
    people: str,
    formula: FormulaOf,
    whole: dict[frozenset[str], Comparison],
    articles: Sequence[ArticleId],
) -> Part:
    keep = np.array([segment.id.article in set(articles) for segment in rated.corpus.segments], dtype=np.bool_)
    part = _compared(subset_pair(rated, keep, formula), people, formula)
    ratios = {pair: part[pair].ahead(item.a) / item.delta for pair, item in whole.items()}
    confirmed = [ratio > 0 for pair, ratio in ratios.items() if _is_confirmed(part[pair])]
    right = sum(confirmed)
    return Part(right / len(whole), len(confirmed) - right, len(articles), median(ratios.values()))


def to_markdown(campaigns: Sequence[Campaign]) -> str:
    """The table of ``docs/rating.md``."""
    heading = "| set, ratings | articles | confirmed by all | random quarter (range) | its articles | chosen quarter "
    lines = [f"{heading}| its articles | differences, random | differences, chosen |", f"|{9 * '---|'}"]
    for item in campaigns:
        shares = [part.share for part in item.random]
        spread = f"{mean(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"
        lines.append(
            f"| {item.name}, {item.people} | {item.articles} | {item.confirmed} | {spread} "
            f"| {mean(part.articles for part in item.random):.0f} | {item.chosen.share:.0%} | {item.chosen.articles} "
            f"| × {mean(part.inflation for part in item.random):.2f} "
            f"| × {item.chosen.inflation:.2f} |"
        )
    reversals = sum(item.chosen.reversed for item in campaigns)
    drawn = sum(part.reversed for item in campaigns for part in item.random)
    lines += ["", f"Confirmed in the other direction: {reversals} chosen; {drawn} in {DRAWS} random quarters of each."]
    return "\n".join([*lines, ""])
