"""A decision in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from harness.analysis.decision.recommendation import Decision, NoDecision
from harness.reports.words.reasons import NO_NAMES, Names, sentence
from harness.types import Reason, SystemName


@dataclass(frozen=True, slots=True)
class Said:
    """The sentences of a :class:`~harness.analysis.decision.recommendation.Decision`, under the same names."""

    headline: str
    """The pair, and what to take: ``de-en: take A``."""
    reason: str
    """Why there is no recommendation; empty where there is one."""
    what_would_help: tuple[str, ...]
    """What would help to decide; empty where there is a recommendation."""
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    what_would_change_it: tuple[str, ...]
    warnings: tuple[str, ...]
    violations: tuple[str, ...]
    """Why each system of the decision's violations cannot be recommended, in their order."""

    def __str__(self) -> str:
        """What to take, or that nothing can be recommended; below it the reasons, one a line. No line break ends it."""
        return "\n  ".join([self.headline, *self._lines()])

    def _lines(self) -> tuple[str, ...]:
        return (*self.warnings, *filter(None, [self.reason]), *self.reasons, *self.cautions)

    def _repr_html_(self) -> str:
        """The same for notebooks; every text in it is escaped."""
        items = "".join(f"<li>{escape(line)}</li>" for line in self._lines())
        return f"<p><strong>{escape(self.headline)}</strong></p><ul>{items}</ul>"


def spoken(decision: Decision, names: Names = NO_NAMES) -> Said:
    """What a decision says, in the messages in use.

    Args:
        decision: from :func:`harness.decide`.
        names: what to call the systems; one that is not in it is called by its name.
    """

    def said(reasons: Iterable[Reason]) -> tuple[str, ...]:
        return tuple(sentence(reason, names) for reason in reasons)

    chosen = decision.recommendation
    return Said(
        headline=f"{decision.pair}: {decision.outcome}",
        reason=sentence(chosen.reason, names) if isinstance(chosen, NoDecision) else "",
        what_would_help=said(chosen.what_would_help) if isinstance(chosen, NoDecision) else (),
        reasons=said(decision.reasons),
        cautions=said(decision.cautions),
        what_would_change_it=said(decision.what_would_change_it),
        warnings=said(decision.warnings),
        violations=said(item.why for item in decision.violations),
    )


def called(name: SystemName, names: Names) -> str:
    """What to call a system."""
    return names.get(name, name)
