"""COMET checkpoints with random weights in the real architecture, built without unbabel-comet and without a network.

They prove an installation and the packed encoder; their scores say nothing about quality. The weights come from a
stream of random numbers that NumPy promises never to change, by arithmetic that rounds the same everywhere, so that a
checkpoint is the same to the bit with every Python, NumPy, torch and processor, and what unbabel-comet says of it can
be recorded where it runs and asked for where it does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.metrics.comet.blueprint import POSITIONS, TAG_WEIGHTS, Blueprint, Geometry, Kind, hparams_of, shapes

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

SPACE = "\u2581"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
SEED = 1
LIGHTNING = "2.0.0"
"""The version of PyTorch Lightning that a checkpoint says it was written by; later ones read it as their own."""

HIDDEN, LAYERS, HEADS, ESTIMATOR = 64, 2, 4, (48, 16)


def build_checkpoint(folder: Path, kind: Kind = "regression") -> Path:
    """Build an untrained checkpoint in ``folder``: the same weights every time.

    The folder cannot be moved afterwards: the checkpoint names its encoder by absolute path.

    Returns:
        The ``.ckpt``; loads with ``comet.load_from_checkpoint``, too.
    """
    return build(folder, Blueprint(kind))


def build(folder: Path, blueprint: Blueprint) -> Path:
    """Build what ``blueprint`` says, as :func:`build_checkpoint` does."""
    folder = folder.resolve()
    encoder = folder / "encoder"
    encoder.mkdir(parents=True)
    _write_encoder(encoder, norm_first=blueprint.norm_first)
    geometry = Geometry(HIDDEN, LAYERS, HEADS, 2 * HIDDEN, len(_pieces()) + 1, ESTIMATOR)
    random = np.random.RandomState(SEED)
    state = {
        name: _draw(random, name, shape, last=f"estimator.ff.{3 * len(ESTIMATOR)}")
        for name, shape in shapes(geometry, blueprint.kind, norm_first=blueprint.norm_first)
    }
    return write_checkpoint(folder, state, hparams_of(blueprint, str(encoder), geometry))


def write_checkpoint(folder: Path, state: Mapping[str, Tensor], hparams: Mapping[str, Any]) -> Path:
    """Write weights and hyper-parameters as PyTorch Lightning does.

    Args:
        folder: an existing folder; gets ``checkpoints/model.ckpt`` and ``hparams.yaml``.
        state: tensors by their names in the library's model.
        hparams: with ``class_identifier``.

    Returns:
        The ``.ckpt``.
    """
    import torch
    import yaml

    (folder / "checkpoints").mkdir()
    path = folder / "checkpoints" / "model.ckpt"
    content = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": LIGHTNING,
        "state_dict": dict(state),
        "loops": None,
        "callbacks": {},
        "optimizer_states": [],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": dict(hparams),
    }
    torch.save(content, path)
    (folder / "hparams.yaml").write_text(yaml.safe_dump(dict(hparams)), encoding="utf-8")
    return path


def _draw(random: np.random.RandomState, name: str, shape: tuple[int, ...], last: str) -> Tensor:
    """One tensor: spread so that scores differ, which those of a freshly initialised model hardly do."""
    import torch

    def uniform(most: float) -> Tensor:
        return torch.from_numpy(((2 * random.random_sample(shape) - 1) * most).astype(np.float32))

    if name == "wordloss.weight":
        return torch.tensor(TAG_WEIGHTS)
    if "scalar_parameters" in name:
        return torch.tensor([0.02 * int(name.rpartition(".")[2])])
    if name == "layerwise_attention.gamma" or name.endswith("LayerNorm.weight"):
        return torch.ones(shape)
    if name.startswith(last):
        return uniform(0.875) if name.endswith("weight") else torch.full(shape, 0.5)
    if name.startswith("encoder."):
        return uniform(0.175) if name.endswith("weight") else torch.zeros(shape)
    return uniform(0.125)


def digest_of(state: Mapping[str, Tensor]) -> str:
    """Hex SHA-256 of the pieces of the tokenizer and of the tensors; the same wherever they were built."""
    sha256 = hashlib.sha256("\n".join(piece for piece, _ in _pieces()).encode())
    for name in sorted(state):
        sha256.update(name.encode())
        sha256.update(state[name].numpy().astype("<f4").tobytes())
    return sha256.hexdigest()


def _pieces() -> list[tuple[str, float]]:
    """One piece per character, so that truncation can be counted by hand, and some of two."""
    blocks = ((33, 127), (161, 384), (0x370, 0x500), (0x5D0, 0x5EB), (0x2010, 0x2027), (0x3041, 0x30FF))
    characters = [chr(code) for start, end in blocks for code in range(start, end) if chr(code).isprintable()]
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(SPACE, -2.0), *((character, -4.0) for character in characters)]
    return pieces + [(SPACE + letter, -5.0) for letter in "abcdefghijklmnopqrstuvwxyz"]


def _write_encoder(folder: Path, *, norm_first: bool) -> None:
    """Write an XLM-R configuration and a tokenizer."""
    from tokenizers import Regex, Tokenizer, models, normalizers

    tokenizer = Tokenizer(models.Unigram(_pieces(), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    sizes = {"hidden": HIDDEN, "layers": LAYERS, "heads": HEADS, "feed_forward": 2 * HIDDEN}
    save_encoder(folder, tokenizer, **sizes, norm_first=norm_first)


def save_encoder(
    folder: Path,
    tokenizer: Tokenizer,
    *,
    hidden: int,
    layers: int,
    heads: int,
    feed_forward: int,
    vocabulary: int | None = None,
    norm_first: bool = False,
) -> None:
    """Write an XLM-R configuration and the tokenizer, after what every tokenizer of XLM-R has is added to it.

    Args:
        folder: for ``config.json`` and the files of the tokenizer.
        tokenizer: a Unigram model whose first pieces are :data:`SPECIAL`.
        hidden: width of the model.
        layers: their number.
        heads: attention heads of a layer.
        feed_forward: width of a layer's inner part.
        vocabulary: rows of the embeddings; None takes the pieces of the tokenizer.
        norm_first: the configuration of XLM-R XL.
    """
    from tokenizers import pre_tokenizers, processors

    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    configuration = {
        "model_type": "xlm-roberta-xl" if norm_first else "xlm-roberta",
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "layer_norm_eps": 1e-5,
        "type_vocab_size": 1,
        "max_position_embeddings": POSITIONS,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": tokenizer.get_vocab_size() if vocabulary is None else vocabulary,
    }
    (folder / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "XLMRobertaTokenizerFast", "model_max_length": 512}), encoding="utf-8"
    )
