"""Whether a run got worse than its baseline: one question, :func:`gate`, and its answer, a :class:`Verdict`."""

from harness.analysis.gate.rules import gate
from harness.analysis.gate.verdict import GateLine, Policy, Verdict

__all__ = ["GateLine", "Policy", "Verdict", "gate"]
