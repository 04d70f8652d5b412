"""Where a COMET checkpoint lies and what it is, found without torch and, when it is here, without a network.

A checkpoint is ``NAME/checkpoints/*.ckpt`` with ``NAME/hparams.yaml`` beside the folder: that is how the model hub
stores them and what ``comet.load_from_checkpoint`` expects.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import MetricUnavailable
from harness.metrics.comet.packages import INSTALL
from harness.store.cache.keys import digest
from harness.types import JsonValue

HUB_TIMEOUT = 8.0
"""Seconds after which the model hub counts as unreachable."""

CLASSES = frozenset({"regression_metric", "referenceless_regression_metric", "unified_metric", "xcomet_metric"})
UNIFIED = frozenset({"unified_metric", "xcomet_metric"})
"""Classes that encode hypothesis, source and reference as one sequence, and score without a reference if need be."""
TOKENIZERS = ("tokenizer.json", "sentencepiece.bpe.model", "vocab.txt", "sentencepiece.model")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A COMET model on this disk."""

    path: Path
    name: str
    """The hub's name, or the folder's: never a path of this machine."""
    kind: str
    """``class_identifier`` of its ``hparams.yaml``."""
    inputs: tuple[str, ...]
    """Which of ``mt``, ``src`` and ``ref`` it reads."""
    encoder: str
    """``pretrained_model`` of its ``hparams.yaml``: a folder or a name on the hub; only its tokenizer is needed."""
    sha256: str
    hparams: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """All of ``hparams.yaml``."""

    @property
    def reads_reference(self) -> bool:
        """A reference changes its scores."""
        return "ref" in self.inputs

    @property
    def needs_reference(self) -> bool:
        """It cannot score without one: ``requires_references()`` of the library's class."""
        return self.kind == "regression_metric" or (self.kind == "unified_metric" and self.inputs == ("mt", "ref"))


def find(model: str, *, offline: bool) -> Checkpoint:
    """Find ``model`` on this machine, or fetch it.

    Args:
        model: path of a ``.ckpt`` or of a checkpoint's folder, else a name on the model hub.
        offline: only what is on this machine.

    Raises:
        MetricUnavailable: it cannot be had; why, and the line that fixes it.
    """
    local = Path(model).expanduser()
    if local.is_dir():
        path, name = _only_checkpoint(local), local.resolve().name
    elif local.is_file():
        path, name = local, local.resolve().parent.parent.name
    elif model.endswith(".ckpt") or model.startswith((".", "~", "/", os.sep)):
        raise MetricUnavailable(f"no COMET checkpoint at {model}", fix=_point_elsewhere())
    else:
        path, name = _legacy(model) or _from_hub(model, offline=offline), model
    hparams = _read_hparams(path)
    kind = str(hparams["class_identifier"])
    return Checkpoint(
        path, name, kind, _inputs(kind, hparams), str(hparams["pretrained_model"]), _sha256(path), hparams
    )


def description(checkpoint: Checkpoint) -> str:
    """The digest of what moves scores besides the weights: ``hparams.yaml``, and the tokenizer in a folder.

    The same wherever the checkpoint lies: paths are left out, and a folder counts by its content. A name on the hub
    counts as a name, because its tokenizer may be fetched only after the first look into the score cache.
    """
    said = {name: value for name, value in checkpoint.hparams.items() if name != "pretrained_model"}
    folder = Path(checkpoint.encoder)
    encoder: JsonValue = [] if _is_path(checkpoint.encoder) else checkpoint.encoder
    if folder.is_dir():
        encoder = [[name, _sha256(folder / name)] for name in TOKENIZERS if (folder / name).is_file()]
    return digest([_plain(said), encoder]).removeprefix("h1:")


