"""A part of a run: the same systems on some of the segments, scored again from the statistics the run keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.analysis.stats.compare import FormulaOf
from harness.corpus.skipping import check_skipped, skipped_notes
from harness.errors import HarnessError, UsageError
from harness.metrics.aggregate import aggregate
from harness.metrics.interface import Mask, StatTable
from harness.metrics.load import formulas
from harness.metrics.scoring import is_asked_in_vain, missing_answers
from harness.store.runs.result import SKIPPED_ARTICLES, MetricScores, PairResult, Run, SystemResult, article_rows
from harness.types import ArticleId, Corpus, Failed, Missing, NotBought, Reason, Refused, Score, SystemName

SHARE_NEEDED = 0.5
"""A system with fewer of the segments would leave too little to compare all the others on."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A system without a translation of every segment; no verdict on all segments speaks of it."""

    system: SystemName
    missing: int
    of: int
    reasons: tuple[str, ...]
    """The most frequent first."""
    articles: tuple[ArticleId, ...]
    """Where segments are missing, in order."""


def exclusions(result: PairResult) -> tuple[Exclusion, ...]:
    """The systems that miss segments, in the order of the run."""
    excluded = []
    for system in result.systems:
        lost = {row: _reason(outcome) for row, outcome in enumerate(system.outcomes) if _lost(outcome)}
        if lost:
            counts: dict[str, int] = {}
            for reason in lost.values():
                counts[reason] = counts.get(reason, 0) + 1
            rows = article_rows(result.corpus).items()
            articles = tuple(name for name, part in rows if any(row in lost for row in range(part.start, part.stop)))
            reasons = tuple(sorted(counts, key=lambda reason: -counts[reason]))
            excluded.append(Exclusion(system.name, len(lost), len(system.outcomes), reasons, articles))
    return tuple(excluded)


def shared_parts(result: PairResult, formula_of: FormulaOf) -> tuple[PairResult, ...]:
    """The complete systems beside those that lost segments, on the segments that all of a part have.

    Systems that lost few share a part. One that would leave too little to compare the others on has a part of its own,
    so that two systems are compared even where a third has none of the segments they share.

    Returns:
        The parts, the one with the most answers first; none where no system lost a segment, or nothing can be compared.
    """
    out = not_bought(result)
    answered = {
        system.name: np.array([not _lost(outcome) for outcome in system.outcomes], dtype=np.bool_)
        for system in result.systems
        if system.name not in out
    }
    complete = [name for name, mask in answered.items() if mask.all()]
    near = [name for name, mask in answered.items() if mask.size and not mask.all() and mask.mean() >= SHARE_NEEDED]
    left = sorted(near, key=lambda name: -int(answered[name].sum()))
    parts = []
    while left:
        keep, members = answered[left[0]], [left[0]]
        for name in left[1:]:
            both = keep & answered[name]
            if both.mean() >= SHARE_NEEDED:
                keep, members = both, [*members, name]
        left = [name for name in left if name not in members]
        if len(complete) + len(members) > 1:
            systems = tuple(system for system in result.systems if system.name in (*complete, *members))
            parts.append(subset_pair(replace(result, systems=systems), keep, formula_of))
    return tuple(parts)


def subset_pair(result: PairResult, keep: Mask, formula_of: FormulaOf) -> PairResult:
    """The segments of ``keep``, (n,), of a pair; segments keep their numbers, articles without any are gone.

    Repetitions are of all segments, so they are gone, too; cost and latency are what all segments took.
    """
    rows = np.flatnonzero(keep)
    articles = []
    for article, part in zip(result.corpus.articles, article_rows(result.corpus).values(), strict=True):
        kept = tuple(article.segments[row - part.start] for row in range(part.start, part.stop) if keep[row])
        if kept:
            articles.append(replace(article, segments=kept))
    corpus = Corpus(result.corpus.pair, tuple(articles))
    systems = tuple(_subset_system(system, corpus, rows, formula_of) for system in result.systems)
    return replace(result, corpus=corpus, systems=systems)


