"""From the numbers of one difference to its verdict, and why it is that."""

from __future__ import annotations

from harness.analysis.comparison import UNDECLARED
from harness.analysis.gate.reach import Reach, reach_reason
from harness.analysis.gate.verdict import Numbers, Status
from harness.analysis.stats.compare import Interval
from harness.types import NO_FIX, Missing, Part, Reason

BEYOND = 1.001
"""An interval has to lie above minus the margin: one that only reaches it is still open."""


def weigh_numbers(numbers: Numbers, reach: Reach | None, *, advise: bool = True) -> tuple[Status, Reason]:
    """The verdict on one difference, and why.

    Args:
        numbers: what was measured.
        reach: what such a comparison can find; None where that is not known.
        advise: whether an inconclusive verdict asks for articles or another margin; a slice has neither by itself.
    """
    margin = Part("number", numbers.margin)
    if not numbers.declared:
        return "inconclusive", _withheld(UNDECLARED.why, UNDECLARED.fix)
    match numbers.interval:
        case Missing(why=why, fix=fix):
            return "inconclusive", _with_reach(_withheld(why, fix), reach)
        case Interval(low=0.0, high=0.0) if numbers.delta == 0:
            return "pass", Reason("gate.unchanged")
        case Interval(low=low) if low > -numbers.margin:
            return "pass", Reason("gate.kept", {"margin": margin})
        case Interval(high=high) if high < -numbers.margin:
            return "regressed", Reason("gate.worse", {"margin": margin})
        case Interval(low=low):
            reason = _with_reach(Reason("gate.open", {"margin": margin}), reach)
            if reach is None or not (advice := _advice(numbers, reach, low, advise=advise)):
                return "inconclusive", reason
            return "inconclusive", Reason("gate.with_help", {"what": reason, "help": advice})


def _advice(numbers: Numbers, reach: Reach, low: float, *, advise: bool) -> Reason | None:
    """What would end an open verdict; None where nothing can be said of a slice."""
    enough = numbers.delta < 0 and reach.needed <= numbers.units
    if not advise:
        return Reason("gate.enough_slice") if enough else None
    # No margin that an equal run needs is offered where this run would still fail at it.
    option = Part("margin_option", max(reach.passing, -low * BEYOND), reach.metric)
    if enough:
        return Reason(f"gate.enough.{numbers.unit}", {"option": option})
    return Reason(f"gate.help.{numbers.unit}", {"option": option})


def _with_reach(reason: Reason, reach: Reach | None) -> Reason:
    return reason if reach is None else Reason("gate.with_reach", {"what": reason, "reach": reach_reason(reach)})


def _withheld(why: Reason, fix: Reason) -> Reason:
    return why if fix == NO_FIX else Reason("gate.withheld", {"why": why, "help": fix})
