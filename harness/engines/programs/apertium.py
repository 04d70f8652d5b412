"""``apertium``: The rule-based engine in Debian and Ubuntu; offline, with the same output every time.

One pair of short-lived pipelines per batch: measured at twice the speed of a long-lived one, and nothing to restart.
Segments are separated by NUL, so a heading without a full stop cannot run into the next line. Between the halves every
unknown word stands as ``^*word$``, which no text can imitate: there they are counted, and the text itself stays
without marks. With ``pivot`` the text goes through other languages on its way.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar, Self, cast

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from harness.engines.interface import Answer, Batch, EngineContext, Limits
from harness.engines.programs.apertium_modes import MODE_NAME, Installation, Mode, find_installation
from harness.engines.programs.process import run_program, with_stderr
from harness.errors import BadOutput, Transient, UsageError
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel
from harness.workspace.operating_system import describe_exit

SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]|~+")
"""Characters with a meaning in Apertium's stream format. ``~`` cannot be escaped, only set aside as a blank."""

STOP = "."
END = "[]"
"""Every segment ends as the ``apertium`` command would end it: a full stop for the grammar, and an empty blank that
shows where the text ends. The stop may be gone afterwards: Icelandic ``4.`` is an ordinal number."""

WRITTEN = re.compile(r"\\(.)|\[([^\]]*)\]", re.DOTALL)
UNKNOWN = re.compile(r"\\.|\^\*((?:\\.|[^\\$])*)\$", re.DOTALL)


class ApertiumOptions(StrictModel):
    """``[options]``."""

    mode: Annotated[str, Field(pattern=f"^{MODE_NAME.pattern}$")] = ""
    """The mode to use instead of the one for the language tags, such as ``cat-eng_US``."""
    pivot: Annotated[
        tuple[str, ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
        Field(strict=False),
    ] = ()
    """A language, or a list of languages, to translate through."""
    data: str = ""
    """Data folder, if it is not next to the programs."""

    @field_validator("pivot")
    @classmethod
    def _tags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from harness.workspace.languages import parse_tag

        try:
            return tuple(parse_tag(tag) for tag in value)
        except UsageError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.mode and self.pivot:
            raise ValueError("'mode' and 'pivot' cannot be combined")
        return self


class ApertiumEngine:
    """Runs Apertium's own pipelines."""

    Options: ClassVar[type[BaseModel]] = ApertiumOptions
    caches = True

    def __init__(self, options: BaseModel, context: EngineContext) -> None:  # noqa: ARG002 - the factory's signature
        self._options = cast("ApertiumOptions", options)
        self._found: list[Installation] = []
        self._modes: dict[LangPair, tuple[Mode, ...]] = {}
        self.limits = Limits(max_segments=200, concurrency=2)

    def supports(self, pair: LangPair) -> None:
        """Find the modes that lead from source to target."""
        if not self._found:
            self._found.append(find_installation(self._options.data))
        installed = self._found[0]
        if self._options.mode:
            names = [installed.forced(self._options.mode, pair.source, pair.target)]
        else:
            stations = [pair.source, *self._options.pivot, pair.target]
            names = [installed.find(a, b) for a, b in pairwise(stations)]
        self._modes[pair] = tuple(installed.load(name) for name in names)

    def identity(self, pair: LangPair) -> EngineIdentity:
        """Versions of the programs, and a hash of the language data: that is what decides."""
        modes = self._modes[pair]
        options: dict[str, JsonValue] = {
            "modes": [mode.name for mode in modes],
            "data": [mode.data for mode in modes],
            "lttoolbox": self._found[0].lttoolbox,
        }
        return EngineIdentity("apertium", self._found[0].version, options)

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        """Run the batch through every mode on the way."""
        texts = [request.source for request in batch.requests]
        unknown: list[Counter[str]] = [Counter() for _ in texts]
        if not texts:
            return []
        if batch.pair not in self._modes:
            self.supports(batch.pair)
        for mode in self._modes[batch.pair]:
            analysed = await _run(mode, mode.analyse, [deform(text) for text in texts])
            # "|" keeps the larger count: a word that two modes on the way do not know is one unknown word.
            unknown = [before | unknown_words(text) for before, text in zip(unknown, analysed, strict=True)]
            texts = [reform(text) for text in await _run(mode, mode.generate, analysed)]
        return [
            Translated(text, notes={"unknown_words": words.total()}) for text, words in zip(texts, unknown, strict=True)
        ]

    async def close(self) -> None:
        """Nothing outlives a batch."""


def deform(text: str) -> str:
    """Write a plain text in Apertium's stream format."""
    return SPECIAL.sub(lambda found: f"[{found[0]}]" if found[0][0] == "~" else f"\\{found[0]}", text) + STOP + END


def reform(stream: str) -> str:
    """Read what :func:`deform` and a mode have made of a text.

    Raises:
        BadOutput: the end is gone, so text may be, too.
    """
    if not stream.endswith(END):
        raise BadOutput(f"apertium lost the end of a segment: ...{stream[-60:]!r}")
    return WRITTEN.sub(lambda found: found[1] or found[2] or "", stream.removesuffix(END).removesuffix(STOP))


def unknown_words(stream: str) -> Counter[str]:
    """The words no dictionary had, as they stand in the stream before generation."""
    return Counter(found[1] for found in UNKNOWN.finditer(stream) if found[1] is not None)


async def _run(mode: Mode, pipeline: str, texts: Sequence[str]) -> list[str]:
    # The shell runs the pipeline that came with the language data; text only ever passes through its stdin.
    argv = ["bash", "-o", "pipefail", "-c", pipeline, "apertium", "-n"]
    data = "".join(f"{text}\0" for text in texts).encode()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    done = await run_program(argv, data, cwd=Path("/"), env=environment)
    if done.returncode:
        how = f"apertium's mode {mode.name} ended with {describe_exit(done.returncode)}"
        raise Transient(with_stderr(how, done.stderr))
    try:
        parts = done.stdout.decode("utf-8").split("\0")
    except UnicodeDecodeError as error:
        raise BadOutput(f"apertium's mode {mode.name} wrote something that is not UTF-8") from error
    # Every program of the pipeline adds a NUL of its own at the end of the input.
    if len(parts) <= len(texts) or any(part.strip() for part in parts[len(texts) :]):
        raise BadOutput(f"apertium's mode {mode.name} returned {len(parts) - 1} texts for {len(texts)} segments")
    return parts[: len(texts)]