def skip_articles(run: Run, names: Sequence[str]) -> Run:
    """A stored run without some articles, for every system; the settings and notes of the result say so.

    Raises:
        UsageError: no pair has an article of that name, or nothing is left of the run.
    """
    if not names:
        return run
    known = [article.id for pair in run.pairs for article in pair.corpus.articles]
    check_skipped(names, known)
    formula_of = formulas(run.settings)
    pairs = []
    for pair in run.pairs:
        gone = [name for name in names if any(article.id == name for article in pair.corpus.articles)]
        keep = np.array([segment.id.article not in gone for segment in pair.corpus.segments], dtype=np.bool_)
        if not keep.any():
            continue
        remaining = subset_pair(pair, keep, formula_of) if gone else pair
        pairs.append(replace(remaining, notes=(*remaining.notes, *skipped_notes(gone))))
    if not pairs:
        raise UsageError("--skip-article leaves no articles", hint="skip fewer articles")
    whole = all(not is_asked_in_vain(system.outcomes) for pair in pairs for system in pair.systems)
    absent = any(pair.absent for pair in pairs)
    return replace(
        run,
        pairs=tuple(pairs),
        status="complete" if whole and not absent else run.status,
        settings={**run.settings, SKIPPED_ARTICLES: list(dict.fromkeys([*run.skipped_articles, *names]))},
    )


def skip_in_several(runs: Sequence[Run], names: Sequence[str]) -> list[Run]:
    """:func:`skip_articles` of runs that do not all have the articles; each is left as it is where it has none of them.

    Raises:
        UsageError: no run has an article of that name, or nothing is left of one of them.
    """
    articles = {run.id: {article.id for pair in run.pairs for article in pair.corpus.articles} for run in runs}
    check_skipped(names, sorted(set().union(*articles.values())))
    return [skip_articles(run, [name for name in names if name in articles[run.id]]) for run in runs]


def not_bought(result: PairResult) -> dict[SystemName, NotBought]:
    """Systems that were no longer bought once another was better, in the order of the run."""
    return {
        system.name: next(outcome for outcome in system.outcomes if isinstance(outcome, NotBought))
        for system in result.systems
        if any(isinstance(outcome, NotBought) for outcome in system.outcomes)
    }


def _lost(outcome: object) -> bool:
    return isinstance(outcome, Failed | Refused)


def _reason(outcome: object) -> str:
    match outcome:
        case Failed():
            return outcome.error
        case Refused():
            return outcome.reason
        case _:
            return ""


def _subset_system(
    system: SystemResult, corpus: Corpus, rows: np.typing.NDArray[np.intp], formula_of: FormulaOf
) -> SystemResult:
    outcomes = tuple(system.outcomes[row] for row in rows)
    tables: dict[str, StatTable] = {}
    scores: dict[str, MetricScores | Missing] = {}
    for name, result in system.scores.items():
        if isinstance(result, Missing):
            scores[name] = result
            continue
        tables[name] = system.tables[name].take(rows)
        scores[name] = _scores(
            result, tables[name], corpus, rows=rows, formula_of=formula_of, name=name, lost=missing_answers(outcomes)
        )
    return replace(
        system,
        outcomes=outcomes,
        tables=tables,
        scores=scores,
        flags=tuple(system.flags[row] for row in rows) if system.flags else (),
        repeats={},
    )


def _scores(
    result: MetricScores,
    table: StatTable,
    corpus: Corpus,
    *,
    rows: np.typing.NDArray[np.intp],
    formula_of: FormulaOf,
    name: str,
    lost: Missing | None,
) -> MetricScores | Missing:
    if not table.scored.any():
        return Missing(Reason("unscored.system"))
    parts = list(article_rows(corpus).values())
    segments = result.segments[rows]
    try:
        made = aggregate(table.rows, table.scored, parts, formula_of(name), lambda _: segments[table.scored])
    except (HarnessError, KeyError, IndexError, ValueError) as error:
        return Missing(Reason("unscored.unreadable", {"error": str(error)}))
    articles = tuple(
        Score(float(value), n) if n else Missing(Reason("unscored.article"))
        for value, n in zip(made.articles, made.article_n, strict=True)
    )
    return replace(
        result,
        corpus=Score(made.corpus, made.n) if lost is None else lost,
        articles=articles,
        segments=segments,
        scored=table.scored,
    )
