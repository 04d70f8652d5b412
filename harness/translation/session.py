"""One run that is made in parts: what it has spent and bought so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.store.cache.records import RequestRecord
from harness.translation.budget import Purse
from harness.translation.job import Job
from harness.translation.pricing import Cost
from harness.translation.runner import Done
from harness.translation.traffic import total
from harness.types import LangPair, Response, Translated


@dataclass(slots=True)
class Session:
    """Parts of one run, each of which asks for what the parts before have asked for and more."""

    purse: Purse
    _records: dict[str, tuple[RequestRecord, ...]] = field(default_factory=dict)
    """By task, all attempts of the run."""
    _bought: set[str] = field(default_factory=set)
    """Keys of translations that the run asked for itself, whatever part of it."""

    _billed: dict[tuple[LangPair, str], Cost] = field(default_factory=dict)
    """By pair and metric."""

    def bill(self, pair: LangPair, costs: Mapping[str, Cost]) -> dict[str, Cost]:
        """What metrics have cost in the whole run, given what they cost in this part."""
        for metric, cost in costs.items():
            before = self._billed.get((pair, metric))
            self._billed[pair, metric] = cost if before is None else total([before, cost])
        return {metric: self._billed[pair, metric] for metric in costs}

    def note(self, job: Job, done: Done) -> Done:
        """What became of a job as the whole run has it: nothing that an earlier part bought was there before."""
        records = self._records[job.task] = (*self._records.get(job.task, ()), *done.records)
        return replace(done, outcomes=self.bought(job, done), records=records)

    def bought(self, job: Job, done: Done) -> tuple[Response, ...]:
        """The answers, none of which that the run asked for itself was there before."""
        answers = list(zip(job.segment_keys(), done.outcomes, strict=True))
        self._bought |= {key for key, answer in answers if isinstance(answer, Translated) and not answer.cached}
        return tuple(
            replace(answer, cached=False)
            if isinstance(answer, Translated) and answer.cached and key in self._bought
            else answer
            for key, answer in answers
        )
