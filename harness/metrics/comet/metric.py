"""COMET (Rei et al. 2020, 2022; Guerreiro et al. 2023), as unbabel-comet scores: higher is better, no fixed scale.

One row: ``[score, 1]``. Every distinct (source, hypothesis, reference) is scored once over all systems and kept in
the score cache, so that equal texts have one score and a second run imports neither torch nor unbabel-comet.

Models over XLM-R and XLM-R XL are scored by the harness's own packed encoder (``engine:packed1``), once it has proven
itself on this machine against unbabel-comet or its recorded scores, all others by the library (``engine:library``). The
two agree to 1e-5 and not to the bit, so their scores never share a key of the cache.

Rules, all of them in the signature: fp32 unless asked otherwise; an empty hypothesis is not sent and scores 0 (models
give it .3 to .5, at times more than nonsense); with several references the score is the mean over them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from harness.errors import MetricUnavailable
from harness.executors.interface import Executor
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.context import WITHOUT_CONTEXT, need_context, samples_of
from harness.metrics.comet.engine import FALL_BACK, LIBRARY, PACKED, Prover, ScorerSpec, first_reason, tasks_of
from harness.metrics.comet.estimate import Estimate, Portion, Texts, pack, unpack
from harness.metrics.comet.packages import need_library, scoring_packages
from harness.metrics.comet.packed.verification import remembered
from harness.metrics.comet.precision import FULL_PRECISION, costs, need_precision
from harness.metrics.comet.settings import Model, device_for, installed_versions, signature_of
from harness.metrics.interface import ErrorSpan, Mask, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.isolated.comet import RECIPE, IsolatedComet
from harness.metrics.isolated.metric import SpreadOptions
from harness.metrics.segment import WIDTH, SegmentMean
from harness.metrics.stored import Kept, Part
from harness.types import MetricIdentity, Note, Reason, Traits
from harness.workspace.config import StrictModel

COMET_TRAITS = Traits("with_reference", "comet", decimals=4, usual_margin=0.0035, usual_spread=0.026)
"""Of models that need the reference."""

WITHOUT_REFERENCE = Traits("without_reference", "comet", decimals=4)

ABLE_WITHOUT = Traits("with_reference", "comet", decimals=4)
"""Of models that could do without the references they were given: no margin has been measured for these."""


class CometOptions(StrictModel):
    """``[metric.comet]``."""

    model: Annotated[str, Field(min_length=1)] = "Unbabel/wmt22-comet-da"
    """A name on the model hub, a checkpoint's folder, or a ``.ckpt`` file."""
    batch_size: Annotated[int, Field(ge=1)] = 16
    """Samples in a batch of the library. Affects speed, memory and the last digits of scores."""
    batch_tokens: Annotated[int, Field(ge=0)] = 0
    """Tokens in a batch of the packed encoder. Affects only speed and memory. 0: 512 on a CPU, 16384 on a GPU."""
    engine: Literal["auto", "packed", "library", "isolated"] = "auto"
    """``packed`` never falls back to the library; ``library`` always uses it. ``isolated`` uses the library in an
    environment of its own, which ``harness metrics add comet`` makes."""
    precision: Literal["fp32", "tf32", "bf16", "fp16", "int8"] = "fp32"
    """Precision of the encoder's matrix products. Less than fp32 changes scores; a note gives the measured difference.
    ``tf32`` is fp32 with shorter factors, which NVIDIA graphics cards multiply faster from Ampere on. ``bf16`` and
    ``int8`` are faster on processors that have instructions for them; ``int8`` runs on processors only."""
    context: Annotated[int, Field(ge=0)] = 0
    """Segments before each one that the model reads with it (DocCOMET; its authors take 2). Regression and
    referenceless models only."""
    vectors: bool = False
    """Store sentence vectors on disk, for runs that share sources, references or outputs with this one."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs; ``auto``: on a GPU if there is one."""
    cards: Annotated[int, Field(ge=1, le=16)] = 1
    """Graphics cards that hold the model together, for one that is too large for a single card: each has an equal share
    of its layers. Needs ``engine = "isolated"`` and ``device = "cuda"``."""
    name: Annotated[str, Field(min_length=1)] = "comet"
    """Column heading."""

    @model_validator(mode="after")
    def _on_cards(self) -> CometOptions:
        if self.cards > 1 and (self.engine, self.device) != ("isolated", "cuda"):
            raise ValueError(f'cards = {self.cards} needs engine = "isolated" and device = "cuda"')
        return self


