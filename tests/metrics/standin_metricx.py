"""A MetricX-24 with random weights: mT5's architecture and its whole output vocabulary, with small layers.

The scores say nothing about quality. The vocabulary of the tokenizer is a SentencePiece model of a few hundred pieces.
"""

from __future__ import annotations

import json
from pathlib import Path

VOCABULARY = 250112
"""Of mT5: the score is the logit of one of its last tokens."""

TEXTS = (
    "the train comes at noon and leaves before six in evening river bridge museum opens today",
    "der Zug kommt um zwölf Uhr und fährt vor sechs am Abend Fluss Brücke Museum öffnet heute",
    "source candidate reference",
)


def build(folder: Path) -> Path:
    """Write the model and its tokenizer to ``folder``."""
    import torch
    from transformers import MT5Config, MT5ForConditionalGeneration

    torch.manual_seed(1)
    config = MT5Config(
        vocab_size=VOCABULARY,
        d_model=16,
        d_kv=8,
        d_ff=24,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=2,
        tie_word_embeddings=False,
        decoder_start_token_id=0,
        dropout_rate=0.1,
    )
    model = MT5ForConditionalGeneration(config)
    with torch.no_grad():  # so that scores differ, and some lie beyond each of the two cuts
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.copy_(torch.randn_like(parameter) * 0.5)
        model.shared.weight[0] = 0.0  # what the decoder begins with: all that it says comes from the text
        model.lm_head.weight *= 8.0
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """Write a SentencePiece model as mT5's: pad 0, end 1, unknown 2."""
    import sentencepiece

    texts = folder / "texts.txt"
    words = " ".join(TEXTS).split()
    texts.write_text("\n".join(" ".join(words[start:] + words[:start]) for start in range(len(words))), "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(texts),
        model_prefix=str(folder / "spiece"),
        vocab_size=200,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        character_coverage=1.0,
        minloglevel=2,
    )
    texts.unlink()
    settings = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "legacy": True, "model_max_length": 1024}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
