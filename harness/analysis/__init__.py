"""What runs show, as data: of one :func:`analyse`, of several :func:`analyse_several`, beside a baseline :func:`gate`.

Numbers and reasons are data here; words are a report's.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.breakdown import NOTHING_ASKED, Asked, check_asked
from harness.analysis.comparison import Comparison, Evidence
from harness.analysis.decision.policy import policy_of
from harness.analysis.decision.recommendation import Decision, DecisionPolicy, NoDecision
from harness.analysis.floors import FLOOR_ENGINES
from harness.analysis.gate import Verdict, gate
from harness.analysis.gate.chart import BuildChart, build_chart
from harness.analysis.gate.policy import tier_metrics
from harness.analysis.gate.reach import reach_lines, typical_lines
from harness.analysis.judges import unasked_metrics
from harness.analysis.measured import Measured, measured_agreement, measured_for
from harness.analysis.pair import PairAnalysis
from harness.analysis.sample_size import SampleSize, plan_from_run, plan_without_run
from harness.analysis.several.history import History, analyse_several
from harness.analysis.size_lines import size_line, usual_sizes
from harness.analysis.slices import Slicing
from harness.analysis.subset import skip_articles, skip_in_several
from harness.analysis.units import why_no_verdict
from harness.metrics.load import formulas
from harness.store.runs.result import Run

__all__ = [
    "FLOOR_ENGINES",
    "Analysis",
    "Asked",
    "BuildChart",
    "Comparison",
    "Decision",
    "DecisionPolicy",
    "Evidence",
    "History",
    "Measured",
    "NoDecision",
    "PairAnalysis",
    "SampleSize",
    "Slicing",
    "Verdict",
    "analyse",
    "analyse_several",
    "build_chart",
    "gate",
    "measured_agreement",
    "measured_for",
    "plan_from_run",
    "plan_without_run",
    "reach_lines",
    "size_line",
    "skip_articles",
    "skip_in_several",
    "tier_metrics",
    "typical_lines",
    "unasked_metrics",
    "usual_sizes",
    "why_no_verdict",
]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A run, and what it shows: one entry for each pair, in the order of the run."""

    run: Run
    pairs: tuple[PairAnalysis, ...]


def analyse(
    run: Run, policy: DecisionPolicy | None = None, *, every_test: bool = False, asked: Asked = NOTHING_ASKED
) -> Analysis:
    """Everything a report may claim of a run; what is never asked for is never computed.

    Args:
        run: the run, whose seed is that of everything random.
        policy: what decides; None takes the one that the run keeps.
        every_test: make the segment-level tests of however many systems there are.
        asked: agreement with ratings, and slices, beside what every report has.

    Raises:
        ConfigError: the run keeps no policy that can be read.
        UsageError: no pair has scores in the column of ratings that is asked for.
    """
    check_asked(run, asked)
    formula_of = formulas(run.settings)
    wanted = policy_of(run.settings) if policy is None else policy
    pairs = (PairAnalysis(result, wanted, run.seed, formula_of, every_test, asked) for result in run.pairs)
    return Analysis(run, tuple(pairs))
