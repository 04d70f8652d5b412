"""What came of a judge's questions, counted, and what a reader should know of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from harness.metrics.judge.house import house_of
from harness.metrics.judge.prompts import Protocol
from harness.metrics.judge.reading import Judgement, Unreadable, read_judgement
from harness.types import EngineIdentity, Money, Part, Reason, Refused, Response, Translated, Unknown, told

REASONS_SHOWN = 3

Said = Judgement | str
"""Of one question, asked once; a text says why there is no judgement."""


@dataclass(slots=True)
class Tally:
    """The judgements of one call, by question."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    """One for each repetition."""
    sent: int = 0
    """Answers that did not come from the cache."""
    lost: dict[str, Counter[str]] = field(
        default_factory=lambda: {"refused": Counter(), "unreadable": Counter(), "failed": Counter()}
    )
    """Reasons why there is no judgement, by what happened."""

    def read(
        self, question: str, outcomes: Sequence[Response], protocol: Protocol, texts: tuple[str, str]
    ) -> list[Judgement]:
        """The judgements that answer a question; read once.

        Args:
            question: as it was asked.
            outcomes: what came back, one for each repetition.
            protocol: that answers should follow.
            texts: source and translation.
        """
        if question not in self.said:
            self.said[question] = [self._read(outcome, protocol, texts) for outcome in outcomes]
        return [one for one in self.said[question] if isinstance(one, Judgement)]

    def why_not(self, question: str) -> str:
        """Why a question has no judgement."""
        return next(one for one in self.said[question] if isinstance(one, str))

    @property
    def judgements(self) -> int:
        """How many there are, repetitions counted."""
        return sum(isinstance(one, Judgement) for said in self.said.values() for one in said)

    @property
    def main_reason(self) -> str:
        """The most frequent reason for a lost judgement."""
        return sum(self.lost.values(), Counter[str]()).most_common(1)[0][0]

    def _read(self, outcome: Response, protocol: Protocol, texts: tuple[str, str]) -> Said:
        if isinstance(outcome, Translated):
            self.sent += not outcome.cached
            read = read_judgement(outcome.text, protocol, *texts)
            return self._lose("unreadable", read.why) if isinstance(read, Unreadable) else read
        if isinstance(outcome, Refused):
            return self._lose("refused", outcome.reason)
        return self._lose("failed", outcome.error)

    def _lose(self, how: str, why: str) -> str:
        self.lost[how][why] += 1
        return f"{how}: {why}"

    def reasons(self, model: str, cost: Money | Unknown) -> Iterator[Reason]:
        """What was asked and what it cost; what is missing and why; how far repetitions agree."""
        spent: Part | Reason = cost.why if isinstance(cost, Unknown) else Part("money", (cost.amount, cost.currency))
        yield Reason("noted.judge_asked", {"n": self.judgements, "model": model, "sent": self.sent, "cost": spent})
        for why, n in self.lost["refused"].most_common(REASONS_SHOWN):
            yield Reason("noted.judge_refused", {"n": n, "why": told(why)})
        for why, n in self.lost["unreadable"].most_common(REASONS_SHOWN):
            yield Reason("noted.judge_unreadable", {"n": n, "why": told(why)})
        for why, n in self.lost["failed"].most_common(REASONS_SHOWN):
            yield Reason("noted.judge_failed", {"n": n, "why": told(why)})
        repeated = [scores for said in self.said.values() if len(scores := _scores(said)) > 1]
        if repeated:
            equal = sum(min(scores) == max(scores) for scores in repeated) / len(repeated)
            apart = fmean(max(scores) - min(scores) for scores in repeated)
            yield Reason(
                "noted.judge_repeated",
                {"n": len(repeated), "equal": Part("percent", equal), "apart": Part("hundredths", apart)},
            )


def same_house(engine: str, model: str, judged: Mapping[str, EngineIdentity]) -> Iterator[Reason]:
    """Which systems come from the judge's house, where any do.

    Args:
        engine: of the judge.
        model: of the judge.
        judged: the systems.
    """
    house = house_of(engine, model)
    akin = tuple(name for name, other in judged.items() if house and house_of(other.engine, other.version) == house)
    if akin:
        yield Reason("noted.judge_house", {"model": model, "systems": Part("list", akin), "house": house})


def _scores(said: Sequence[Said]) -> list[float]:
    return [one.score for one in said if isinstance(one, Judgement)]
