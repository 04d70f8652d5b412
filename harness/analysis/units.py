"""The unit of the statistics: the article, or the segment where a run declares its segments independent."""

from __future__ import annotations

import hashlib

import numpy as np

from harness.analysis.stats.design import EXACT_UNITS, Ranks, Starts, Units
from harness.analysis.stats.power import FEWEST_UNITS
from harness.store.runs.result import article_rows
from harness.types import Corpus, Missing, Reason, Unit, UnitChoice

NO_ARTICLES = "all"
"""The one article of bare files without document ids (:func:`harness.corpus.bare.corpus_from_files`)."""


def too_few(units: int, unit: Unit) -> Missing:
    """Why there is no verdict."""
    return Missing(
        Reason(f"unscored.few.{unit}", {"n": units, "least": FEWEST_UNITS}),
        Reason(f"decision.few_help.{unit}", {"n": FEWEST_UNITS - units}),
    )


def one_article() -> Missing:
    """Why a corpus of one article has no verdict."""
    return Missing(Reason("unscored.one_article"), Reason("unscored.one_article_help"))


def why_no_verdict(corpus: Corpus, unit: UnitChoice) -> Missing | None:
    """Why no test of these texts can reach 5 %, however much the systems differ; None where one can."""
    kind, units = units_of(corpus, unit)
    if kind == "article" and len(units) == 1:
        return one_article()
    return too_few(len(units), kind) if len(units) < FEWEST_UNITS else None


def has_articles(corpus: Corpus) -> bool:
    """False for bare files without document ids."""
    return not (len(corpus.articles) == 1 and corpus.articles[0].id == NO_ARTICLES)


def units_of(corpus: Corpus, unit: UnitChoice) -> tuple[Unit, Units]:
    """The unit of the statistics, and which rows of the per-segment tables belong to each.

    Args:
        corpus: the segments.
        unit: what the run declares, :attr:`harness.store.runs.result.PairResult.unit`.
    """
    if unit == "segment" or (unit == "undeclared" and not has_articles(corpus)):
        starts = np.arange(len(corpus.segments))
        return "segment", Units(starts, _ranks(corpus, starts))
    starts = np.array([rows.start for rows in article_rows(corpus).values() if rows.start < rows.stop], dtype=np.intp)
    return "article", Units(starts, _ranks(corpus, starts))


def _ranks(corpus: Corpus, starts: Starts) -> Ranks:
    """An order of the units by their source texts: the same texts get the same swaps wherever they are listed."""
    if len(starts) <= EXACT_UNITS:
        return np.arange(len(starts))
    sources = [segment.source for segment in corpus.segments]
    digests = [
        hashlib.blake2b("\n".join(sources[first:end]).encode("utf-8", "surrogatepass"), digest_size=7).digest()
        for first, end in zip(starts.tolist(), [*starts.tolist()[1:], len(sources)], strict=True)
    ]
    return np.array([int.from_bytes(digest) for digest in digests], dtype=np.intp)
