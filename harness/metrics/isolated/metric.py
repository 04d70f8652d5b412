"""The base of a metric that scores one translation at a time in an environment of its own."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from harness.metrics.interface import ErrorSpan, Mask, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.isolated.recipe import Recipe
from harness.metrics.isolated.scorer import Answer, Identity, Portion, ScorerSpec, Task, Texts
from harness.metrics.segment import WIDTH, SegmentMean
from harness.metrics.stored import Kept, Part
from harness.types import MetricIdentity, Traits
from harness.workspace.config import StrictModel


class IsolatedOptions(StrictModel):
    """Options that every such metric has; a subclass gives the default of ``model`` and ``name``."""

    model: Annotated[str, Field(min_length=1)]
    """A name on the model hub, or a folder."""
    batch_size: Annotated[int, Field(ge=1)] = 8
    """Translations to score at once. Affects speed, memory and the last digits of scores."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs; ``auto``: on a GPU if there is one."""
    timeout: Annotated[float, Field(gt=0, le=1e6)] = 3600.0
    """Seconds that a batch may take; the first one includes loading the model, and the download before it."""
    name: Annotated[str, Field(min_length=1)]
    """Column heading."""


class SpreadOptions(IsolatedOptions):
    """Options of a metric whose model may be on several graphics cards."""

    cards: Annotated[int, Field(ge=1, le=16)] = 1
    """Graphics cards that hold the model together, for one that is too large for a single card: each has an equal share
    of its layers. Needs ``device = "cuda"``."""

    @model_validator(mode="after")
    def _on_cards(self) -> SpreadOptions:
        if self.cards > 1 and self.device != "cuda":
            raise ValueError(f'cards = {self.cards} needs device = "cuda"')
        return self


class IsolatedScoring:
    """Asking a worker, for metrics of all kinds; a subclass gives ``environment`` and ``options``."""

    environment: ClassVar[Recipe]
    options: IsolatedOptions

    def worker_options(self) -> Mapping[str, Any]:
        """What the worker is given, as JSON; the same for the same scores. Add what your worker needs."""
        return {"model": local(self.options.model), "device": self.options.device}

    @property
    def cards(self) -> int:
        """Graphics cards that a worker needs."""
        return int(self.options.device == "cuda")

    def identify(self, context: MetricContext) -> Identity:
        """The model and the packages that would score.

        Raises:
            MetricUnavailable: they are not on this machine.
        """
        (identity,) = context.executor.map(self._spec(context), [None], cards=self.cards)
        if not isinstance(identity, Identity):
            raise TypeError(f"{self.environment.name}: a worker did not say who it is")
        return identity

    def answers(self, samples: Sequence[Texts], identity: Identity, context: MetricContext) -> dict[Texts, Answer]:
        """An answer to each different sample, from the score cache or computed, in batches of the longest first.

        Raises:
            MetricUnavailable: the worker cannot score them.
        """
        key = identity.key()
        wanted = list(dict.fromkeys(samples))
        cached = context.cache.get_scores(key, wanted)
        known = {texts: _unpack(values) for texts, values in zip(wanted, cached, strict=True) if values is not None}
        missing = sorted((texts for texts in wanted if texts not in known), key=_length, reverse=True)
        context.progress(len(known), len(wanted))
        for portion in self._computed(missing, identity, context):
            context.cache.put_scores(key, [(texts, _pack(answer)) for texts, answer in portion])
            known.update(portion)
            context.progress(len(known), len(wanted))
        return known

    def _computed(self, missing: Sequence[Texts], identity: Identity, context: MetricContext) -> Iterator[Portion]:
        if not missing:
            return
        grain = min(context.executor.grain, len(missing))
        tasks = [Task(tuple(missing[start : start + grain]), identity) for start in range(0, len(missing), grain)]
        for portion in context.executor.map(self._spec(context), tasks, cards=self.cards):
            if isinstance(portion, list):
                yield portion

    def _spec(self, context: MetricContext) -> ScorerSpec:
        options = json.dumps(dict(self.worker_options()), sort_keys=True)
        return ScorerSpec(self.environment, options, context.offline, self.options.batch_size, self.options.timeout)


class SpreadScoring(IsolatedScoring):
    """Asking a worker whose model may be on several cards; how they are used changes no score."""

    options: SpreadOptions

    @property
    def cards(self) -> int:
        """Graphics cards that a worker needs."""
        return self.options.cards if self.options.device == "cuda" else 0

    def worker_options(self) -> Mapping[str, Any]:
        """With the number of cards."""
        return {**super().worker_options(), "cards": self.options.cards}


