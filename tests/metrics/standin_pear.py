"""A PEAR with random weights: the architecture of the published ones, with small layers. Its scores mean nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from harness.metrics.comet.untrained import SPECIAL, save_encoder, write_checkpoint

HIDDEN, LAYERS, HEADS, HEAD = 32, 2, 4, (24, 16)


def build(folder: Path) -> Path:
    """Write ``checkpoints/model.ckpt``, its settings, and the encoder that it names."""
    import torch
    from tokenizers import Tokenizer, models
    from transformers import AutoConfig, XLMRobertaModel

    encoder = folder / "encoder"
    encoder.mkdir()
    letters = "abcdefghijklmnopqrstuvwxyzZM"
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(f"{space}{letter}", -3.0) for space in ("", "\u2581") for letter in letters]
    pieces.append(("\u2581", -2.0))
    save_encoder(
        encoder, Tokenizer(models.Unigram(pieces, unk_id=3)), hidden=HIDDEN, layers=LAYERS, heads=HEADS, feed_forward=48
    )
    torch.manual_seed(5)
    skeleton = XLMRobertaModel(AutoConfig.from_pretrained(encoder), add_pooling_layer=False)
    shapes = {f"encoder.model.{name}": value.shape for name, value in skeleton.named_parameters()}
    shapes |= {"span_proj.0.weight": (HIDDEN, 3 * HIDDEN), "span_proj.0.bias": (HIDDEN,)}
    shapes |= {"span_proj.2.weight": (HIDDEN,), "span_proj.2.bias": (HIDDEN,)}
    sizes = (HIDDEN, *HEAD, 1)
    for number, (inside, outside) in enumerate(pairwise(sizes)):
        shapes |= {f"pair_head.ff.{3 * number}.weight": (outside, inside)}
        shapes |= {f"pair_head.ff.{3 * number}.bias": (outside,)}
    state = {name: torch.randn(shape) * 0.4 for name, shape in shapes.items()}
    for name in [name for name in shapes if name.endswith(("LayerNorm.weight", "span_proj.2.weight"))]:
        state[name] = torch.ones(shapes[name])
    state["_alpha_raw"] = torch.tensor(0.7)
    hparams = {
        "class_identifier": "pairwise_metric",
        "encoder_model": "InfoXLM",
        "pretrained_model": str(encoder),
        "hidden_sizes": list(HEAD),
        "activations": "GELU",
        "blend": "last",
    }
    write_checkpoint(folder, state, hparams)
    return folder
