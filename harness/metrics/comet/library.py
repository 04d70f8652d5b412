"""The only module that imports unbabel-comet: load a checkpoint in fp32 and score batches, without the noise.

``predict`` of the library builds a Lightning trainer for every call, with banners and tips. Here its two public
steps are called directly, ``prepare_for_inference`` and ``predict_step``: the same numbers, checked in the tests.
The command line of unbabel-comet 2.2.7 halves the precision; its Python interface, and this module, do not.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.errors import MetricUnavailable
from harness.metrics.comet.cards import Device, enough_memory, need_cuda
from harness.metrics.comet.checkpoint import UNIFIED, Checkpoint, need_encoder
from harness.metrics.comet.estimate import Estimate, Portion, Texts
from harness.metrics.comet.packages import INSTALL, need_library
from harness.metrics.interface import ErrorSpan

CHUNK = 256
"""Texts scored between two commits to the cache: what a kill can lose."""

FIELDS = ("src", "mt", "ref")
NOISY = ("comet", "pytorch_lightning", "lightning_fabric", "transformers")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the libraries' warnings and log lines; exceptions pass."""
    loggers = [logging.getLogger(name) for name in NOISY]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def import_comet() -> Any:
    """Import unbabel-comet, silently.

    Raises:
        MetricUnavailable: it is not installed, or does not import; the fix names the package at fault if known.
    """
    need_library("this model")
    try:
        with quiet():
            import comet
            import comet.models
    except Exception as error:  # a broken scientific stack fails in every way there is
        fix = "pip install 'setuptools<81'" if "pkg_resources" in str(error) else INSTALL
        raise MetricUnavailable(
            f"unbabel-comet cannot be imported: {type(error).__name__}: {_first_line(error)}", fix=fix
        ) from error
    return comet


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@contextmanager
def _hub_left_alone() -> Iterator[None]:
    """Keep transformers from asking the hub about files that are here.

    ``local_files_only`` is not enough: for tokenizers of more than 100,000 pieces, which XLM-R's is, transformers
    4.57 asks the hub all the same, and fails without a network.
    """
    from transformers.utils import hub

    before = hub._is_offline_mode  # noqa: SLF001 - read once at import; there is no public switch
    hub._is_offline_mode = True  # noqa: SLF001
    try:
        yield
    finally:
        hub._is_offline_mode = before  # noqa: SLF001


def chunks(samples: Sequence[Texts]) -> Iterator[list[Texts]]:
    """Samples in portions of :data:`CHUNK`, the longest first.

    Batches of like length waste no padding, and the estimate of the time left errs upwards.
    """
    ordered = sorted(samples, key=lambda texts: (len(texts), sum(len(text) for text in texts)), reverse=True)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


class LoadedComet:
    """A checkpoint in memory, on its device, in fp32."""

    def __init__(self, model: Any, checkpoint: Checkpoint, device: Device, batch_size: int) -> None:
        self._model = model
        self._checkpoint = checkpoint
        self._device = device
        self._batch_size = batch_size

    def estimates(self, samples: Sequence[Texts]) -> Iterator[Portion]:
        """Score samples in portions of :data:`CHUNK`."""
        for chunk in chunks(samples):
            yield list(zip(chunk, self.estimate(chunk), strict=True))

    def estimate(self, samples: Sequence[Texts]) -> list[Estimate]:
        """Score ``samples`` in order; batches are cut from it as it comes, so sort by length for speed."""
        estimates: list[Estimate] = []
        with quiet():
            truncated = self._truncated(samples)
            start = 0
            while start < len(samples):
                end = start + 1
                # A batch is all with or all without a reference: the library looks at its first sample only.
                while end < min(len(samples), start + self._batch_size) and len(samples[end]) == len(samples[start]):
                    end += 1
                estimates += self._batch(samples[start:end], truncated[start:end])
                start = end
        return estimates

    def _batch(self, samples: Sequence[Texts], truncated: Sequence[bool]) -> list[Estimate]:
        import torch

        model = self._model
        with torch.inference_mode():
            batch = model.prepare_for_inference([dict(zip(FIELDS, texts, strict=False)) for texts in samples])
            outcome = model.predict_step(model.transfer_batch_to_device(batch, torch.device(self._device), 0))
        spans = outcome.get("metadata", {}).get("error_spans") or [()] * len(samples)
        return [
            Estimate(score, cut, tuple(_span(span) for span in found))
            for score, cut, found in zip(outcome["scores"].tolist(), truncated, spans, strict=True)
        ]

    def _truncated(self, samples: Sequence[Texts]) -> list[bool]:
        """Whether the encoder sees less than all of each sample; counted with its tokenizer.

        Every text is cut to ``max_positions - 2`` tokens (``Encoder.prepare_sample``); unified models then join them
        and cut at ``max_positions`` (``Encoder.concat_sequences``).
        """
        encoder = self._model.encoder
        texts = list(dict.fromkeys(text for sample in samples for text in sample))
        counted = encoder.tokenizer(texts, truncation=False, padding=False, verbose=False)["input_ids"]
        tokens = {text: len(ids) for text, ids in zip(texts, counted, strict=True)}
        limit = encoder.max_positions - 2
        answers = []
        for sample in samples:
            used = [tokens[text] for name, text in zip(FIELDS, sample, strict=False) if name in self._checkpoint.inputs]
            joined = sum(length - 2 for length in used) + 2 + encoder.size_separator * (len(used) - 1)
            together = self._checkpoint.kind in UNIFIED and joined > encoder.max_positions
            answers.append(together or any(length > limit for length in used))
        return answers


def _span(span: dict[str, Any]) -> ErrorSpan:
    return ErrorSpan(int(span["start"]), int(span["end"]), str(span["severity"]), float(span["confidence"]))


def _read(comet: Any, checkpoint: Checkpoint) -> Any:
    """The model of a checkpoint, wherever the folder of its encoder is now."""
    try:
        return comet.load_from_checkpoint(str(checkpoint.path), local_files_only=True)
    except OSError:
        # The checkpoint names the folder that the encoder had where it was trained; hparams.yaml the one that it has.
        if not Path(checkpoint.encoder).is_dir():
            raise
        return comet.load_from_checkpoint(str(checkpoint.path), reload_hparams=True, local_files_only=True)


def load(
    checkpoint: Checkpoint, device: Device, batch_size: int, *, offline: bool, context: bool = False
) -> LoadedComet:
    """Load a checkpoint with ``comet.load_from_checkpoint``, in fp32; ``context``: texts come with those before them.

    Raises:
        MetricUnavailable: the library, the encoder's files or the device is missing, or the file is damaged.
    """
    comet = import_comet()
    if device == "cuda":
        need_cuda()
    need_encoder(checkpoint, offline=offline)
    try:
        with quiet(), _hub_left_alone(), enough_memory(checkpoint.name):
            model = _read(comet, checkpoint).float().eval().to(device)
    except MetricUnavailable:
        raise
    except Exception as error:  # unpickling a damaged file fails in every way there is
        raise MetricUnavailable(
            f"the checkpoint of {checkpoint.name} cannot be loaded: {type(error).__name__}: {_first_line(error)}",
            fix=f"download it again: hf download --force-download {checkpoint.name}",
        ) from error
    if bool(model.requires_references()) != checkpoint.needs_reference:
        raise MetricUnavailable(
            f"hparams.yaml of {checkpoint.name} does not describe its checkpoint",
            fix=f"download it again: hf download --force-download {checkpoint.name}",
        )
    if context:
        model.enable_context()
    return LoadedComet(model, checkpoint, device, batch_size)
