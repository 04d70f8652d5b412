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
from harness.metrics.comet.estimate import Estimate, Portion, Texts
from harness.metrics.comet.packed.batching import Waiting, windows
from harness.metrics.comet.packed.encoder import PackedEncoder
from harness.metrics.comet.packed.head import PackedHead
from harness.metrics.comet.packed.recipe import Recipe
from harness.metrics.comet.packed.schedule import CardQueue, Encoded, on_threads, plan
from harness.metrics.comet.packed.tokens import PackedTokenizer, Tokens
from harness.metrics.comet.packed.vectors import MemoryVectors, Vectors
from harness.metrics.comet.packed.weights import load_weights

TYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
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
    vectors: dict[str, Tensor] = field(default_factory=dict)
    truncated: set[str] = field(default_factory=set)
    ready: list[Texts] = field(default_factory=list)

    def arrive(self, text: str, vector: Tensor) -> None:
        self.vectors[text] = vector
        self.ready += [self.samples[number] for number in self.waiting.arrived(text)]


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
            precision: of the encoder's matrix products; ``tf32`` only on a graphics card.
            budget: tokens of a batch; 0 for the device's own.
            vectors: where sentence vectors are kept; by default in memory.

        Raises:
            CannotPack: the file is not what it should be.
        """
        weights = load_weights(checkpoint, recipe, device, TYPES[precision])
        self._tokenizer = PackedTokenizer(recipe.tokenizer, recipe.shape.limit)
        self._encoder = PackedEncoder(weights, recipe.shape, TYPES[precision])
        self._head = PackedHead(recipe.head, weights.head)
        self._tokens: dict[str, Tokens] = {}
        self._reference = recipe.head.kind == "regression_metric"
        self._device = device
        self._products = "high" if precision == "tf32" else "highest"
        self._budget = budget or BUDGET[device]
        self._vectors = vectors or MemoryVectors()
        self._queue = CardQueue(self._encode, self._budget)
        # Scores of one portion are computed beside the batch that is under way, and not behind it.
        self._aside: AbstractContextManager[object] = nullcontext()
        if device == "cuda":
            self._aside = torch.cuda.stream(torch.cuda.Stream())
            torch.cuda.synchronize()

    def estimates(self, samples: Sequence[Texts]) -> Iterator[Portion]:
        """Score samples, each distinct text encoded once; portions come when they are ready, the longest texts first.

        Args:
            samples: distinct; (source, hypothesis, reference), or (source, hypothesis) for referenceless models.
        """
        for window in windows(samples, WINDOW):
            with _arithmetic() as threads:
                yield from self._score_window(window, threads if self._device == "cpu" else 1)

    def ignores_company(self, texts: Sequence[str]) -> bool:
        """Whether each text has the same vector alone, in the middle of others and behind them, to the bit."""
        ids = [found.ids for found in self._tokenizer.encode(texts)]
        with _arithmetic(), torch.inference_mode():
            together, turned = self._encoder.vectors(ids), self._encoder.vectors(ids[::-1]).flip(0)
            alone = torch.cat([self._encoder.vectors([one]) for one in ids])
        return bool(torch.equal(together, turned) and torch.equal(together, alone))

    def _score_window(self, samples: Sequence[Texts], threads: int) -> Iterator[Portion]:
        window = _Window(samples, Waiting(samples))
        texts = window.waiting.texts
        self._tokens = dict(zip(texts, self._tokenizer.encode(texts), strict=True))
        window.truncated |= {text for text, vectors in self._tokens.items() if vectors.truncated}
        kept = self._vectors.get(texts)
        for text, vector in kept.items():
            window.arrive(text, vector)
        last = time.monotonic()
        missing = [text for text in texts if text not in kept]
        for batch, encoded in self._encoded(missing, threads):
            vectors = dict(zip(batch, encoded, strict=True))
            self._vectors.put(vectors)
            for text, vector in vectors.items():
                window.arrive(text, vector)
            if len(window.ready) >= PORTION or (window.ready and time.monotonic() - last > PORTION_SECONDS):
                yield self._portion(window)
                last = time.monotonic()
        if window.ready:
            yield self._portion(window)

    def _encoded(self, texts: Sequence[str], threads: int) -> Iterator[Encoded]:
        """Batches of texts and their vectors, in order."""
        sizes = {text: len(self._tokens[text].ids) for text in texts}
        if self._device == "cuda":
            return self._queue.encoded(texts, sizes)
        return on_threads(plan(texts, sizes, self._budget), self._encode, threads)

    def _encode(self, batch: Sequence[str]) -> Tensor:
        with torch.inference_mode(), _products(self._products):
            return self._encoder.vectors([self._tokens[text].ids for text in batch])

    def _portion(self, window: _Window) -> Portion:
        """Score what is ready, and let go of vectors that are not needed any more."""
        ready, window.ready = window.ready, []
        with torch.inference_mode(), self._aside:
            columns = [
                torch.stack([window.vectors[sample[field]] for sample in ready]).to(self._device)
                for field in range(3 if self._reference else 2)
            ]
            scores = self._head.scores(columns[0], columns[1], columns[2] if self._reference else None)
        for sample in ready:
            for text in window.waiting.scored(sample):
                del window.vectors[text]
        return [
            (sample, Estimate(score, any(text in window.truncated for text in sample)))
            for sample, score in zip(ready, scores, strict=True)
        ]


@contextmanager
def _arithmetic() -> Iterator[int]:
    """One thread for every operation, and products in full fp32; gives the number of threads there are for batches."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        with _products("highest"):
            yield threads
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
