"""COMET (Rei et al. 2020, 2022; Guerreiro et al. 2023) through unbabel-comet: higher is better, no fixed scale.

One row: ``[score, 1]``. Every distinct (source, hypothesis, reference) is scored once over all systems and kept in
the score cache, so that equal texts have one score and a second run imports neither torch nor unbabel-comet.

Rules, all of them in the signature: fp32; an empty hypothesis is not sent and scores 0 (models give it .3 to .5, at
times more than nonsense); with several references the score is the mean over them.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.config import StrictModel
from harness.errors import MetricUnavailable
from harness.metrics import checkpoint as checkpoints
from harness.metrics.checkpoint import Checkpoint
from harness.metrics.comet_library import Device, Estimate, LoadedComet, Texts, load
from harness.metrics.interface import ErrorSpan, Mask, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.segment import WIDTH, SegmentMean
from harness.types import MetricIdentity

CHUNK = 256
"""Texts scored between two commits to the cache: what a kill can lose."""

PACKAGES = {"comet": "unbabel-comet", "torch": "torch", "transformers": "transformers"}


class CometOptions(StrictModel):
    """``[metric.comet]``."""

    model: Annotated[str, Field(min_length=1)] = "Unbabel/wmt22-comet-da"
    """A name on the model hub, a checkpoint's folder, or a ``.ckpt``."""
    batch_size: Annotated[int, Field(ge=1)] = 16
    """Changes speed and memory only."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    name: Annotated[str, Field(min_length=1)] = "comet"
    """Column heading."""


class Comet(SegmentMean):
    """A COMET model."""

    Options: ClassVar[type[CometOptions]] = CometOptions

    def __init__(self, options: CometOptions) -> None:
        self.options = options
        self.name = options.name
        self.higher_is_better = True
        self._loaded: LoadedComet | None = None

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 2) of ``items``; marks ``empty`` and ``truncated``; error spans where the model finds them.

        Spans are those against the first reference. Models that can do without a reference score segments that have
        none by source and hypothesis alone; ``refs:var`` in the signature says that the numbers of references differ.

        Raises:
            MetricUnavailable: unbabel-comet, the model, or what it needs is not on this machine.
        """
        versions = _versions()
        checkpoint = checkpoints.find(self.options.model, offline=context.offline)
        device = _device(self.options.device, versions["torch"])
        asked = [_samples(item, checkpoint) for item in items]
        wanted = list(dict.fromkeys(sample for samples in asked for sample in samples if samples and _sent(sample)))
        known = self._estimates(wanted, checkpoint, device, versions, context)

        scored: Mask = np.array([bool(samples) for samples in asked], dtype=np.bool_)
        empty: Mask = np.array([bool(samples) and not _sent(samples[0]) for samples in asked], dtype=np.bool_)
        truncated: Mask = np.zeros(len(items), dtype=np.bool_)
        rows: Rows = np.zeros((len(items), WIDTH))
        spans: dict[int, tuple[ErrorSpan, ...]] = {}
        for row, samples in enumerate(asked):
            found = [known[sample] for sample in samples if _sent(sample)]
            if found:
                rows[row, 0] = sum(estimate.score for estimate in found) / len(found)
                truncated[row] = any(estimate.truncated for estimate in found)
                if found[0].spans:
                    spans[row] = found[0].spans
        rows[:, 1] = scored
        signature = _signature(checkpoint, device, versions, asked)
        identity = MetricIdentity(self.name, signature, self.higher_is_better, checkpoint.needs_reference)
        return StatTable(identity, rows, scored, {"empty": empty, "truncated": truncated}, spans)

    def _estimates(
        self,
        wanted: Sequence[Texts],
        checkpoint: Checkpoint,
        device: Device,
        versions: Mapping[str, str],
        context: MetricContext,
    ) -> dict[Texts, Estimate]:
        """Look up or compute every sample; what is computed is committed chunk by chunk."""
        # Everything that can change a score. The model's name is not in it: the hash says more.
        key = {
            "metric": "comet",
            "checkpoint": checkpoint.sha256,
            "class": checkpoint.kind,
            "precision": "fp32",
            "device": device,
            **versions,
        }
        kept = context.cache.get_scores(key, wanted)
        known = {texts: _unpack(values) for texts, values in zip(wanted, kept, strict=True) if values is not None}
        # Longest first: batches of like length waste no padding, and the estimate of the time left errs upwards.
        missing = sorted(
            (texts for texts in wanted if texts not in known),
            key=lambda texts: (len(texts), sum(len(text) for text in texts)),
            reverse=True,
        )
        context.progress(len(known), len(wanted))
        if missing and self._loaded is None:
            self._loaded = load(checkpoint, device, self.options.batch_size, offline=context.offline)
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            assert self._loaded is not None  # noqa: S101 - loaded above, when anything is missing
            estimates = self._loaded.estimate(chunk)
            context.cache.put_scores(key, [(t, _pack(e)) for t, e in zip(chunk, estimates, strict=True)])
            known.update(zip(chunk, estimates, strict=True))
            context.progress(len(known), len(wanted))
        return known


