"""MetricX-24 (Juraska et al. 2024): mT5 whose logit of one spare token, at the first step of the decoder, is the score.

The weights are those of mT5 with an untied output layer. Only the row of that token is multiplied out. A text is
``source: ... candidate: ... reference: ...`` without the end mark; without a reference, the model is asked without
that part. The score is the number of MQM penalty points that a rater would give, cut to 0 to 25.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.metrics.isolated.workers.serve import Host

WEIGHTS = ("*.safetensors", "*.bin")
TOKENIZER = ("spiece.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")

OUTPUT_TOKEN = 250089
"""``<extra_id_10>`` of mT5's vocabulary."""

WORST = 25.0

PRECISIONS = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


class Worker:
    """A MetricX-24 model; loaded with the first batch."""

    def __init__(self, options: dict[str, Any], host: Host) -> None:
        self._host = host
        self._model_name: str = options["model"]
        self._tokenizer_name: str = options["tokenizer"]
        self._longest: int = options["max_length"]
        self._device = host.device(options["device"])
        self._cards: int = options.get("cards", 1)
        self._loaded: tuple[Any, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """What the scores depend on; reads files and imports nothing heavy."""
        folder = self._host.find(self._model_name, ["config.json", *WEIGHTS, *TOKENIZER])
        weights = [file for pattern in WEIGHTS for file in folder.glob(pattern)]
        if not weights or not (folder / "config.json").is_file():
            raise self._host.unavailable(f"{folder} has no model", "give a folder with config.json and weights")
        tokenizer = self._tokenizer()
        tokens = [tokenizer / name for name in TOKENIZER if (tokenizer / name).is_file()]
        if not tokens:
            raise self._host.unavailable(f"{tokenizer} has no tokenizer", "correct the option 'tokenizer'")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        precision = str(config.get("dtype") or config.get("torch_dtype") or "float32")
        return {
            "model": folder.name if self._is_local(self._model_name) else self._model_name,
            "digest": self._host.digest([*weights, folder / "config.json", *tokens]),
            "parameters": {
                "precision": PRECISIONS.get(precision, precision),
                "device": self._device,
                "max": str(self._longest),
            },
        }

    def score(self, batch: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
        """Score (source, candidate) or (source, candidate, reference)."""
        import torch

        model, tokenizer = self._load()
        encoded = tokenizer([_text(fields) for fields in batch], verbose=False)["input_ids"]
        texts = [ids[:-1] for ids in encoded]  # without the end mark
        most = self._longest - 1
        kept = [ids[:most] for ids in texts]
        width = max(map(len, kept))
        padding = tokenizer.pad_token_id
        ids = torch.tensor([ids + [padding] * (width - len(ids)) for ids in kept], device=self._device)
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in kept], device=self._device)
        with torch.inference_mode():
            states = model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            begin = torch.full((len(kept), 1), model.config.decoder_start_token_id or 0, device=self._device)
            decoded = model.decoder(
                input_ids=begin, encoder_hidden_states=states, encoder_attention_mask=mask, use_cache=False
            ).last_hidden_state[:, 0]
            logits = (decoded @ model.lm_head.weight[OUTPUT_TOKEN]).float().clamp(0.0, WORST)
        for ids, score in zip(texts, logits.tolist(), strict=True):
            yield {"score": score, "truncated": len(ids) > most}

    def _tokenizer(self) -> Path:
        """The folder of the tokenizer: the one asked for, else the model's own where it has one."""
        if self._tokenizer_name:
            return self._host.find(self._tokenizer_name, TOKENIZER)
        folder = self._host.find(self._model_name, ["config.json", *WEIGHTS, *TOKENIZER])
        own = any((folder / name).is_file() for name in TOKENIZER[:2])
        return folder if own else self._host.find("google/mt5-xl", TOKENIZER)

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import torch
            from transformers import AutoTokenizer, MT5ForConditionalGeneration

            folder = self._host.find(self._model_name, ["config.json", *WEIGHTS, *TOKENIZER])
            tokenizer = AutoTokenizer.from_pretrained(str(self._tokenizer()))
            model = MT5ForConditionalGeneration.from_pretrained(str(folder), dtype="auto")
            if model.lm_head.weight.shape[0] <= OUTPUT_TOKEN or model.config.tie_word_embeddings:
                raise self._host.unavailable(
                    f"{folder} is no MetricX model: its output layer is another", "correct the option 'model'"
                )
            blocks = [*model.encoder.block, *model.decoder.block]
            present = torch.cuda.device_count()
            model = self._host.load_on(model.eval(), blocks, self._device, self._cards, present)
            self._loaded = model, tokenizer
        return self._loaded

    def _is_local(self, name: str) -> bool:
        from pathlib import Path

        return Path(name).is_dir()


def _text(fields: Sequence[str]) -> str:
    parts = zip(("source", "candidate", "reference"), fields, strict=False)
    return " ".join(f"{name}: {text}" for name, text in parts)
