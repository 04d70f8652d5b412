"""From the numbers of one difference to its verdict, and the sentence that says it."""

from __future__ import annotations

from harness.analysis.gate.reach import Reach, say_reach, wider_margin
from harness.analysis.gate.verdict import Numbers, Status
from harness.analysis.stats.compare import Interval
from harness.reports.words.messages import say
from harness.reports.words.reasons import sentence
from harness.types import Missing


def weigh_numbers(numbers: Numbers, reach: Reach | None, *, advise: bool = True) -> tuple[Status, str]:
    """The verdict on one difference, and the sentence that says it.

    Args:
        numbers: what was measured.
        reach: what such a comparison can find; None where that is not known.
        advise: whether an inconclusive verdict says what would end it; a slice cannot be widened by itself.
    """
    margin = f"{numbers.margin:g}"
    if not numbers.declared:
        message = say("gate.withheld", why=say("unscored.undeclared"), help=say("unscored.undeclared_help"))
        return "inconclusive", message
    match numbers.interval:
        case Missing(why=why, fix=fix):
            said = sentence(why)
            message = say("gate.withheld", why=said, help=sentence(fix)) if fix else said
            return "inconclusive", f"{message.rstrip('.')}. {say_reach(reach)}." if reach else message
        case Interval(low=0.0, high=0.0) if numbers.delta == 0:
            return "pass", say("gate.unchanged")
        case Interval(low=low) if low > -numbers.margin:
            return "pass", say("gate.kept", margin=margin)
        case Interval(high=high) if high < -numbers.margin:
            return "regressed", say("gate.worse", margin=margin)
        case _:
            message = say("gate.open", margin=margin)
            if reach is None:
                return "inconclusive", message
            help_ = f" {say(f'gate.help.{numbers.unit}', option=wider_margin(reach))}" if advise else ""
            return "inconclusive", f"{message}. {say_reach(reach)}.{help_}"
