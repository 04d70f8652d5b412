"""Everything besides the texts that can move a COMET score: checkpoint, device, versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from harness.errors import MetricUnavailable
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.cards import Device, cards
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.engine import LIBRARY
from harness.metrics.comet.packages import INSTALL, library_installed
from harness.metrics.comet.packed.recorded import recorded
from harness.metrics.interface import ScoringItem

PACKAGES = {"comet": "unbabel-comet", "torch": "torch", "transformers": "transformers"}
WITHOUT_LIBRARY = {"torch": "torch"}


@dataclass(frozen=True, slots=True)
class Model:
    """What the scores depend on besides the texts and the options."""

    checkpoint: Checkpoint
    device: Device
    versions: Mapping[str, str]

    def key(self, engine: str, precision: str, context: int) -> dict[str, str]:
        """Everything that can change a score. The model's name is not in it: the hash says more."""
        return {
            "metric": "comet",
            "checkpoint": self.checkpoint.sha256,
            "description": checkpoints.description(self.checkpoint),
            "class": self.checkpoint.kind,
            "precision": precision,
            "device": self.device,
            **self.versions,
            **({"context": str(context)} if context else {}),
            **({} if engine == LIBRARY else {"engine": engine, "tokenizers": version("tokenizers")}),
        }


def installed_versions() -> dict[str, str]:
    """Versions of the packages that can change a score, read without importing them.

    Raises:
        MetricUnavailable: neither the library nor what the packed encoder needs is installed.
    """
    try:
        packages = PACKAGES if library_installed() else WITHOUT_LIBRARY
        return {name: version(package) for name, package in packages.items()}
    except PackageNotFoundError as error:
        raise MetricUnavailable(f"{error.name} is not installed", fix=INSTALL) from error


def device_for(asked: Literal["auto", "cpu", "cuda"], torch_version: str) -> Device:
    """The device a score is computed on, known without torch because it is part of the cache key."""
    if asked != "auto":
        return asked
    return "cuda" if "+cpu" not in torch_version and cards() else "cpu"


def signature_of(model: Model, engine: str, precision: str, items: Sequence[ScoringItem], *, context: int) -> str:
    """All of it, for people and for comparing scores; ``refs`` as the items have them.

    ``comet`` is the version of the library, or of the one whose recorded scores vouch for the packed encoder.
    """
    checkpoint = model.checkpoint
    used = [len(item.references) if checkpoint.reads_reference else 0 for item in items]
    counts = {count for count in used if count or not checkpoint.needs_reference} or {0}
    references = "var" if len(counts) > 1 else str(next(iter(counts)))
    if references not in {"0", "1", "var"}:
        references = f"mean{references}"
    public = {name: number.partition("+")[0] for name, number in model.versions.items()}
    return "|".join(
        (
            f"comet:{public.get('comet', f'recorded-{recorded().library}')}",
            f"model:{checkpoint.name}",
            f"ckpt:{checkpoint.sha256[:12]}",
            f"hparams:{checkpoints.description(checkpoint)[:12]}",
            f"class:{checkpoint.kind}",
            precision,
            model.device,
            f"engine:{engine}",
            f"refs:{references}",
            "empty:0",
            *([f"context:{context}"] if context else []),
            f"torch:{public['torch']}",
            *([f"transformers:{public['transformers']}"] if "transformers" in public else []),
            f"python:{'.'.join(platform.python_version_tuple()[:2])}",
        )
    )
