"""The recommendation as a report says it: one sentence with its reasons, then what stands beside it."""

from __future__ import annotations

from harness.analysis.decision.decide import decide
from harness.analysis.decision.policy import policy_of
from harness.analysis.decision.recommendation import Decision, NoDecision
from harness.reports.model.findings import Findings
from harness.reports.model.shown import decide_as_shown
from harness.reports.words.messages import say
from harness.reports.words.text import visible
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Reason

FEWEST_SYSTEMS = 2
"""There is nothing to recommend among fewer."""


def advise(run: Run, result: PairResult, findings: Findings, *, as_shown: bool = False) -> Decision | Missing:
    """The decision on one pair by the policy that the run keeps, in the systems' own names or in those shown."""
    if len(result.systems) < FEWEST_SYSTEMS:
        return Missing(Reason("advice.alone"))
    policy = policy_of(run.settings)
    if as_shown:
        return decide_as_shown(result, findings, policy)
    return decide(findings.evidence, result, policy, references=findings.references)


def advice(decision: Decision | Missing, said: str = "") -> tuple[str, ...]:
    """The sentence that names a system, or says why none can be named, and the remarks on it; all visible text.

    What would help is left out where the verdict, ``said``, ends with it.
    """
    if isinstance(decision, Missing):
        return ()
    first = " ".join((*decision.warnings, _sentence(decision)))
    return tuple(visible(line) for line in (first, *_remarks(decision, said)))


def _sentence(decision: Decision) -> str:
    chosen = decision.recommendation
    if isinstance(chosen, NoDecision) and decision.strength == "alone":
        return say("advice.one", reason=chosen.reason)
    if isinstance(chosen, NoDecision):
        return say("advice.none", reasons=_joined((chosen.reason, *decision.reasons)))
    return say("advice.take", system=chosen, reasons=_joined(decision.reasons))


def _remarks(decision: Decision, said: str) -> list[str]:
    chosen = decision.recommendation
    lines = []
    if isinstance(chosen, NoDecision):
        lines += [say("advice.help", line=line) for line in chosen.what_would_help if line not in said]
    if not isinstance(decision.runner_up, Missing):
        lines.append(say("advice.runner_up", system=decision.runner_up))
    lines += [say("advice.change", line=line) for line in decision.what_would_change_it]
    lines += [say("advice.caution", line=line) for line in decision.cautions]
    return lines


def _joined(reasons: tuple[str, ...]) -> str:
    return "; ".join(reason.removesuffix(".") for reason in reasons)
