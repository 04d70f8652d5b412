"""Models on this machine: where they lie, what they are exactly, and which device they run on.

Nothing here imports torch, transformers or ctranslate2, and nothing asks the network: a run whose answers are all in
the cache stays fast, and a model of gigabytes is fetched when a person says so, never in the middle of a run. That
also means that the commit of a hub model is known before the first answer is filed under it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from harness.errors import EngineUnavailable
from harness.store.cache.keys import digest
from harness.workspace.environment import package_version
from harness.workspace.operating_system import has_nvidia_driver

INSTALL = "pip install 'translation-harness[local]'"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
WEIGHTS = ("*.safetensors", "*.bin")
IGNORED = frozenset({".md", ".h5", ".msgpack", ".onnx", ".ot"})
"""Suffixes of files that say nothing about the output: notes, and weights for other frameworks."""

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A folder with a model."""

    path: Path
    name: str
    """The hub's name, or the folder's: for messages, never a path of this machine."""
    commit: str
    """The commit of a hub model; empty for any other folder."""

    def version(self) -> str:
        """What exactly it is: name and commit, or a hash of the files, which takes seconds for each gigabyte."""
        return f"{self.name}@{self.commit}" if self.commit else content_hash(self.path.iterdir())


def need_packages(*packages: str) -> None:
    """Make sure that packages are installed, without importing them.

    Raises:
        EngineUnavailable: with the line that installs them.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise EngineUnavailable(f"not installed: {', '.join(missing)}", hint=INSTALL)


def find_model(model: str, revision: str, workspace: Path, where: str) -> LocalModel:
    """Find a model: a folder (relative to the workspace), or a hub name in the hub's cache on this machine.

    Args:
        model: path or OWNER/NAME.
        revision: branch, tag or commit of a hub model.
        workspace: where relative paths begin.
        where: the table that names the model, for the hint.

    Raises:
        EngineUnavailable: it is not on this machine; the hint is the line that fetches it.
    """
    path = workspace / Path(model).expanduser()
    if path.is_dir():
        if revision != "main":
            raise EngineUnavailable(
                f"{path} is a folder, which has no revision", hint=f"remove 'revision' from {where}"
            )
        if not any(True for pattern in WEIGHTS for _ in path.glob(pattern)):
            raise EngineUnavailable(f"no weights in {path} ({', '.join(WEIGHTS)})", hint=f"check 'model' in {where}")
        return LocalModel(path, path.resolve().name, "")
    if not HUB_NAME.fullmatch(model) or model.startswith("."):
        raise EngineUnavailable(
            f"no model at {path}", hint=f"set 'model' in {where} to a folder, or to a name on the hub: OWNER/NAME"
        )
    return _from_hub(model, revision)


def _from_hub(model: str, revision: str) -> LocalModel:
    need_packages("huggingface_hub")
    from huggingface_hub import try_to_load_from_cache

    fetch = f"hf download {model}" + ("" if revision == "main" else f" --revision {revision}")
    cached = try_to_load_from_cache(model, "config.json", revision=revision)
    if not isinstance(cached, str):
        raise EngineUnavailable(f"the model {model} ({revision}) is not on this machine", hint=fetch)
    folder = Path(cached).parent
    if not any(True for pattern in WEIGHTS for _ in folder.glob(pattern)):
        # Other tools fetch a configuration or a tokenizer alone.
        raise EngineUnavailable(f"the model {model} ({revision}) is incomplete on this machine", hint=fetch)
    return LocalModel(folder, model, folder.name)


def content_hash(files: Iterable[Path]) -> str:
    """The identity of a model's files by name and content; hidden files and notes do not count."""
    counted = {
        path.name: _file_hash(path.resolve(), path.stat().st_size, path.stat().st_mtime_ns)
        for path in files
        if path.is_file() and not path.name.startswith(".") and path.suffix not in IGNORED
    }
    return digest(counted)


@cache
def _file_hash(path: Path, size: int, mtime_ns: int) -> str:  # noqa: ARG001 - a changed file is another key
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object of a model; empty when there is no such file.

    Raises:
        EngineUnavailable: it is damaged.
    """
    if not path.is_file():
        return {}
    data = _load_json(path)
    if not isinstance(data, dict):
        raise EngineUnavailable(f"{path} is not a JSON object", hint="download or convert the model again")
    return data


def read_vocabulary(path: Path) -> Sequence[str]:
    """Tokens of a JSON list, the keys of a JSON object, or the lines of a text; empty when there is no such file.

    Raises:
        EngineUnavailable: it is damaged.
    """
    if not path.is_file():
        return []
    if path.suffix == ".txt":
        return path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [str(token) for token in _load_json(path)]


def language_marks(files: Iterable[Path]) -> list[str]:
    """The pieces such as ``<2es>`` in files that hold a vocabulary as plain bytes, as SentencePiece models do."""
    return [mark.decode() for file in files for mark in set(re.findall(rb"<2[A-Za-z_]+>", file.read_bytes()))]


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineUnavailable(
            f"{path} cannot be read: {error}", hint="download or convert the model again"
        ) from error


def device_of(wanted: Literal["auto", "cpu", "cuda"], package: str) -> Device:
    """The device to use; ``auto`` is the graphics card where a driver for one is loaded.

    It belongs in the identity, because the two round differently, so it is decided without the library. A driver
    that the library then cannot use is an error and not a silent change of device.
    """
    if wanted != "auto":
        return wanted
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all") in {"", "-1"}
    return "cuda" if has_nvidia_driver() and not hidden and not package_version(package).endswith("+cpu") else "cpu"


def first_line(error: BaseException) -> str:
    """What a library's error says, cut to one line."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
