"""The process in an environment of its own: answers questions with the ``Worker`` of a file. Needs only Python.

Run as ``python -I serve.py WORKER.py``. A question is a line of JSON on standard input, its answer a line of JSON on
standard output, in order (protocol 1):

========  =======================================  =============================================================
``op``    question                                 answer
========  =======================================  =============================================================
hello     protocol, options, offline, packages     protocol, python, packages, model, digest, parameters
score     id, batch (lists of texts)               id, scores (a number, or ``{"score": 1.5, "truncated": true}``)
========  =======================================  =============================================================

Either can also be answered by ``{"error": {"kind": ..., "message": ..., "fix": ...}}``: ``unavailable`` (the fix mends
it), ``memory`` (a smaller batch may fit) or ``failed``. The process ends when its input does.

Libraries print what they like: before the worker is loaded, both standard streams are taken away from them, and what
they print goes to the error output.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

PROTOCOL = 1

LONGEST_LINE = 16 * 2**20
"""Bytes of a question."""

DRIVERS = ("libcuda.so.1", "nvcuda.dll")


class Unavailable(Exception):  # noqa: N818 - a state of the machine, not a fault
    """The metric cannot run here."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.fix = fix


class Host:
    """What a worker is given besides its options."""

    def __init__(self, *, offline: bool) -> None:
        self.offline = offline
        """Only what is on this machine may be used."""

    def unavailable(self, why: str, fix: str) -> Unavailable:
        """The error to raise where the metric cannot run; ``fix`` is what the user must do."""
        return Unavailable(why, fix)

    def device(self, asked: str) -> str:
        """``cpu`` or ``cuda``, for ``auto`` too; told without importing torch."""
        if asked != "auto":
            return asked
        return "cuda" if "+cpu" not in importlib.metadata.version("torch") and _cards() else "cpu"

    def load_on(self, model: Any, blocks: Sequence[Any], device: str, cards: int, present: int) -> Any:
        """The model on its device, or its blocks, which follow one another, on several cards in equal shares.

        Everything that belongs to no block is on the first card, where a block's input comes from and its output goes.
        ``present`` is how many cards the library can use.
        """
        if cards == 1:
            return model.to(device)
        if device != "cuda" or present < cards:
            raise Unavailable(
                f"the model is to be on {cards} graphics cards, and torch can use {present}", "lower the option 'cards'"
            )
        return spread(model, blocks, [f"cuda:{number}" for number in range(cards)])

    def find(self, model: str, patterns: Sequence[str]) -> Path:
        """The folder of a model: a folder on this disk, else a name on the model hub, which is fetched if need be."""
        if Path(model).is_dir():
            return Path(model)
        if not re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", model):
            raise Unavailable(
                f"'{model}' is neither a folder nor a name on the model hub (OWNER/NAME)", "correct the option 'model'"
            )
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(model, allow_patterns=list(patterns), local_files_only=self.offline))
        except Exception as error:  # the hub's client raises whatever its HTTP library of the year raises
            how = "and may not be fetched offline" if self.offline else f"and fetching it failed: {_first_line(error)}"
            fix = "run once with a network, or give a folder that has it as the option 'model'"
            raise Unavailable(f"the model {model} is not on this machine, {how}", fix) from error

    def digest(self, files: Iterable[Path]) -> str:
        """Hex SHA-256 of files: their names and contents. The hub's large files are named by theirs."""
        whole = hashlib.sha256()
        for file in sorted(files, key=lambda file: file.name):
            blob = file.resolve().name
            if not (file.is_symlink() and re.fullmatch(r"[0-9a-f]{64}", blob)):
                with file.open("rb") as stream:
                    blob = hashlib.file_digest(stream, "sha256").hexdigest()
            whole.update(f"{file.name}\0{blob}\n".encode())
        return whole.hexdigest()


def spread(model: Any, blocks: Sequence[Any], devices: Sequence[str]) -> Any:
    """Put the blocks of a model on devices, in equal shares and in order, and all else on the first."""
    within = {id(tensor) for block in blocks for tensor in (*block.parameters(), *block.buffers())}
    for tensor in (*model.parameters(), *model.buffers()):
        if id(tensor) not in within:
            tensor.data = tensor.data.to(devices[0])
    for number, block in enumerate(blocks):
        device = devices[number * len(devices) // len(blocks)]
        block.to(device)
        if device != devices[0]:
            block.register_forward_pre_hook(
                lambda _, given, named, device=device: (_moved(given, device), _moved(named, device)), with_kwargs=True
            )
            block.register_forward_hook(lambda _, __, made: _moved(made, devices[0]))
    return model


def _moved(value: Any, device: str) -> Any:
    """Tensors on a device, in tuples, lists and dictionaries, too; anything else as it is."""
    if hasattr(value, "is_cuda"):
        return value.to(device)
    if type(value) in (tuple, list):
        return type(value)(_moved(each, device) for each in value)
    if type(value) is dict:
        return {name: _moved(each, device) for name, each in value.items()}
    return value


def _cards() -> bool:
    """Whether the driver of NVIDIA offers a graphics card."""
    for library in DRIVERS:
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int(0)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    return False


class Server:
    """Answers questions, one after another."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._worker: Any = None

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one line; never raises for what a worker does."""
        try:
            question = json.loads(line)
            answers = {"hello": self._hello, "score": self._score}
            return answers[question["op"]](question)
        except Unavailable as error:
            return _error("unavailable", str(error), error.fix)
        except Exception as error:  # noqa: BLE001 - a worker may raise anything, and the harness says it
            kind = "memory" if _wants_memory(error) else "failed"
            return _error(kind, f"{type(error).__name__}: {_first_line(error)}")

    def _hello(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if question["protocol"] != PROTOCOL:
            raise ValueError(f"protocol {question['protocol']} is asked for, and this is {PROTOCOL}")
        if question["offline"]:
            os.environ["HF_HUB_OFFLINE"] = "1"
        make = load(self._file)
        self._worker = make(dict(question["options"]), Host(offline=bool(question["offline"])))
        return {
            "protocol": PROTOCOL,
            "python": platform.python_version(),
            "packages": {name: _version(name) for name in question["packages"]},
            **self._worker.describe(),
        }

    def _score(self, question: Mapping[str, Any]) -> dict[str, Any]:
        batch = question["batch"]
        scores = list(self._worker.score(batch))
        if len(scores) != len(batch):
            raise ValueError(f"{len(scores)} scores for {len(batch)} questions")
        if any(not math.isfinite(score["score"] if isinstance(score, dict) else score) for score in scores):
            raise ValueError("a score is not a finite number")
        return {"id": question["id"], "scores": scores}


def _error(kind: str, message: str, fix: str = "") -> dict[str, Any]:
    return {"error": {"kind": kind, "message": message, "fix": fix}}


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:500]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _wants_memory(error: Exception) -> bool:
    """Whether memory ran out, of the machine or of the graphics card."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in said or "can't allocate memory" in said


def load(file: Path) -> Any:
    """The class ``Worker`` of a file."""
    spec = importlib.util.spec_from_file_location("harness_metric_worker", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Worker


def streams() -> tuple[BinaryIO, BinaryIO]:
    """Input and output of the protocol; what else is read or written there meets nothing and the error output."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return questions, answers


def main(file: Path) -> None:
    """Answer until the input ends."""
    questions, answers = streams()
    server = Server(file)
    while line := questions.readline(LONGEST_LINE):
        answer = json.dumps(server.answer(line), ensure_ascii=True, allow_nan=False)
        answers.write(answer.encode() + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