def _plain(value: Any) -> JsonValue:
    """What YAML gave, without paths; numbers and dates in Python's words, because JSON lacks some of them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return "" if _is_path(value) else value
    return repr(value)


def _is_path(text: str) -> bool:
    return text.startswith((".", "~", "/", os.sep)) or Path(text).is_absolute()


def need_encoder(checkpoint: Checkpoint, *, offline: bool) -> None:
    """Make sure configuration and tokenizer of the encoder are here; its weights are in the checkpoint.

    Raises:
        MetricUnavailable: they cannot be had.
    """
    from huggingface_hub import try_to_load_from_cache

    name = checkpoint.encoder
    if Path(name).is_dir():
        return
    if not re.fullmatch(r"([\w.-]+/)?[\w.-]+", name):
        raise MetricUnavailable(
            f"the model {checkpoint.name} needs its encoder at {name}, which does not exist",
            fix=f"put it there, or {_point_elsewhere()}",
        )
    cached = {file for file in ("config.json", *TOKENIZERS) if isinstance(try_to_load_from_cache(name, file), str)}
    if "config.json" in cached and cached.intersection(TOKENIZERS):
        return
    fetch = f"hf download {name} --include '*.json' '*.model' 'vocab.txt' (needs a network)"
    if offline or _hub_is_off():
        raise MetricUnavailable(
            f"the tokenizer of {name}, which {checkpoint.name} uses, is not on this machine and cannot "
            "be downloaded offline",
            fix=fetch,
        )
    _download(name, fetch, only=["*.json", "*.model", "vocab.txt"])


def _point_elsewhere() -> str:
    return '[metric.comet] model = "NAME or PATH" in harness.toml, or --comet-model'


def _only_checkpoint(folder: Path) -> Path:
    files = sorted(folder.glob("checkpoints/*.ckpt"))
    if len(files) != 1:
        raise MetricUnavailable(
            f"{folder}: expected one .ckpt file in checkpoints/, found {len(files)}", fix=_point_elsewhere()
        )
    return files[0]


def _legacy(model: str) -> Path | None:
    """Models of 2020 and 2021 are not on the hub; the library keeps them in a folder of its own."""
    folder = Path.home() / ".cache" / "torch" / "unbabel_comet" / model
    return _only_checkpoint(folder) if folder.is_dir() else None


def _from_hub(model: str, *, offline: bool) -> Path:
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError as error:
        raise MetricUnavailable(f"huggingface_hub cannot be imported: {error}", fix=INSTALL) from error
    fetch = f"hf download {model} (needs a network), or {_point_elsewhere()}"
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", model):
        raise MetricUnavailable(
            f"'{model}' is neither a file, a folder, nor a name on the model hub (OWNER/NAME)", fix=_point_elsewhere()
        )
    files = [try_to_load_from_cache(model, name) for name in ("checkpoints/model.ckpt", "hparams.yaml")]
    if all(isinstance(file, str) for file in files):
        return Path(files[0])
    if offline or _hub_is_off():
        raise MetricUnavailable(f"the model {model} is not on this machine and cannot be downloaded offline", fix=fetch)
    return _download(model, fetch) / "checkpoints" / "model.ckpt"


def _hub_is_off() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def _download(model: str, fetch: str, only: list[str] | None = None) -> Path:
    """Fetch a model; the hub is asked one short question first, because the library's own call has no time-out."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        HfApi().model_info(model, timeout=HUB_TIMEOUT)
        return Path(snapshot_download(model, etag_timeout=HUB_TIMEOUT, allow_patterns=only))
    except GatedRepoError as error:
        raise MetricUnavailable(
            f"the authors of {model} ask users to accept its licence first",
            fix=f"accept it at https://huggingface.co/{model}, then set HF_TOKEN to a token of that account",
        ) from error
    except RepositoryNotFoundError as error:
        raise MetricUnavailable(
            f"{model} is not on the model hub, or not available to this account",
            fix=f"check the name; if it is private, set HF_TOKEN; or {_point_elsewhere()}",
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no"
        raise MetricUnavailable(
            f"{model} is not on this machine, and the model hub refused it (status {status})", fix=fetch
        ) from error
    except Exception as error:  # the hub's client raises whatever its HTTP library of the year raises
        raise MetricUnavailable(
            f"the model {model} is not on this machine, and the model hub cannot be reached ({type(error).__name__})",
            fix=fetch,
        ) from error


def _read_hparams(path: Path) -> Mapping[str, Any]:
    """``hparams.yaml``, with all that is read from it."""
    file = path.parent.parent / "hparams.yaml"
    try:
        import yaml
    except ImportError as error:
        raise MetricUnavailable("PyYAML is not installed", fix=INSTALL) from error
    try:
        hparams = dict(yaml.safe_load(file.read_text(encoding="utf-8")))
        kind, _ = str(hparams["class_identifier"]), hparams["pretrained_model"]
        _inputs(kind, hparams)
    except FileNotFoundError as error:
        raise MetricUnavailable(
            f"{path} is not a COMET checkpoint: {file.name} is missing two folders up", fix=_point_elsewhere()
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise MetricUnavailable(f"{file} cannot be read: {type(error).__name__}", fix=_point_elsewhere()) from error
    if kind not in CLASSES:
        raise MetricUnavailable(
            f"{file} is of class '{kind}', which does not score segments; known: {', '.join(sorted(CLASSES))}",
            fix=_point_elsewhere(),
        )
    return hparams


def _inputs(kind: str, hparams: Mapping[str, Any]) -> tuple[str, ...]:
    """What the model reads, as the library's classes read it."""
    if kind == "unified_metric":
        return tuple(str(segment) for segment in hparams.get("input_segments") or ["mt", "src", "ref"])
    return ("mt", "src") if kind == "referenceless_regression_metric" else ("mt", "src", "ref")


def _sha256(path: Path) -> str:
    """Hex SHA-256 of the file; the hub names its large files by theirs, which spares reading gigabytes."""
    blob = path.resolve().name
    if path.is_symlink() and re.fullmatch(r"[0-9a-f]{64}", blob):
        return blob
    stat = path.stat()
    return _hash_file(path.resolve(), stat.st_size, stat.st_mtime_ns)


@cache
def _hash_file(path: Path, size: int, mtime_ns: int) -> str:  # noqa: ARG001 - a changed file is another key
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
