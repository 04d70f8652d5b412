"""What a metric is, and what makes two of its scores comparable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from harness.types.reason import SIGNIFICANT, Decimals, Reason, Unknown

Kind = Literal["people", "with_reference", "without_reference", "strings", "judge", "other"]
"""Who or what judges. ``with_reference`` and ``without_reference`` are learned metrics; ``strings`` compare words and
characters; a ``judge`` is a language model with a prompt."""

NOT_MEASURED: Final = Unknown(Reason("unknown.spread"))


@dataclass(frozen=True, slots=True)
class Traits:
    """What a metric is. The metric itself gives them; all that is said of it otherwise follows from here.

    The defaults are those of a metric of which nothing is known: it decides last, its scores are shown with three
    digits, and the gate accepts no loss.
    """

    kind: Kind = "other"
    family: str = ""
    """Metrics of one family share data or architecture, and so their blind spots. Empty: a family of its own."""
    decimals: Decimals = SIGNIFICANT
    usual_margin: float = 0.0
    """The loss that the gate accepts unless told otherwise, in points of the metric; 0: none."""
    usual_spread: float | Unknown = NOT_MEASURED
    """Standard deviation of the difference of two good systems in one article, in points of the metric."""
    brought: bool = False
    """Whether somebody brought its scores in a file: they are on a scale that nobody knows."""

    def family_of(self, name: str) -> str:
        """Of the metric of that name, among those that share blind spots: one for all that do without a reference."""
        return self.kind if self.kind == "without_reference" else self.family or name


@dataclass(frozen=True, slots=True)
class MetricIdentity:
    """What makes two scores comparable."""

    name: str
    """The column heading: ``bleu``, ``chrf``, ``comet``, or the user's own name for ``scores``."""
    signature: str
    """Every setting that can move the number, as observed when it was computed."""
    higher_is_better: bool
    needs_reference: bool
    traits: Traits = field(default=Traits(), compare=False)
    """Scores do not become others because more is known of their metric."""

    @property
    def decimals(self) -> Decimals:
        """How many are shown of its scores."""
        return self.traits.decimals

    @property
    def family(self) -> str:
        """Of metrics that share blind spots: one for all that do without a reference."""
        return self.traits.family_of(self.name)

    @property
    def sees_reference(self) -> bool:
        """Whether it compares with a reference; of scores from files, whether their kind does."""
        return self.needs_reference or self.traits.kind in {"with_reference", "strings"}

    @property
    def declared(self) -> MetricIdentity:
        """The same without what only counts and digests the scores somebody brought: those differ in every run.

        Two ``scores`` are the same measure when their name, direction and column are; whether the two files were made
        alike only those who made them can say.
        """
        if not self.traits.brought:
            return self
        source, *fields = self.signature.split("|")
        kept = [field for field in fields if field.partition(":")[0] not in ("file", "n", "averaged")]
        return replace(self, signature="|".join([source, *kept]))
