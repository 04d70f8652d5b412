"""The articles that two results of one pair have in common, and both results cut down to them.

An article is in common when both results have one of that name with the same segments: sources and references, in the
same order. Where it stands among the others, and its metadata, may change freely. Where segments are the unit of the
statistics, segments take the place of articles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from harness.analysis.several.corpora import CorpusDifference
from harness.analysis.stats.compare import FormulaOf, ScoreFunction
from harness.analysis.units import units_of
from harness.metrics.interface import StatTable
from harness.metrics.scoring import missing_answers
from harness.store.cache.keys import corpus_digest
from harness.store.runs.result import MetricScores, PairResult, SystemResult, article_rows
from harness.types import Missing, Reason, Score, SystemName, Unit

Rows = npt.NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Common:
    """Two results cut down to what they share, in the order of the earlier one."""

    later: PairResult
    earlier: PairResult
    unit: Unit
    """What is shared or not: whole articles, or segments where these are the unit of the statistics."""
    added: tuple[str, ...] = ()
    """Units that only the later result has."""
    removed: tuple[str, ...] = ()
    """Units that only the earlier result has."""
    changed: tuple[str, ...] = ()
    """Articles of one name with other segments; left out, as ``added`` and ``removed`` are."""

    def systems(self, name: SystemName, old_name: SystemName) -> tuple[SystemResult, SystemResult]:
        """One system of the later result, and one of the earlier; both are there."""
        now = {system.name: system for system in self.later.systems}
        then = {system.name: system for system in self.earlier.systems}
        return now[name], then[old_name]

    @property
    def difference(self) -> CorpusDifference:
        """What is left out of both."""
        return CorpusDifference(self.added, self.removed, self.changed, self.unit)

    @property
    def units(self) -> int:
        """How many are shared."""
        corpus = self.earlier.corpus
        return len(corpus.articles if self.unit == "article" else corpus.segments)


def in_common(later: PairResult, earlier: PairResult, formula_of: FormulaOf) -> Common:
    """Cut two results of one pair down to what is the same in both.

    Args:
        later: one result, whose unit counts.
        earlier: the other, whose order is kept.
        formula_of: formulas by column name, for the scores over what is left.
    """
    unit, _ = units_of(later.corpus, later.unit)
    if corpus_digest(later.corpus) == corpus_digest(earlier.corpus):
        return Common(later, earlier, unit)
    new, old = (article_rows(result.corpus) for result in (later, earlier))
    if unit == "segment":
        return _segments_in_common(later, earlier, formula_of)
    texts = {article.id: article for article in later.corpus.articles}
    shared = [item.id for item in earlier.corpus.articles if item.id in new and item.same_texts(texts[item.id])]
    return Common(
        cut_down(later, [_all(new[name]) for name in shared], formula_of),
        cut_down(earlier, [_all(old[name]) for name in shared], formula_of),
        unit,
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in old if name in new and name not in shared),
    )


def _segments_in_common(later: PairResult, earlier: PairResult, formula_of: FormulaOf) -> Common:
    """Segments of one article with the same texts; of equal ones the first is paired with the first."""
    places: dict[tuple[str, str, tuple[str, ...]], list[int]] = defaultdict(list)
    segments, earlier_segments = later.corpus.segments, earlier.corpus.segments
    for row, segment in enumerate(segments):
        places[segment.id.article, segment.source, segment.references].append(row)
    shared: dict[str, list[tuple[int, int]]] = {}
    for row, segment in enumerate(earlier_segments):
        if queue := places[segment.id.article, segment.source, segment.references]:
            shared.setdefault(segment.id.article, []).append((queue.pop(0), row))
    pairs = [np.array(rows, dtype=np.int_).T for rows in shared.values()]
    kept_new, kept_old = ({int(row) for rows in pairs for row in rows[side]} for side in (0, 1))
    return Common(
        cut_down(later, [rows[0] for rows in pairs], formula_of),
        cut_down(earlier, [rows[1] for rows in pairs], formula_of),
        "segment",
        added=tuple(str(item.id) for row, item in enumerate(segments) if row not in kept_new),
        removed=tuple(str(item.id) for row, item in enumerate(earlier_segments) if row not in kept_old),
    )


def _all(rows: slice) -> Rows:
    return np.arange(rows.start, rows.stop)


def cut_down(result: PairResult, articles: Sequence[Rows], formula_of: FormulaOf) -> PairResult:
    """The result with these segments only; its systems' scores are those over what is left.

    Args:
        result: the whole.
        articles: for each article that is kept, in the order wanted, its rows among all segments.
        formula_of: formulas by column name.
    """
    segments = result.corpus.segments
    whole = {article.id: article for article in result.corpus.articles}
    kept = [tuple(segments[row] for row in rows) for rows in articles]
    corpus = replace(
        result.corpus, articles=tuple(replace(whole[rows[0].id.article], segments=rows) for rows in kept if rows)
    )
    systems = tuple(_cut_system(system, articles, formula_of) for system in result.systems)
    return replace(result, corpus=corpus, systems=systems)


def _cut_system(system: SystemResult, articles: Sequence[Rows], formula_of: FormulaOf) -> SystemResult:
    rows = np.concatenate([np.empty(0, dtype=np.int_), *articles])
    outcomes = tuple(system.outcomes[row] for row in rows)
    tables = {column: table.take(rows) for column, table in system.tables.items()}
    unanswered = missing_answers(outcomes)
    scores: dict[str, MetricScores | Missing] = {}
    for column, whole in system.scores.items():
        table = system.tables.get(column)
        if isinstance(whole, Missing) or table is None:
            scores[column] = whole
            continue
        scores[column] = replace(
            whole,
            corpus=unanswered or _score(table, rows, formula_of(column)),
            articles=tuple(_score(table, part, formula_of(column)) for part in articles),
            segments=whole.segments[rows],
            scored=whole.scored[rows],
        )
    flags = tuple(system.flags[row] for row in rows) if system.flags else ()
    return replace(system, outcomes=outcomes, tables=tables, scores=scores, flags=flags, repeats={})


def _score(table: StatTable, rows: Rows, formula: ScoreFunction) -> Score | Missing:
    scored = rows[table.scored[rows]]
    if not len(scored):
        return Missing(Reason("across.none_common"))
    return Score(float(formula(table.rows[scored].sum(axis=0))), len(scored))
