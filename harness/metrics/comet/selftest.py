"""Proof that COMET runs on this machine, without a network: ``harness doctor --comet``.

A checkpoint is built from nothing - random weights in a small copy of the real architecture - and scored through our
metric and through the library's own ``predict``. Equal numbers prove the installation; they say nothing about quality.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.metrics.comet.library import import_comet, quiet
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem
from harness.store.cache.answers import NoCache
from harness.types import LangPair

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Kind = Literal["regression", "referenceless", "unified", "kiwi", "xcomet"]
"""``kiwi`` is a unified model that reads hypothesis and source only, as CometKiwi does."""

TOLERANCE = 1e-5
PACKAGES = ("unbabel-comet", "torch", "transformers", "pytorch-lightning", "setuptools")
SPACE = "\u2581"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
LAYERS = 2
HIDDEN = 64
SEED = 1
PAIRS = (
    (
        "Der Zug nach Ulm fährt heute nicht.",
        "The train to Ulm is not running today.",
        "There is no train to Ulm today.",
    ),
    ("Sie hat drei Äpfel gekauft.", "She bought three apples.", "She has bought three apples."),
    ("Guten Morgen!", "Good night!", "Good morning!"),
    ("Das Wetter bleibt bis Freitag schön.", "", "The weather will stay fine until Friday."),
)
"""(source, hypothesis, reference), written for this test."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the proof found."""

    passed: bool
    max_difference: float
    """Largest difference between our score and the library's, over the hypotheses that are sent."""
    seconds: float
    device: str
    signature: str
    versions: Mapping[str, str]
    message: str
    """One sentence for the user; says that the numbers mean nothing."""


def prove(folder: Path) -> SelfTest:
    """Build an untrained checkpoint in ``folder`` and score it twice.

    Raises:
        MetricUnavailable: unbabel-comet is missing or does not import.
    """
    began = time.perf_counter()
    comet = import_comet()
    path = build_checkpoint(folder)
    metric = Comet(CometOptions(model=str(folder)))
    items = [ScoringItem("self-test", number, *pair[:2], pair[2:]) for number, pair in enumerate(PAIRS, start=1)]
    table = metric.statistics(items, MetricContext(LangPair("de", "en"), NoCache(), offline=True))
    sent = [number for number, item in enumerate(items) if item.hypothesis]
    samples = [{"src": PAIRS[i][0], "mt": PAIRS[i][1], "ref": PAIRS[i][2]} for i in sent]
    with quiet():
        model = comet.load_from_checkpoint(str(path), local_files_only=True).float()
        expected = model.predict(samples, batch_size=1, gpus=0, num_workers=0, progress_bar=False)["scores"]
    difference = max(abs(float(table.rows[i, 0]) - score) for i, score in zip(sent, expected, strict=True))
    passed = difference <= TOLERANCE
    seconds = time.perf_counter() - began
    return SelfTest(
        passed=passed,
        max_difference=difference,
        seconds=seconds,
        device=next(part for part in table.identity.signature.split("|") if part in {"cpu", "cuda"}),
        signature=table.identity.signature,
        versions={
            name: version(name)
            for name in ("unbabel-comet", "torch", "transformers", "pytorch-lightning", "setuptools")
        }
        | {"python": platform.python_version()},
        message=(
            f"COMET {'runs' if passed else 'does NOT give the numbers of its library'} on this machine: "
            f"{len(sent)} hypotheses, largest difference from unbabel-comet's own predict {difference:.1e}. "
            "The checkpoint is untrained, so the scores themselves mean nothing."
        ),
    )


def build_checkpoint(folder: Path, kind: Kind = "regression") -> Path:
    """Build an untrained checkpoint in ``folder``: no network, no corpus, the same weights every time.

    The folder cannot be moved afterwards: the checkpoint names its encoder by absolute path.

    Returns:
        The ``.ckpt``; loads with ``comet.load_from_checkpoint``.
    """
    import_comet()
    with quiet():
        return _build(folder.resolve(), kind)


