"""The articles that two results of one pair have in common, and both results cut down to them.

An article is in common when both results have one of that name with the same segments: sources and references, in the
same order. Where it stands among the others, and its metadata, may change freely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from harness.evidence import FormulaOf
from harness.messages import say
from harness.metrics.interface import StatTable
from harness.runs.result import MetricScores, PairResult, SystemResult, article_rows
from harness.scoring import missing_answers
from harness.store.keys import corpus_digest
from harness.types import ArticleId, Missing, Score, SystemName

Rows = npt.NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Common:
    """Two results cut down to what they share, in the order of the earlier one."""

    later: PairResult
    earlier: PairResult
    added: tuple[str, ...]
    """Articles that only the later result has."""
    removed: tuple[str, ...]
    """Articles that only the earlier result has."""
    changed: tuple[str, ...]
    """Articles of one name with other segments; left out, as ``added`` and ``removed`` are."""

    def systems(self, name: SystemName, old_name: SystemName) -> tuple[SystemResult, SystemResult]:
        """One system of the later result, and one of the earlier; both are there."""
        now = {system.name: system for system in self.later.systems}
        then = {system.name: system for system in self.earlier.systems}
        return now[name], then[old_name]

    @property
    def articles(self) -> int:
        """How many are shared."""
        return len(self.earlier.corpus.articles)


def in_common(later: PairResult, earlier: PairResult, formula_of: FormulaOf) -> Common:
    """Cut two results of one pair down to the articles that are the same in both.

    Args:
        later: one result.
        earlier: the other, whose order is kept.
        formula_of: formulas by column name, for the scores over what is left.
    """
    if corpus_digest(later.corpus) == corpus_digest(earlier.corpus):
        return Common(later, earlier, (), (), ())
    new, old = ({article.id: article for article in result.corpus.articles} for result in (later, earlier))
    shared = [name for name, article in old.items() if name in new and article.same_texts(new[name])]
    return Common(
        cut_down(later, shared, formula_of),
        cut_down(earlier, shared, formula_of),
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in old if name in new and name not in shared),
    )


def cut_down(result: PairResult, articles: Sequence[ArticleId], formula_of: FormulaOf) -> PairResult:
    """The result with these articles only, in this order; its systems' scores are those over what is left.

    Args:
        result: has all of ``articles``.
        articles: names.
        formula_of: formulas by column name.
    """
    places = {article.id: place for place, article in enumerate(result.corpus.articles)}
    parts = article_rows(result.corpus)
    kept = [places[name] for name in articles]
    rows = np.concatenate(
        [np.empty(0, dtype=int), *(np.arange(parts[name].start, parts[name].stop) for name in articles)]
    )
    corpus = replace(result.corpus, articles=tuple(result.corpus.articles[place] for place in kept))
    systems = tuple(_cut_system(system, rows, kept, formula_of) for system in result.systems)
    return replace(result, corpus=corpus, systems=systems)


def _cut_system(system: SystemResult, rows: Rows, kept: Sequence[int], formula_of: FormulaOf) -> SystemResult:
    outcomes = tuple(system.outcomes[row] for row in rows)
    tables = {
        column: StatTable(
            table.identity,
            table.rows[rows],
            table.scored[rows],
            {name: mask[rows] for name, mask in table.marks.items()},
            {place: table.spans[row] for place, row in enumerate(rows.tolist()) if row in table.spans},
        )
        for column, table in system.tables.items()
    }
    unanswered = missing_answers(outcomes)
    scores: dict[str, MetricScores | Missing] = {}
    for column, whole in system.scores.items():
        if isinstance(whole, Missing) or column not in tables:
            scores[column] = whole
            continue
        table = tables[column]
        n = int(table.scored.sum())
        over_rest: Score | Missing = Missing(say("across.none_common"), "")
        if n:
            over_rest = Score(float(formula_of(column)(table.rows[table.scored].sum(axis=0))), n)
        scores[column] = replace(
            whole,
            corpus=unanswered or over_rest,
            articles=tuple(whole.articles[place] for place in kept),
            segments=whole.segments[rows],
            scored=whole.scored[rows],
        )
    flags = tuple(system.flags[row] for row in rows) if system.flags else ()
    return replace(system, outcomes=outcomes, tables=tables, scores=scores, flags=flags, repeats={})
