"""What the decision asks for and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.checks.load import GLOSSARY, MISPLACED
from harness.store.runs.latency import Latency
from harness.types import Criterion, LangPair, Missing, Money, Reason, SystemName, Unknown

USUAL_ORDER: tuple[Criterion, ...] = ("flags", "cost", "latency")
"""What separates systems that cannot be told apart on quality, where the user gives no weights."""


NOT_TIMED = Unknown(Reason("latency.not_kept"))


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """What the user wants of a system."""

    metric: str = ""
    """The metric that decides, alone; empty: :func:`~harness.analysis.decision.lead.lead_of` says which."""
    weights: Mapping[Criterion, float] = field(default_factory=dict)
    """Weights of the criteria among systems tied on quality; empty: one after the other, as in USUAL_ORDER."""
    max_cost_per_million: float | None = None
    """Hard limit on money per million source characters; None: no limit."""
    max_p95: float | None = None
    """Hard limit on the seconds within which 95 of 100 requests are answered; None: no limit. From fewer than 20
    requests nobody knows: such a system stays, with a caution."""
    no_flags: tuple[str, ...] = ()
    """Kinds of flag that no segment may have."""
    currency: str = ""
    """In which costs are compared; empty: that of the systems, where there is only one."""
    with_glossary: frozenset[str] | None = None
    """Pairs for which there was a glossary to check against; None: nobody knows, so flags are taken as they are."""
    with_encoder: bool = True
    """Whether misplaced segments were looked for, which takes an extra."""
    tuned_on: Mapping[SystemName, tuple[str, ...]] = field(default_factory=dict)
    """Metrics, or families of them, that a system was trained or tuned on, or chooses its output by (MBR)."""

    def unsought(self, pair: LangPair) -> dict[str, Reason]:
        """Kinds of flag that nobody could look for in a pair, and why; none of them is unknown, not 0."""
        checked = self.with_glossary is None or str(pair) in self.with_glossary
        why = {} if checked else {GLOSSARY: Reason("unknown.no_glossary")}
        return why if self.with_encoder else {**why, MISPLACED: Reason("unknown.no_encoder")}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one system that can be compared."""

    system: SystemName
    quality: float
    """Corpus score under the primary metric, turned so that higher is better."""
    flags: int | Unknown
    """Flags of every kind, each counted once for a segment; they inform."""
    severe: int | Unknown
    """Segments with a flag that may decide (:mod:`harness.analysis.decision.severe_flags`)."""
    cost: Money | Unknown
    """Of a million source characters."""
    p95: float | Unknown
    """Seconds of a request: what a hard limit is about."""
    latency: Latency | Unknown = NOT_TIMED
    """Seconds per 1,000 source characters: what systems are compared by."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a system cannot be recommended."""

    system: SystemName
    constraint: Literal["comparable", "worse", "floor", "max_cost_per_million", "max_p95", "no_flags"]
    """``comparable`` is asked of every system: all segments answered, and a score under the primary metric; ``worse``:
    that no look confirmed another to be better; ``floor``: that it does more than hand back the source."""
    why: Reason

    @property
    def expected(self) -> bool:
        """Whether it belongs to the design, and nothing is amiss."""
        return self.constraint in ("floor", "worse")


@dataclass(frozen=True, slots=True)
class NoDecision:
    """The data cannot decide."""

    reason: Reason
    what_would_help: tuple[Reason, ...]
    among: tuple[SystemName, ...] = ()
    """The systems between which it stays open; empty where there is nothing to choose from."""


Strength = Literal["clear", "ahead", "tied", "limits", "suspect", "alone", "open"]
"""How sure a recommendation is. ``clear``: better than all others, by people, or by two learned metrics that each
confirm it, one of which has not seen the reference, while no metric has another system above it, and the lead is not
lopsided; ``ahead``: better than all others by what decides; ``tied``: chosen among equals; ``limits``: a better one
breaks a limit; ``suspect``: something casts doubt on the winner, and stands first; ``alone``: one system, nothing to
choose; ``open``: no recommendation."""


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """Which system to take, and everything that speaks for and against it."""

    pair: str
    metric: str | Missing
    """The primary metric."""
    recommendation: SystemName | NoDecision
    reasons: tuple[Reason, ...]
    """In the order in which they decided."""
    cautions: tuple[Reason, ...]
    """What to keep in mind about the evidence itself."""
    runner_up: SystemName | Missing
    what_would_change_it: tuple[Reason, ...]
    facts: tuple[Facts, ...]
    """All systems that can be compared, best quality first."""
    pareto: tuple[SystemName, ...]
    """Systems that no other is known to beat on quality, cost and latency together."""
    violations: tuple[Violation, ...]
    strength: Strength = "open"
    metrics: tuple[str, ...] = ()
    """What decides: the primary metric, and the one that decides with it, if any."""
    warnings: tuple[Reason, ...] = ()
    """What casts doubt on the winner: said before anything else."""

    @property
    def outcome(self) -> str:
        """In a few words: ``take A``."""
        if isinstance(self.recommendation, NoDecision):
            return "one system" if self.strength == "alone" else "no recommendation"
        return f"take {self.recommendation}"

    def __repr__(self) -> str:
        """One line, whatever speaks for and against it."""
        metrics = f" by {', '.join(self.metrics)}" if self.metrics else ""
        return f"<Decision {self.pair}: {self.outcome}{metrics} ({self.strength})>"
