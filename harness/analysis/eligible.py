"""What may be compared. The only definition of it: comparisons, decisions, reports and the gate ask here.

- A system is *complete* when every segment was translated; no verdict on all segments speaks of any other.
- Scores are *sound* when the formula turns the stored statistics into the stored score.
- Scores are *of one measure* when their declared identities are the same, and *side by side* when they are also of the
  same segments. A paired test needs one measure and some common segments; a table or a ranking needs them side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.analysis.stats.compare import FormulaOf, ScoreFunction
from harness.errors import HarnessError
from harness.metrics.interface import Mask, Rows
from harness.metrics.scoring import missing_answers
from harness.store.runs.frame import corpus_score, scores_of
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import Missing, Part, Reason, Score, SystemName

Table = tuple[Rows, Mask, MetricScores]
"""The stored statistics of a system, which segments they are of, and its scores."""


@dataclass(frozen=True, slots=True)
class Eligible:
    """What of one pair may be compared."""

    tables: Mapping[str, Mapping[SystemName, Table]]
    """By metric, the complete systems with sound scores of one measure, in the order of the run."""
    unsound: tuple[str, ...]
    """Metrics whose statistics do not give their scores: of another version, or not installed here."""
    apart: Mapping[str, Missing]
    """Of these metrics, those with two systems that share no scored segment, and which: nothing is decided by them."""


def eligible(result: PairResult, formula_of: FormulaOf) -> Eligible:
    """What of a pair may be compared.

    Args:
        result: the pair.
        formula_of: formulas by column name.
    """
    systems = [system for system in result.systems if is_complete(system)]
    tables: dict[str, dict[SystemName, Table]] = {}
    unsound: list[str] = []
    apart: dict[str, Missing] = {}
    for metric in result.metrics:
        scored = {
            system.name: (system, scores)
            for system in systems
            if not isinstance(scores := scores_with_corpus(system, metric), Missing)
        }
        if not scored:
            continue
        if not all(is_sound(system, metric, formula_of) for system, _ in scored.values()):
            unsound.append(metric)
        elif of_one_measure([scores for _, scores in scored.values()]):
            both = {
                name: (system.tables[metric].rows, system.tables[metric].scored, scores)
                for name, (system, scores) in scored.items()
            }
            tables[metric] = both
            if why := _nothing_shared(both):
                apart[metric] = why
    return Eligible(tables, tuple(unsound), apart)


def is_complete(system: SystemResult) -> bool:
    """Whether every segment was translated; an empty answer is one."""
    return missing_answers(system.outcomes) is None


def scores_with_corpus(system: SystemResult, metric: str) -> MetricScores | Missing:
    """The scores of a system that has one for its corpus, or why it has none."""
    corpus = corpus_score(system, metric)
    return corpus if isinstance(corpus, Missing) else scores_of(system, metric)


def of_one_measure(scores: Sequence[MetricScores]) -> bool:
    """Whether scores measure the same in the same way."""
    return len({item.identity.declared for item in scores}) < 2


def of_same_segments(scores: Sequence[MetricScores]) -> bool:
    """Whether scores are of the same segments; else a ranking and its comparisons can disagree."""
    return all(np.array_equal(item.scored, scores[0].scored) for item in scores[1:])


def side_by_side(scores: Sequence[MetricScores]) -> bool:
    """Whether scores may stand in one column and be ranked."""
    return of_one_measure(scores) and of_same_segments(scores)


def is_sound(system: SystemResult, metric: str, formula_of: FormulaOf) -> bool:
    """Whether the formula turns the stored statistics of a system with a corpus score into that score.

    A run may come from another version, or from where a metric was installed that is not here; statistics read by the
    wrong formula would give numbers that look right.
    """
    try:
        return gives_score(system, metric, formula_of(metric))
    except (HarnessError, KeyError, IndexError, ValueError):
        return False


def gives_score(system: SystemResult, metric: str, formula: ScoreFunction) -> bool:
    """The same, for a formula that is there.

    Raises:
        HarnessError, KeyError, IndexError, ValueError: it cannot read the statistics.
    """
    table, stored = system.tables[metric], corpus_score(system, metric)
    again = float(formula(table.rows[table.scored].sum(axis=0)))
    return isinstance(stored, Score) and bool(np.isclose(again, stored.value, rtol=1e-6, atol=1e-9))


def _nothing_shared(tables: Mapping[SystemName, Table]) -> Missing | None:
    """Why a metric decides nothing: two of its systems are scored on no common segment; None where all share some.

    Its other pairs are compared, but ranking and groups are of all systems, and would hold a tie nobody tested.
    """
    for (a, (_, mask_a, _)), (b, (_, mask_b, _)) in combinations(tables.items(), 2):
        if not (mask_a & mask_b).any():
            return Missing(
                Reason("unscored.apart", {"a": Part("system", a), "b": Part("system", b)}),
                Reason("unscored.apart_help"),
            )
    return None
