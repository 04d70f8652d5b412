"""What the engines that run a model in this process share: options, batches by tokens, threads, how they are stopped.

The model is loaded by the first batch that must be translated. One batch runs at a time; a batch that was given up
stops at the next token or the next group of segments, whichever the library allows, and the next batch waits for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, Field

from harness.engines.clock import on_the_wire
from harness.engines.interface import Answer, Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.local.local_models import Device, LocalModel, device_of, find_model, need_packages
from harness.engines.local.model_families import Wire
from harness.engines.wire.blocking import in_thread
from harness.types import EngineIdentity, LangPair
from harness.workspace.config import Count, StrictModel

CLOSE_SECONDS = 1.0
"""How long ``close`` waits for a batch that was given up; Ctrl-C must take less than two seconds."""

Loaded = TypeVar("Loaded")


class LocalOptions(StrictModel):
    """``[options]`` that these engines share."""

    source_code: str = ""
    """The model's code of the source language, if the tag does not determine it."""
    target_code: str = ""
    """The model's code of the target language, if the tag does not determine it."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs; ``auto``: on a GPU if there is one."""
    max_length: Count = 512
    """Maximum number of tokens of one translation. A translation that is longer fails."""
    batch_tokens: Count = 2048
    """Maximum number of source tokens, including padding, that the model processes at once."""
    threads: Annotated[int, Field(ge=0, le=1024)] = 0
    """Processor threads; 0: the library's choice."""


class ModelOptions(LocalOptions):
    """The same, of engines for which a model is named."""

    model: Annotated[str, Field(min_length=1)]
    """A folder, relative to the workspace, or a name on the hub."""
    revision: Annotated[str, Field(min_length=1)] = "main"
    """Branch, tag or commit of a hub model."""


class BatchWorkers(Protocol):
    """Where batches are translated when it is not this process."""

    def translate(self, engine: LocalEngine[Any], batch: Batch) -> Reply:
        """Translate a batch as ``engine`` would."""


class LocalEngine(ABC, Generic[Loaded]):
    """A model in this process, or on workers that are lent to it."""

    packages: ClassVar[tuple[str, ...]]
    """What must be installed; the first one names the build that decides whether there is a graphics card."""
    Options: ClassVar[type[BaseModel]]
    caches = True

    def __init__(self, options: LocalOptions, context: EngineContext) -> None:
        self.options = options
        self.context = context
        self.workers: BatchWorkers | None = None
        self._workspace = context.folder.parent.parent
        self._where = f"systems/{context.system}.toml [options]"
        self._loaded: Loaded | None = None
        self._wires: dict[LangPair, Wire] = {}
        self._busy = threading.Lock()
        self._stop = threading.Event()
        # Loading counts as part of the first batch, and a large model on a small machine is slow at everything.
        self.limits = Limits(max_segments=64, timeout=3600.0)

    @abstractmethod
    def wire(self, pair: LangPair) -> Wire:
        """How the pair is said to the model; reads small files only."""

    @abstractmethod
    def identity(self, pair: LangPair) -> EngineIdentity:
        """What the answers depend on."""

    @abstractmethod
    def load(self) -> Loaded:
        """Load the model; called in a thread."""

    @abstractmethod
    def answer(self, loaded: Loaded, wire: Wire, batch: Batch, stop: threading.Event) -> tuple[list[Answer], str]:
        """Translate a batch, in a thread: the answers, and what the library said about how it works."""

    def supports(self, pair: LangPair) -> None:
        """The packages and the model are here, and the model knows the languages."""
        need_packages(*self.packages)
        self._wire(pair)

    def warm(self, loaded: Loaded, pair: LangPair) -> None:
        """Load what only this pair needs; called in a thread."""

    async def prepare(self, pair: LangPair) -> None:
        """Load the model here; workers load it with their first batch."""
        if self.workers is None:
            await in_thread(lambda: self._load(pair))

    def _load(self, pair: LangPair) -> None:
        with self._busy:
            if self._loaded is None:
                self._loaded = self.load()
            self.warm(self._loaded, pair)

    async def translate(self, batch: Batch) -> Reply:
        """Translate in a thread."""
        if not batch.requests:
            return Reply([], Receipt())
        stop = self._stop = threading.Event()
        try:
            return await in_thread(lambda: self.work(batch, stop))
        finally:
            stop.set()

    async def close(self) -> None:
        """Let the model go, and give a batch that was given up a moment to stop."""
        self._stop.set()
        for _ in range(round(CLOSE_SECONDS / 0.02)):
            if not self._busy.locked():
                break
            await asyncio.sleep(0.02)
        else:
            _exit_without_destructors()
        self._loaded = None

    @property
    def device(self) -> Device:
        """Where the model runs."""
        return device_of(self.options.device, self.packages[0])

    def _wire(self, pair: LangPair) -> Wire:
        if pair not in self._wires:
            self._wires[pair] = self.wire(pair)
        return self._wires[pair]

    def work(self, batch: Batch, stop: threading.Event) -> Reply:
        """Translate a batch, in the thread that calls; nothing comes back once ``stop`` is set."""
        if self.workers is not None:
            return self.workers.translate(self, batch)
        with self._busy:
            if stop.is_set():
                return Reply([], Receipt())  # nobody waits for it any more
            if self._loaded is None:
                self._loaded = self.load()
            wire = self._wire(batch.pair)
            with on_the_wire():
                answers, how = self.answer(self._loaded, wire, batch, stop)
            return Reply(answers, Receipt(model=how))


class ModelEngine(LocalEngine[Loaded]):
    """One model, named in the options."""

    def __init__(self, options: ModelOptions, context: EngineContext) -> None:
        super().__init__(options, context)
        self._named = options
        self._found: LocalModel | None = None

    @property
    def model(self) -> LocalModel:
        """The model, looked for once.

        Raises:
            EngineUnavailable: it is not on this machine.
        """
        if self._found is None:
            self._found = find_model(self._named.model, self._named.revision, self._workspace, self._where)
        return self._found


def _exit_without_destructors() -> None:
    """Make the process end, whenever it does, without taking down C++ libraries that are still at work.

    Their kernels would be freed under the threads that run them, and Ctrl-C would end in a segmentation fault. What
    Python does at its end is done before; the exit code stays.
    """
    with contextlib.suppress(AttributeError, OSError):  # only glibc has on_exit
        libc = ctypes.CDLL(None)
        libc.on_exit(ctypes.cast(libc._exit, ctypes.c_void_p), None)  # noqa: SLF001 - that is its name in C


def groups(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Positions of segments that go through the model together: alike in length, so that little of it is padding.

    Args:
        lengths: Tokens of each segment.
        most: Tokens of a group, padding included; a longer segment goes alone.
    """
    group: list[int] = []
    # The longest first: what does not fit into memory is found out at once.
    for position in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if group and lengths[group[0]] * (len(group) + 1) > most:
            yield group
            group = []
        group.append(position)
    if group:
        yield group
