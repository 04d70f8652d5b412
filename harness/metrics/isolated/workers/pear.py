"""PEAR (Proietti, Grundkiewicz and Post 2026) by its authors' package: which of two translations is better, how much.

A question is (source, first, second); the answer is above 0 where the first is better. The package's own step from
texts to scores is called, without the trainer that it builds around it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.metrics.isolated.workers.serve import Host

TOKENIZER = ("tokenizer.json", "sentencepiece.bpe.model", "tokenizer_config.json", "config.json")


class Worker:
    """A PEAR model; loaded with the first batch."""

    def __init__(self, options: dict[str, Any], host: Host) -> None:
        self._host = host
        self._name: str = options["model"]
        self._device = host.device(options["device"])
        self._loaded: list[Any] = []

    def describe(self) -> dict[str, Any]:
        """What the scores depend on: the checkpoint, and the encoder's tokenizer and configuration."""
        path = self._checkpoint()
        files = [path]
        settings = path.parent.parent / "hparams.yaml"
        if settings.is_file():
            files.append(settings)
            encoder = Path(_encoder(settings))
            files += [encoder / name for name in TOKENIZER if (encoder / name).is_file()]
        local = Path(self._name).exists()
        return {
            "model": path.parent.parent.name if local else self._name,
            "digest": self._host.digest(files),
            "parameters": {"precision": "fp32", "device": self._device},
        }

    def score(self, batch: Sequence[Sequence[str]]) -> list[float]:
        """How much better each first translation is than the second."""
        import torch

        model = self._model()
        samples = [dict(zip(("src", "mt_0", "mt_1"), texts, strict=True)) for texts in batch]
        with torch.inference_mode():
            inputs = {name: values.to(self._device) for name, values in model.prepare_for_inference(samples).items()}
            scores: list[float] = model(**inputs).score.float().tolist()
        return scores

    def _checkpoint(self) -> Path:
        """The file of the weights; a name on the model hub is fetched in the version that the package pins."""
        path = Path(self._name)
        if path.is_dir():
            path = path / "checkpoints" / "model.ckpt"
        if path.is_file():
            return path
        if path.suffix == ".ckpt" or path.is_absolute():
            raise self._host.unavailable(f"no PEAR checkpoint at {self._name}", "correct the option 'model'")
        from pear.models import download_model

        try:
            return Path(download_model(self._name, local_files_only=self._host.offline))
        except Exception as error:  # whatever the hub's client raises, the package wraps it
            raise self._host.unavailable(
                f"the model {self._name} is not on this machine and could not be fetched", "run once with a network"
            ) from error

    def _model(self) -> Any:
        if not self._loaded:
            import pear

            known = self._name if not Path(self._name).exists() else self._checkpoint()
            model = pear.load_metric(known, local_files_only=self._host.offline)
            self._loaded.append(model.float().eval().to(self._device))
        return self._loaded[0]


def _encoder(settings: Path) -> str:
    """The encoder that a checkpoint's settings name: a folder, or a name on the model hub."""
    for line in settings.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "pretrained_model":
            return value.strip().strip("'\"")
    return ""
