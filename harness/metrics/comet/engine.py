"""Which implementation scores a checkpoint: the packed encoder where it may, else unbabel-comet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import MetricUnavailable
from harness.executors.interface import Executor
from harness.executors.parcel import Parcel
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.cards import Device, Precision, enough_memory, need_cuda
from harness.metrics.comet.checkpoint import Checkpoint, need_encoder
from harness.metrics.comet.estimate import Portion, Texts
from harness.metrics.comet.nodes import find_same, parcel_of
from harness.metrics.comet.packed import recipe as recipes
from harness.metrics.comet.packed.batching import windows
from harness.metrics.comet.packed.recipe import Unpackable, head_of, recipe_of
from harness.metrics.comet.packed.verification import Proof, identity, remembered, state_folder, verify
from harness.workspace.environment import package_version

if TYPE_CHECKING:
    from harness.metrics.comet.library import LoadedComet
    from harness.metrics.comet.packed.model import PackedComet

PACKED = recipes.NAME
LIBRARY = "library"

TASKS_EACH = 4
"""Tasks that each of several workers has at least: with fewer, some would wait for the last."""

FALL_BACK = '[metric.comet] engine = "library" in harness.toml'


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """Everything a process needs to load a scorer, here or on another machine."""

    model: str
    """What :func:`harness.metrics.comet.checkpoint.find` finds it by."""
    sha256: str
    description: str
    """Of its hyper-parameters and tokenizer (:func:`harness.metrics.comet.checkpoint.description`)."""
    engine: str
    device: Device
    precision: Precision
    batch_size: int
    """Of the library."""
    batch_tokens: int
    """Of the packed encoder; 0 for the device's own."""
    vectors: bool
    """Keep sentence vectors on disk."""
    context: bool
    """Texts come with those before them."""
    offline: bool
    versions: tuple[tuple[str, str], ...]
    """Of the packages that can change a score, by their names: other versions are refused."""

    @property
    def cards(self) -> int:
        """Graphics cards that a worker needs."""
        return int(self.device == "cuda")

    def __call__(self) -> Scorer:
        """Load it.

        Raises:
            MetricUnavailable: this machine cannot, or would give other scores.
        """
        checkpoint = self.checkpoint()
        if self.engine == LIBRARY:
            from harness.metrics.comet import library as comet_library

            loaded = comet_library.load(
                checkpoint, self.device, self.batch_size, offline=self.offline, context=self.context
            )
            return Scorer(loaded, checkpoint.name)
        return Scorer(self._packed(checkpoint), checkpoint.name)

    def checkpoint(self) -> Checkpoint:
        """Find the checkpoint here.

        Raises:
            MetricUnavailable: it, or a package, is missing, or is not the one that was asked for.
        """
        others: dict[str, tuple[str, str]] = {}
        for package, wanted in self.versions:
            version = package_version(package)
            if version != wanted:
                others[package] = (version or "none", wanted)
        if others:
            required = ", ".join(
                f"{package} {wanted}, found {version}" for package, (version, wanted) in others.items()
            )
            pins = [f"{package}=={wanted}" for package, (_, wanted) in others.items()]
            raise MetricUnavailable(
                f"required: {required}",
                fix=f"on the nodes: pip install {' '.join(pins)}; or in harness.toml under [executor]: "
                f"pip = {json.dumps(pins)}",
            )
        return find_same(self.model, self.sha256, self.description, offline=self.offline)

    def parcel(self) -> Parcel:
        """The checkpoint, as another machine would have it."""
        return parcel_of(checkpoints.find(self.model, offline=True))

    def _packed(self, checkpoint: Checkpoint) -> PackedComet:
        from harness.metrics.comet.packed.model import PackedComet
        from harness.metrics.comet.packed.vectors import DiskVectors
        from harness.metrics.comet.packed.weights import CannotPack

        if self.device == "cuda":
            need_cuda()
        need_encoder(checkpoint, offline=self.offline)
        recipe = recipe_of(checkpoint, context=self.context)
        proof = prove(checkpoint, self.device, offline=self.offline, context=self.context)
        if isinstance(recipe, Unpackable) or not proof.passed:
            why = recipe.why if isinstance(recipe, Unpackable) else proof.why
            raise MetricUnavailable(f"the packed encoder cannot score {checkpoint.name} here: {why}", fix=FALL_BACK)
        kept = {**identity(checkpoint, self.device, context=self.context), "precision": self.precision}
        try:
            with enough_memory(checkpoint.name):
                return PackedComet(
                    checkpoint,
                    recipe,
                    self.device,
                    precision=self.precision,
                    budget=self.batch_tokens,
                    vectors=DiskVectors(state_folder(), kept) if self.vectors else None,
                )
        except CannotPack as reason:
            raise MetricUnavailable(f"{checkpoint.name} cannot be loaded: {reason}", fix=FALL_BACK) from reason


@dataclass(frozen=True, slots=True)
class Prover:
    """The question whether the packed encoder may be used, for an executor: asked and answered where it would be."""

    spec: ScorerSpec

    def __call__(self) -> Callable[[object], list[Proof]]:
        """Make a worker that answers any task."""
        return self._proofs

    def parcel(self) -> Parcel:
        """That of the scorer."""
        return self.spec.parcel()

    def _proofs(self, _: object) -> list[Proof]:
        spec = self.spec
        return [prove(spec.checkpoint(), spec.device, offline=spec.offline, context=spec.context)]


@dataclass(frozen=True, slots=True)
class Scorer:
    """A loaded model as a worker of an executor."""

    loaded: PackedComet | LoadedComet
    model: str
    """Its name, for messages."""

    def __call__(self, samples: Sequence[Texts]) -> Iterator[Portion]:
        """Score samples.

        Raises:
            MetricUnavailable: a graphics card has too little memory for them.
        """
        with enough_memory(self.model):
            yield from self.loaded.estimates(samples)


def tasks_of(engine: str, samples: Sequence[Texts], executor: Executor) -> list[list[Texts]]:
    """Cut samples into tasks: of the executor's grain, or smaller, so that all its workers end at about one time.

    The library's batches stay those of a single task.
    """
    if engine == LIBRARY:
        from harness.metrics.comet.library import chunks

        return list(chunks(samples))
    share = len(samples) // (TASKS_EACH * executor.concurrency) if executor.concurrency > 1 else len(samples)
    return list(windows(samples, max(1, min(executor.grain, share))))


def first_reason(checkpoint: Checkpoint) -> str:
    """Why the packed encoder cannot score it, as far as its own files tell; empty when they do not forbid it."""
    head = head_of(checkpoint.hparams, checkpoint)
    return head.why if isinstance(head, Unpackable) else ""


def prove(checkpoint: Checkpoint, device: Device, *, offline: bool, context: bool = False) -> Proof:
    """Whether the packed encoder may score it on this machine; proven now, unless an earlier run has.

    Raises:
        MetricUnavailable: the encoder's files or the library are missing.
    """
    known = remembered(checkpoint, device, context=context)
    if known is not None:
        return known
    need_encoder(checkpoint, offline=offline)
    recipe = recipe_of(checkpoint, context=context)
    if isinstance(recipe, Unpackable):
        return Proof(False, 0.0, recipe.why)
    with enough_memory(checkpoint.name):
        return verify(checkpoint, recipe, device, offline=offline)