def _build(folder: Path, kind: Kind) -> Path:
    import pytorch_lightning
    import torch
    import yaml
    from comet.models import str2model

    encoder = folder / "encoder"
    encoder.mkdir(parents=True)
    (folder / "checkpoints").mkdir()
    _write_encoder(encoder)
    identifier, hparams = _hparams(kind, str(encoder))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = str2model[identifier](load_pretrained_weights=False, **hparams)
        _spread_weights(model)
    path = folder / "checkpoints" / "model.ckpt"
    content = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": pytorch_lightning.__version__,
        "state_dict": model.state_dict(),
        "loops": None,
        "callbacks": {},
        "optimizer_states": [],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {**dict(model.hparams), "class_identifier": identifier},
    }
    torch.save(content, path)
    (folder / "hparams.yaml").write_text(yaml.safe_dump({**hparams, "class_identifier": identifier}), encoding="utf-8")
    return path


def _hparams(kind: Kind, encoder: str) -> tuple[str, dict[str, Any]]:
    """The library's class and its hyper-parameters, after those of the published models."""
    common: dict[str, Any] = {
        "nr_frozen_epochs": 0.3,
        "encoder_model": "XLM-RoBERTa",
        "pretrained_model": encoder,
        "layer_transformation": "sparsemax",
        "layer_norm": False,
        "hidden_sizes": [48, 16],
        "train_data": [],
        "validation_data": [],
    }
    match kind:
        case "regression":
            return "regression_metric", {**common, "pool": "avg", "layer": "mix"}
        case "referenceless":
            return "referenceless_regression_metric", {**common, "pool": "avg", "layer": "mix"}
        case "unified" | "kiwi":
            inputs = ["mt", "src", "ref"] if kind == "unified" else ["mt", "src"]
            return "unified_metric", {**common, "sent_layer": "mix", "input_segments": inputs}
        case "xcomet":
            return "xcomet_metric", {**common, "sent_layer": "mix", "word_layer": LAYERS}


def _spread_weights(model: Any) -> None:
    """Make the scores of an untrained model differ: fresh initialisation gives every text nearly the same."""
    import torch

    with torch.no_grad():
        for layer, weight in enumerate(model.layerwise_attention.scalar_parameters):
            weight.fill_(0.02 * layer)
        for weight in model.encoder.parameters():
            if weight.dim() == 2:
                weight.normal_(0, 0.1)
        last = [layer for layer in model.estimator.ff if hasattr(layer, "weight")][-1]
        last.weight.normal_(0, 0.5)
        last.bias.fill_(0.5)


def _write_encoder(folder: Path) -> None:
    """Write an XLM-R configuration and a tokenizer with one piece per character."""
    from tokenizers import Regex, Tokenizer, models, normalizers

    blocks = ((33, 127), (161, 384), (0x370, 0x500), (0x5D0, 0x5EB), (0x2010, 0x2027), (0x3041, 0x30FF))
    characters = [chr(code) for start, end in blocks for code in range(start, end) if chr(code).isprintable()]
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(SPACE, -2.0), *((character, -4.0) for character in characters)]
    pieces += [(SPACE + letter, -5.0) for letter in "abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    save_encoder(folder, tokenizer, hidden=HIDDEN, layers=LAYERS, heads=4, feed_forward=2 * HIDDEN)


def save_encoder(
    folder: Path,
    tokenizer: Tokenizer,
    *,
    hidden: int,
    layers: int,
    heads: int,
    feed_forward: int,
    vocabulary: int | None = None,
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
    """
    from tokenizers import pre_tokenizers, processors

    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    configuration = {
        "model_type": "xlm-roberta",
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "layer_norm_eps": 1e-5,
        "type_vocab_size": 1,
        "max_position_embeddings": 514,
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
