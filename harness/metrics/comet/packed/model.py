"""A checkpoint in memory, and samples to scores: the order of the work, on one device and all its threads."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor

from harness.metrics.comet.cards import Precision
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.estimate import Portion, Texts
from harness.metrics.comet.packed.batching import Waiting, windows
from harness.metrics.comet.packed.encoder import PackedEncoder
from harness.metrics.comet.packed.head import PackedHead, Sentences
from harness.metrics.comet.packed.joint import Joint
from harness.metrics.comet.packed.passages import Passage, Reader
from harness.metrics.comet.packed.recipe import JOINT, Recipe
from harness.metrics.comet.packed.schedule import CardQueue, Encoded, on_threads, permitted, plan, spread_budget
from harness.metrics.comet.packed.tokens import Tokens, shared_tokenizer
from harness.metrics.comet.packed.vectors import MemoryVectors, Vectors
from harness.metrics.comet.packed.weights import TYPES, load_weights

BUDGET = {"cpu": 512, "cuda": 16384}
"""Tokens in a batch. On a CPU more are no faster, and less is lost when a run is killed."""

WINDOW = 8192
"""Samples whose vectors may be in memory together: at most 96 MiB for XLM-R large."""

PORTION = 256
PORTION_SECONDS = 1.0
"""Scores are handed out, to be committed, when there are this many or when this much time has passed."""


@dataclass(slots=True)
class _Window:
    """What is known of a window while it is worked on."""

    samples: Sequence[Texts]
    waiting: Waiting
    rows: dict[Passage, Tensor] = field(default_factory=dict)
    truncated: set[Passage] = field(default_factory=set)
    ready: list[Texts] = field(default_factory=list)

    def arrive(self, passage: Passage, row: Tensor) -> None:
        self.rows[passage] = row
        self.ready += [self.samples[number] for number in self.waiting.arrived(passage)]


class PackedComet:
    """A model that scores as the library does, to 1e-5, and on a CPU always to the same bit."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        recipe: Recipe,
        device: str,
        *,
        precision: Precision = "fp32",
        budget: int = 0,
        vectors: Vectors | None = None,
    ) -> None:
        """Map the checkpoint.

        Args:
            checkpoint: where.
            recipe: of :func:`harness.metrics.comet.packed.recipe.recipe_of`.
            device: ``cpu`` or ``cuda``.
            precision: of the encoder's matrix products; ``tf32`` only on a graphics card, ``int8`` only on a processor.
            budget: tokens of a batch; 0 for the device's own.
            vectors: where sentence vectors are kept; by default in memory.

        Raises:
            CannotPack: the file is not what it should be.
        """
        weights = load_weights(checkpoint, recipe, device, precision)
        tokenizer = shared_tokenizer(recipe.tokenizer, recipe.shape.limit)
        encoder = PackedEncoder(weights, recipe, TYPES[precision], tokenizer.separator)
        head = PackedHead(recipe.head, weights.head)
        joint = recipe.head.kind in JOINT
        self._reader: Reader = Joint(recipe, tokenizer, encoder, head) if joint else Sentences(tokenizer, encoder, head)
        self._tokens: dict[Passage, Tokens] = {}
        self._device = device
        self._products = "high" if precision == "tf32" else "highest"
        self._budget = budget
        # Sequences of several texts come again in no other sample.
        self._vectors = MemoryVectors(0) if joint else vectors or MemoryVectors()
        self._queue = CardQueue(self._encode, budget or BUDGET["cuda"])
        # Scores of one portion are computed beside the batch that is under way, and not behind it.
        self._aside: AbstractContextManager[object] = nullcontext()
        if device == "cuda":
            self._aside = torch.cuda.stream(torch.cuda.Stream())
            torch.cuda.synchronize()

    def estimates(self, samples: Sequence[Texts]) -> Iterator[Portion]:
        """Score samples, each distinct passage encoded once; portions come when they are ready, the longest first.

        Args:
            samples: distinct; (source, hypothesis, reference), or (source, hypothesis) for models that can do without.
        """
        for window in windows(samples, WINDOW):
            with _arithmetic() as threads:
                yield from self._score_window(window, threads if self._device == "cpu" else 1)

    def ignores_company(self, samples: Sequence[Texts]) -> bool:
        """Whether each passage is encoded the same alone, in the middle of others and behind them, to the bit."""
        passages = list(dict.fromkeys(passage for sample in samples for passage in self._reader.passages(sample)))
        tokens = self._reader.tokens(passages)
        with _arithmetic(), torch.inference_mode():
            together, turned = self._reader.encode(tokens), self._reader.encode(tokens[::-1]).flip(0)
            alone = [self._reader.encode([each])[0] for each in tokens]
        same = zip(together, turned, alone, strict=True)
        # A row ends in labels of as many tokens as the longest hypothesis of its batch has.
        return all(
            torch.equal(row[: len(single)], single) and torch.equal(other[: len(single)], single)
            for row, other, single in same
        )

    def _score_window(self, samples: Sequence[Texts], threads: int) -> Iterator[Portion]:
        window = _Window(samples, Waiting([self._reader.passages(sample) for sample in samples]))
        passages = window.waiting.passages
        self._tokens = dict(zip(passages, self._reader.tokens(passages), strict=True))
        window.truncated |= {passage for passage, tokens in self._tokens.items() if tokens.truncated}
        kept = self._vectors.get(passages)
        for passage, row in kept.items():
            window.arrive(passage, row)
        last = time.monotonic()
        missing = [passage for passage in passages if passage not in kept]
        for batch, encoded in self._encoded(missing, threads):
            rows = dict(zip(batch, encoded, strict=True))
            self._vectors.put(rows)
            for passage, row in rows.items():
                window.arrive(passage, row)
            if len(window.ready) >= PORTION or (window.ready and time.monotonic() - last > PORTION_SECONDS):
                yield self._portion(window)
                last = time.monotonic()
        if window.ready:
            yield self._portion(window)

    def _encoded(self, passages: Sequence[Passage], threads: int) -> Iterator[Encoded]:
        """Batches of passages and their rows, in order."""
        sizes = {passage: len(self._tokens[passage].ids) for passage in passages}
        if self._device == "cuda":
            return self._queue.encoded(passages, sizes)
        budget = self._budget or spread_budget(sum(sizes.values()), threads, BUDGET["cpu"])
        return on_threads(plan(passages, sizes, budget), self._encode, threads)

    def _encode(self, batch: Sequence[Passage]) -> Tensor:
        with torch.inference_mode(), _products(self._products):
            return self._reader.encode([self._tokens[passage] for passage in batch])

    def _portion(self, window: _Window) -> Portion:
        """Score what is ready, and let go of rows that are not needed any more."""
        ready, window.ready = window.ready, []
        with torch.inference_mode(), self._aside:
            estimates = self._reader.estimates(ready, window.rows, window.truncated)
        for sample in ready:
            for passage in window.waiting.scored(self._reader.passages(sample)):
                del window.rows[passage]
        return list(zip(ready, estimates, strict=True))


@contextmanager
def _arithmetic() -> Iterator[int]:
    """One thread for every operation, and products in full fp32; gives the number of threads there are for batches."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        with _products("highest"):
            yield permitted(threads)
    finally:
        torch.set_num_threads(threads)


@contextmanager
def _products(precision: str) -> Iterator[None]:
    """``highest`` multiplies fp32 matrices in fp32; ``high`` lets a graphics card round their entries to tf32."""
    before = torch.get_float32_matmul_precision()
    if before == precision:
        yield
        return
    try:
        torch.set_float32_matmul_precision(precision)
        yield
    finally:
        torch.set_float32_matmul_precision(before)