class Comet(SegmentMean):
    """A COMET model."""

    Options: ClassVar[type[CometOptions]] = CometOptions
    traits: ClassVar = COMET_TRAITS
    environment: ClassVar = RECIPE
    """Of ``engine = "isolated"``."""

    def __init__(self, options: CometOptions) -> None:
        self.options = options
        self.name = options.name
        self.higher_is_better = True
        self._notes: dict[Reason, None] = {}

    @property
    def notes(self) -> Sequence[Note]:
        """Why the library was used, what the proof found, and what a lower precision costs."""
        return [Note(self.name, why) for why in self._notes]

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 2) of ``items``; marks ``empty`` and ``truncated``; error spans where the model finds them.

        Spans are those against the first reference. Models that can do without a reference score segments that have
        none by source and hypothesis alone; ``refs:var`` in the signature says that the numbers of references differ.

        Raises:
            MetricUnavailable: the model, or what it needs, is not on this machine.
        """
        # Of this call alone: one metric scores all pairs of languages, and what holds of one need not hold of the next.
        self._notes = {}
        if self.options.engine == "isolated":
            return self._isolated().statistics(items, context)
        versions = installed_versions()
        checkpoint = checkpoints.find(self.options.model, offline=context.offline)
        model = Model(checkpoint, device_for(self.options.device, versions["torch"]), versions)
        need_precision(self.options.precision, model.device)
        if self.options.context:
            need_context(checkpoint)
        engine, part = self._parts(items, model, context)
        signature = signature_of(model, engine, self.options.precision, items, context=self.options.context)
        needs_reference = checkpoint.needs_reference
        traits = COMET_TRAITS if needs_reference else WITHOUT_REFERENCE
        if not needs_reference and checkpoint.reads_reference and any(item.references for item in items):
            traits = ABLE_WITHOUT
        identity = MetricIdentity(self.name, signature, self.higher_is_better, needs_reference, traits)
        return StatTable(identity, part.rows, part.scored, part.marks, part.spans)

    def _isolated(self) -> IsolatedComet:
        options = self.options
        if options.precision != "fp32":
            self._refuse_library(options.model, "the library runs only in fp32", insist=True)
        if options.context:
            raise MetricUnavailable('engine = "isolated" cannot read context', fix=WITHOUT_CONTEXT)
        shared = {name: getattr(options, name) for name in ("model", "batch_size", "device", "cards", "name")}
        return IsolatedComet(SpreadOptions.model_validate(shared))

    def _parts(self, items: Sequence[ScoringItem], model: Model, context: MetricContext) -> tuple[str, Part]:
        """The engine that scored, and the statistics, kept or computed."""
        for engine in self._engines(model.checkpoint):
            key = model.key(engine, self.options.precision, self.options.context)
            kept = Kept({"metric": "comet", **key}, items, context)
            asked = [samples_of(item, model.checkpoint, self.options.context) for item in kept.todo]
            wanted = list(dict.fromkeys(sample for samples in asked for sample in samples if _sent(sample)))
            cached = context.cache.get_scores(key, wanted)
            known = {texts: unpack(values) for texts, values in zip(wanted, cached, strict=True) if values is not None}
            missing = [texts for texts in wanted if texts not in known]
            spec = self._spec(model, engine, offline=context.offline)
            # Scores in the cache were proven where they were computed.
            if missing and engine == PACKED and not self._may_pack(model.checkpoint, spec, context.executor):
                continue
            context.progress(len(known), len(wanted))
            for portion in self._computed(missing, spec, context):
                _need_numbers(portion, spec, model.checkpoint)
                context.cache.put_scores(key, [(texts, pack(estimate)) for texts, estimate in portion])
                known.update(portion)
                context.progress(len(known), len(wanted))
            return engine, kept.join(_part(asked, known))
        raise AssertionError("the library is always an engine, or its refusal was raised")

    def _engines(self, checkpoint: Checkpoint) -> list[str]:
        """Engines to try, in order."""
        why = first_reason(checkpoint) if self.options.engine != LIBRARY else "it was asked for"
        if not why:
            return [PACKED] if self._packed_only else [PACKED, LIBRARY]
        if self.options.engine != LIBRARY:
            self._fall_back(checkpoint, why)
        elif self.options.precision != "fp32":
            self._refuse_library(checkpoint.name, "the library runs only in fp32", insist=True)
        else:
            need_library('engine = "library"')
        return [LIBRARY]

    @property
    def _packed_only(self) -> bool:
        return self.options.engine == "packed" or self.options.precision != "fp32"

    def _may_pack(self, checkpoint: Checkpoint, spec: ScorerSpec, executor: Executor) -> bool:
        known = remembered(checkpoint, spec.device, context=spec.context)
        # Where the work will be done: this machine may lack the memory, or the graphics card.
        (proof,) = [known] if known else executor.map(Prover(spec), [()], cards=spec.cards)
        if proof.passed:
            return True
        self._fall_back(checkpoint, proof.why)
        return False

    def _fall_back(self, checkpoint: Checkpoint, why: str) -> None:
        """Turn to the library, where it may be used and is installed; a note says why."""
        self._refuse_library(checkpoint.name, why)
        need_library(f"{checkpoint.name} cannot be scored by the packed encoder ({why}), and")
        self._notes[Reason("noted.library", {"why": why})] = None

    def _refuse_library(self, model: str, why: str, *, insist: bool = False) -> None:
        if self._packed_only or insist:
            fix = f'{FALL_BACK}, with precision = "fp32"'
            raise MetricUnavailable(f"the packed encoder cannot score {model}: {why}", fix=fix)

    def _computed(self, missing: Sequence[Texts], spec: ScorerSpec, context: MetricContext) -> Iterator[Portion]:
        if not missing:
            return
        executor = context.executor
        noted = [*costs(spec, missing, executor)]
        yield from executor.map(spec, tasks_of(spec.engine, missing, executor), cards=spec.cards)
        # Only now: before, a score may turn out to be no number, and then this is none either.
        self._notes |= dict.fromkeys(noted)

    def _spec(self, model: Model, engine: str, *, offline: bool) -> ScorerSpec:
        options = self.options
        local = Path(options.model).expanduser()
        return ScorerSpec(
            model=str(local.resolve()) if local.exists() else options.model,
            sha256=model.checkpoint.sha256,
            description=checkpoints.description(model.checkpoint),
            engine=engine,
            device=model.device,
            precision=options.precision,
            batch_size=options.batch_size,
            batch_tokens=options.batch_tokens,
            context=bool(options.context),
            vectors=options.vectors,
            offline=offline,
            versions=tuple((package, version(package)) for package in scoring_packages().values()),
        )


def _need_numbers(portion: Portion, spec: ScorerSpec, checkpoint: Checkpoint) -> None:
    """Refuse scores that are not numbers: kept, they would stand for their texts in every later run."""
    broken = sum(not all(map(math.isfinite, pack(estimate).values())) for _, estimate in portion)
    if broken:
        fix = FULL_PRECISION if spec.precision != "fp32" else "download the checkpoint again, or use another model"
        raise MetricUnavailable(
            f"{broken} of {len(portion)} scores of {checkpoint.name} in {spec.precision} are not finite numbers",
            fix=fix,
        )


def _part(asked: Sequence[tuple[Texts, ...]], known: Mapping[Texts, Estimate]) -> Part:
    """The statistics of items, from what the model said of their samples."""
    scored: Mask = np.array([bool(samples) for samples in asked], dtype=np.bool_)
    empty: Mask = np.array([bool(samples) and not _sent(samples[0]) for samples in asked], dtype=np.bool_)
    truncated: Mask = np.zeros(len(asked), dtype=np.bool_)
    rows: Rows = np.zeros((len(asked), WIDTH))
    spans: dict[int, tuple[ErrorSpan, ...]] = {}
    for row, samples in enumerate(asked):
        estimates = [known[sample] for sample in samples if _sent(sample)]
        if estimates:
            rows[row, 0] = sum(estimate.score for estimate in estimates) / len(estimates)
            truncated[row] = any(estimate.truncated for estimate in estimates)
            if estimates[0].spans:
                spans[row] = tuple(_with_text(span, samples[0][1]) for span in estimates[0].spans)
    rows[:, 1] = scored
    return Part(rows, scored, {"empty": empty, "truncated": truncated}, spans)


def _with_text(span: ErrorSpan, hypothesis: str) -> ErrorSpan:
    return replace(span, text=hypothesis[span.start : span.end])


def _sent(texts: Texts) -> bool:
    return bool(texts[1].strip())