def _samples(item: ScoringItem, checkpoint: Checkpoint) -> tuple[Texts, ...]:
    """What the model must see to score ``item``: one sample per reference; none when it lacks what the model needs."""
    if checkpoint.reads_reference and item.references:
        return tuple((item.source, item.hypothesis, reference) for reference in item.references)
    return () if checkpoint.needs_reference else ((item.source, item.hypothesis),)


def _sent(texts: Texts) -> bool:
    return bool(texts[1].strip())


def _versions() -> dict[str, str]:
    """Versions of the packages that can change a score, read without importing them."""
    try:
        return {name: version(package) for name, package in PACKAGES.items()}
    except PackageNotFoundError as error:
        raise MetricUnavailable(f"{error.name} is not installed", fix=checkpoints.INSTALL) from error


def _device(asked: Literal["auto", "cpu", "cuda"], torch_version: str) -> Device:
    """The device a score is computed on, known without torch because it is part of the cache key."""
    if asked != "auto":
        return asked
    return "cuda" if "+cpu" not in torch_version and _cuda_devices() > 0 else "cpu"


def _cuda_devices() -> int:
    """Graphics cards the CUDA driver offers; 0 without a driver."""
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


def _signature(
    checkpoint: Checkpoint, device: Device, versions: Mapping[str, str], asked: Sequence[tuple[Texts, ...]]
) -> str:
    counts = {sum(len(texts) == 3 for texts in samples) for samples in asked if samples} or {0}
    references = "var" if len(counts) > 1 else str(next(iter(counts)))
    if references not in {"0", "1", "var"}:
        references = f"mean{references}"
    public = {name: number.partition("+")[0] for name, number in versions.items()}
    return "|".join(
        (
            f"comet:{public['comet']}",
            f"model:{checkpoint.name}",
            f"ckpt:{checkpoint.sha256[:12]}",
            f"class:{checkpoint.kind}",
            "fp32",
            device,
            f"refs:{references}",
            "empty:0",
            f"torch:{public['torch']}",
            f"transformers:{public['transformers']}",
            f"python:{'.'.join(platform.python_version_tuple()[:2])}",
        )
    )


def _pack(estimate: Estimate) -> dict[str, float]:
    """As the score cache keeps it: names and numbers, a span under ``<number>/<severity>/<field>``."""
    packed = {"score": estimate.score, "truncated": float(estimate.truncated)}
    for number, span in enumerate(estimate.spans):
        head = f"{number}/{span.severity}"
        packed |= {f"{head}/start": span.start, f"{head}/end": span.end, f"{head}/confidence": span.confidence}
    return packed


def _unpack(values: Mapping[str, float]) -> Estimate:
    heads = sorted(
        (name.removesuffix("/start") for name in values if name.endswith("/start")),
        key=lambda head: int(head.partition("/")[0]),
    )
    spans = tuple(
        ErrorSpan(
            int(values[f"{head}/start"]),
            int(values[f"{head}/end"]),
            head.partition("/")[2],
            float(values[f"{head}/confidence"]),
        )
        for head in heads
    )
    return Estimate(float(values["score"]), bool(values["truncated"]), spans)
