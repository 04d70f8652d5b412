"""COMET by unbabel-comet itself, in fp32: a checkpoint of any of its classes.

A question is (source, hypothesis) or (source, hypothesis, reference). The library's two public steps are called,
without the trainer that its ``predict`` builds. What is truncated is counted with the model's tokenizer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.metrics.isolated.workers.serve import Host

FIELDS = ("src", "mt", "ref")
JOINED = frozenset({"unified_metric", "xcomet_metric"})
"""Classes that encode all texts as one sequence."""
TOKENIZER = ("tokenizer.json", "sentencepiece.bpe.model", "vocab.txt", "sentencepiece.model")


class Worker:
    """A COMET model; loaded with the first batch."""

    def __init__(self, options: dict[str, Any], host: Host) -> None:
        self._host = host
        self._name: str = options["model"]
        self._device = host.device(options["device"])
        self._cards: int = options.get("cards", 1)
        self._kind = ""
        self._reads: tuple[str, ...] = ()
        self._loaded: list[Any] = []

    def describe(self) -> dict[str, Any]:
        """What the scores depend on, and what the model reads."""
        import yaml

        path = self._checkpoint()
        settings = path.parent.parent / "hparams.yaml"
        if not settings.is_file():
            raise self._host.unavailable(f"{path} has no hparams.yaml two folders up", "correct the option 'model'")
        hparams = yaml.safe_load(settings.read_text(encoding="utf-8"))
        self._kind = str(hparams["class_identifier"])
        self._reads = ("mt", "src", "ref")
        if self._kind == "unified_metric":
            self._reads = tuple(hparams.get("input_segments") or self._reads)
        elif self._kind == "referenceless_regression_metric":
            self._reads = ("mt", "src")
        encoder = Path(str(hparams["pretrained_model"]))
        tokens = [encoder / name for name in TOKENIZER if (encoder / name).is_file()]
        return {
            "model": path.parent.parent.name if Path(self._name).exists() else self._name,
            "digest": self._host.digest([path, settings, *tokens]),
            "parameters": {
                "class": self._kind,
                "reads": ",".join(self._reads),
                "precision": "fp32",
                "device": self._device,
            },
        }

    def score(self, batch: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
        """Scores, with error spans as ``<number>/<severity>/<start, end or confidence>``."""
        answers: list[dict[str, Any]] = []
        start = 0
        while start < len(batch):  # all with or all without a reference: the library looks at the first one only
            end = start + 1
            while end < len(batch) and len(batch[end]) == len(batch[start]):
                end += 1
            answers += self._scored(batch[start:end])
            start = end
        return answers

    def _scored(self, batch: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
        import torch

        model = self._model()
        samples = [dict(zip(FIELDS, texts, strict=False)) for texts in batch]
        with torch.inference_mode():
            inputs = model.transfer_batch_to_device(model.prepare_for_inference(samples), torch.device(self._device), 0)
            outcome = model.predict_step(inputs)
        spans = outcome.get("metadata", {}).get("error_spans") or [()] * len(batch)
        for score, found, cut in zip(outcome["scores"].tolist(), spans, self._truncated(samples), strict=True):
            answer = {"score": score, "truncated": cut}
            for number, span in enumerate(found):
                head = f"{number}/{span['severity']}"
                answer |= {f"{head}/{name}": float(span[name]) for name in ("start", "end", "confidence")}
            yield answer

    def _truncated(self, samples: Sequence[dict[str, str]]) -> list[bool]:
        """Whether the encoder sees less than all of each sample (``prepare_sample``, ``concat_sequences``)."""
        encoder = self._model().encoder
        limit = encoder.max_positions - 2
        answers = []
        for sample in samples:
            used = [text for name, text in sample.items() if name in self._reads]
            ids = encoder.tokenizer(used, truncation=False, padding=False, verbose=False)["input_ids"]
            lengths = [len(each) for each in ids]
            joined = sum(length - 2 for length in lengths) + 2 + encoder.size_separator * (len(lengths) - 1)
            together = self._kind in JOINED and joined > encoder.max_positions
            answers.append(together or any(length > limit for length in lengths))
        return answers

    def _checkpoint(self) -> Path:
        path = Path(self._name)
        if path.is_file():
            return path
        files = sorted(self._host.find(self._name, ["*"]).glob("checkpoints/*.ckpt"))
        if len(files) != 1:
            why = f"{self._name}: expected one .ckpt file in checkpoints/, found {len(files)}"
            raise self._host.unavailable(why, "correct the option 'model'")
        return files[0]

    def _model(self) -> Any:
        if not self._loaded:
            import comet
            import torch

            model = comet.load_from_checkpoint(str(self._checkpoint()), local_files_only=self._host.offline)
            blocks = list(model.encoder.model.encoder.layer) if self._cards > 1 else []
            present = torch.cuda.device_count()
            model = self._host.load_on(model.float().eval(), blocks, self._device, self._cards, present)
            self._loaded.append(model)
        return self._loaded[0]