class IsolatedMetric(IsolatedScoring, SegmentMean, ABC):
    """A subclass gives ``environment``, ``Options``, ``higher_is_better``, ``traits`` and ``empty_score``."""

    higher_is_better: bool
    traits: ClassVar[Traits]
    needs_reference = True
    empty_score: float
    """Of an empty translation, which is not sent: the worst there is."""

    def __init__(self, options: IsolatedOptions) -> None:
        self.options = options
        self.name = options.name

    def settle(self, identity: Identity) -> None:
        """Be told who will score, before :meth:`samples` is asked: ``needs_reference`` may follow from the model."""
        del identity

    def spans(self, answer: Answer) -> tuple[ErrorSpan, ...]:
        """The errors that the model marks in a translation."""
        del answer
        return ()

    def settled_traits(self, items: Sequence[ScoringItem]) -> Traits:
        """What it is with its options and for these items; ``traits`` is what it is without any."""
        del items
        return self.traits

    @abstractmethod
    def samples(self, item: ScoringItem) -> tuple[Texts, ...]:
        """What the worker must see to score an item, whose score is the mean; none where it cannot be scored."""

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows ``[score, 1]``; marks ``empty`` and ``truncated``.

        Raises:
            MetricUnavailable: the environment or the model is not on this machine, or the worker failed.
        """
        identity = self.identify(context)
        self.settle(identity)
        kept = Kept(
            {**identity.key(), "empty": str(self.empty_score), "reference": str(self.needs_reference)}, items, context
        )
        asked = [self.samples(item) for item in kept.todo]
        sent = [sample for item, samples in zip(kept.todo, asked, strict=True) if _has_text(item) for sample in samples]
        known = self.answers(sent, identity, context)
        part = kept.join(self._part(kept.todo, asked, known))
        counts = {sum(len(texts) > 2 for texts in self.samples(item)) for item in items if self.samples(item)} or {0}
        references = str(max(counts)) if len(counts) == 1 else "var"
        signature = f"{identity.signature()}|refs:{references}|empty:{self.empty_score:g}"
        named = MetricIdentity(
            self.name, signature, self.higher_is_better, self.needs_reference, self.settled_traits(items)
        )
        return StatTable(named, part.rows, part.scored, part.marks, part.spans)

    def _part(
        self, items: Sequence[ScoringItem], asked: Sequence[tuple[Texts, ...]], known: Mapping[Texts, Answer]
    ) -> Part:
        rows: Rows = np.zeros((len(items), WIDTH))
        truncated: Mask = np.zeros(len(items), dtype=np.bool_)
        scored: Mask = np.array([bool(samples) for samples in asked], dtype=np.bool_)
        empty: Mask = scored & np.array([not _has_text(item) for item in items], dtype=np.bool_)
        spans: dict[int, tuple[ErrorSpan, ...]] = {}
        for row, samples in enumerate(asked):
            answers = [known[sample] for sample in samples] if scored[row] and not empty[row] else []
            if answers:
                rows[row, 0] = sum(answer.score for answer in answers) / len(answers)
                truncated[row] = any(answer.details.get("truncated") for answer in answers)
                if errors := self.spans(answers[0]):
                    spans[row] = errors
        rows[empty, 0] = self.empty_score
        rows[:, 1] = scored
        return Part(rows, scored, {"empty": empty, "truncated": truncated}, spans)


def local(name: str) -> str:
    """A folder or file as a path that holds wherever the worker runs; anything else as it is."""
    path = Path(name).expanduser()
    try:
        return str(path.resolve()) if path.exists() else name
    except OSError:  # longer than a name of a file may be
        return name


def _has_text(item: ScoringItem) -> bool:
    return bool(item.hypothesis.strip())


def _length(texts: Texts) -> int:
    return sum(map(len, texts))


def _pack(answer: Answer) -> dict[str, float]:
    """As the score cache keeps it: numbers only; details that are none are not kept."""
    numbers = {name: float(value) for name, value in answer.details.items() if isinstance(value, bool | int | float)}
    return {**numbers, "score": answer.score}


def _unpack(values: Mapping[str, float]) -> Answer:
    return Answer(values["score"], {name: value for name, value in values.items() if name != "score"})
