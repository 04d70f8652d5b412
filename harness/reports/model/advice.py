"""The recommendation as a report says it: one sentence with its reasons, then what stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.decision.recommendation import Decision, NoDecision
from harness.analysis.pair import PairAnalysis
from harness.reports.words.decision import Said, called, spoken
from harness.reports.words.messages import say
from harness.reports.words.reasons import NO_NAMES, Names
from harness.reports.words.text import visible
from harness.types import Missing, Reason

FEWEST_SYSTEMS = 2
"""There is nothing to recommend among fewer."""


def advise(pair: PairAnalysis) -> Decision | Missing:
    """The decision on one pair; none for one system alone."""
    if len(pair.result.systems) < FEWEST_SYSTEMS:
        return Missing(Reason("advice.alone"))
    return pair.decision


def advice(decision: Decision | Missing, names: Names = NO_NAMES, verdict: str = "") -> tuple[str, ...]:
    """The sentence that names a system, or says why none can be named, and the remarks on it; all visible text.

    What would help is left out where the verdict ends with it.
    """
    if isinstance(decision, Missing):
        return ()
    said = spoken(decision, names)
    first = " ".join((*said.warnings, _sentence(decision, said, names)))
    return tuple(visible(line) for line in (first, *_remarks(decision, said, names, verdict)))


def _sentence(decision: Decision, said: Said, names: Names) -> str:
    chosen = decision.recommendation
    if isinstance(chosen, NoDecision) and decision.strength == "alone":
        return say("advice.one", reason=said.reason)
    if isinstance(chosen, NoDecision):
        return _ended((say("advice.none", reasons=_clause(said.reason)), *said.reasons))
    first, *others = said.reasons
    return _ended((say("advice.take", system=called(chosen, names), reasons=_clause(first)), *others))


def _remarks(decision: Decision, said: Said, names: Names, verdict: str) -> list[str]:
    lines = [say("advice.help", line=line) for line in said.what_would_help if line not in verdict]
    if not isinstance(decision.runner_up, Missing):
        lines.append(say("advice.runner_up", system=called(decision.runner_up, names)))
    lines += [say("advice.change", line=line) for line in said.what_would_change_it]
    lines += [say("advice.caution", line=line) for line in said.cautions]
    return lines


def _clause(reason: str) -> str:
    return reason.removesuffix(".")


def _ended(sentences: Sequence[str]) -> str:
    return " ".join(text if text.endswith(".") else f"{text}." for text in sentences)
