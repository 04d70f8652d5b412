"""What runs show, as data: of one :func:`analyse`, of several :func:`analyse_several`, beside a baseline a ``Verdict``.

Numbers and reasons are data here; words are a report's. A name is imported on first use: no command needs them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.analysis.breakdown import Asked
    from harness.analysis.comparison import Comparison, Evidence
    from harness.analysis.decision.recommendation import Decision, DecisionPolicy, NoDecision
    from harness.analysis.floors import FLOOR_ENGINES
    from harness.analysis.gate.chart import BuildChart, build_chart
    from harness.analysis.gate.policy import tier_metrics
    from harness.analysis.gate.reach import reach_lines, typical_lines
    from harness.analysis.gate.verdict import Verdict
    from harness.analysis.judges import unasked_metrics
    from harness.analysis.measured import Measured, measured_agreement, measured_for
    from harness.analysis.pair import PairAnalysis
    from harness.analysis.sample_size import SampleSize, plan_from_run, plan_without_run
    from harness.analysis.several.history import History, analyse_several
    from harness.analysis.size_lines import size_line, usual_sizes
    from harness.analysis.slices import Slicing
    from harness.analysis.subset import skip_articles, skip_in_several
    from harness.analysis.units import why_no_verdict
    from harness.store.runs.result import Run

MODULES = {
    "Asked": "breakdown",
    "Comparison": "comparison",
    "Evidence": "comparison",
    "Decision": "decision.recommendation",
    "DecisionPolicy": "decision.recommendation",
    "NoDecision": "decision.recommendation",
    "FLOOR_ENGINES": "floors",
    "BuildChart": "gate.chart",
    "build_chart": "gate.chart",
    "tier_metrics": "gate.policy",
    "reach_lines": "gate.reach",
    "typical_lines": "gate.reach",
    "Verdict": "gate.verdict",
    "unasked_metrics": "judges",
    "Measured": "measured",
    "measured_agreement": "measured",
    "measured_for": "measured",
    "PairAnalysis": "pair",
    "SampleSize": "sample_size",
    "plan_from_run": "sample_size",
    "plan_without_run": "sample_size",
    "History": "several.history",
    "analyse_several": "several.history",
    "size_line": "size_lines",
    "usual_sizes": "size_lines",
    "Slicing": "slices",
    "skip_articles": "subset",
    "skip_in_several": "subset",
    "why_no_verdict": "units",
}
"""Where each name comes from."""

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
    run: Run, policy: DecisionPolicy | None = None, *, every_test: bool = False, asked: Asked | None = None
) -> Analysis:
    """Everything a report may claim of a run; what is never asked for is never computed.

    Args:
        run: the run, whose seed is that of everything random.
        policy: what decides; None takes the one that the run keeps.
        every_test: make the segment-level tests of however many systems there are.
        asked: agreement with ratings, and slices, beside what every report has; None asks for neither.

    Raises:
        ConfigError: the run keeps no policy that can be read.
        UsageError: no pair has scores in the column of ratings that is asked for.
    """
    from harness.analysis.breakdown import NOTHING_ASKED, check_asked
    from harness.analysis.decision.policy import policy_of
    from harness.analysis.pair import PairAnalysis
    from harness.metrics.load import formulas

    wanted = NOTHING_ASKED if asked is None else asked
    check_asked(run, wanted)
    formula_of = formulas(run.settings)
    deciding = policy_of(run.settings) if policy is None else policy
    pairs = (PairAnalysis(result, deciding, run.seed, formula_of, every_test, wanted) for result in run.pairs)
    return Analysis(run, tuple(pairs))


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return getattr(import_module(f"harness.analysis.{MODULES[name]}"), name)
    raise AttributeError(f"module 'harness.analysis' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
