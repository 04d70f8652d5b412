"""``argos``: Packages of Argos Translate, installed or as ``.argosmodel`` files, run without Argos Translate.

A package is a model for CTranslate2 with its SentencePiece model. They are run with the settings Argos Translate has;
what it does before, finding sentences in paragraphs, is left out, because segments are sentences already. Its library
is not needed, which brings three dozen packages along.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from harness.engines.interface import Answer, Batch, EngineContext
from harness.engines.local import ctranslate2_library as library
from harness.engines.local.argos_package import Package, find_packages
from harness.engines.local.engine import LocalEngine, LocalOptions
from harness.engines.local.model_families import Wire
from harness.errors import EngineUnavailable, Unsupported
from harness.types import EngineIdentity, LangPair, Translated
from harness.workspace.config import Count
from harness.workspace.environment import package_version

CODES = {"zh-Hant": "zt", "pt-BR": "pb"}
"""Argos's own codes; for all other languages it has the tag."""

SETTINGS = {"length_penalty": 0.2, "replace_unknowns": True}
"""As in ``argostranslate.translate``."""

Translators = dict[Path, library.LoadedTranslator]


class ArgosOptions(LocalOptions):
    """``[options]``."""

    packages: str = ""
    """A folder with packages, or one package. Empty: the folder of Argos Translate."""
    pivot: str = ""
    """Argos's code of a language to translate through, such as ``en``. Empty: only direct packages."""
    beam_size: Count = 4
    """Beam size."""
    compute_type: library.ComputeType = "default"
    """Precision of the computation; ``default``: as the package was converted."""


class ArgosEngine(LocalEngine[Translators]):
    """Runs packages of Argos Translate."""

    Options: ClassVar[type[BaseModel]] = ArgosOptions
    packages = ("ctranslate2", "sentencepiece")

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("ArgosOptions", options)
        super().__init__(self._options, context)
        self._routes: dict[LangPair, tuple[Package, ...]] = {}

    def wire(self, pair: LangPair) -> Wire:
        """Nothing is said about the pair; there must be packages for it."""
        self._route(pair)
        return Wire("opennmt")

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The packages and how they are asked."""
        options = self._options
        versions = [f"{name} {package_version(name)}" for name in self.packages]
        return EngineIdentity(
            "argos",
            ", ".join([*(package.version() for package in self._route(pair)), *versions]),
            {
                "codes": [f"{package.source}-{package.target}" for package in self._route(pair)],
                "device": self.device,
                "compute_type": options.compute_type,
                "beam_size": options.beam_size,
                "max_length": options.max_length,
            },
        )

    def load(self) -> Translators:
        """Packages are loaded when a pair needs them."""
        return {}

    def answer(
        self,
        loaded: Translators,
        wire: Wire,  # noqa: ARG002 - each package has its own
        batch: Batch,
        stop: threading.Event,
    ) -> tuple[list[Answer], str]:
        """Translate a batch with one package, or with two in turn."""
        self.warm(loaded, batch.pair)
        route = self._route(batch.pair)
        answers: list[Answer] = [Translated(request.source) for request in batch.requests]
        for package in route:
            answers = _step(loaded[package.path], package, answers, stop)
        how = ", ".join(f"{package.name} ({loaded[package.path].how})" for package in route)
        return answers, how

    def warm(self, loaded: Translators, pair: LangPair) -> None:
        """Load the packages of a pair."""
        for package in self._route(pair):
            if package.path not in loaded:
                loaded[package.path] = self._open(package)

    def _open(self, package: Package) -> library.LoadedTranslator:
        options = self._options
        decoding = library.Decoding(options.beam_size, options.max_length, options.batch_tokens, 0, SETTINGS)
        return library.load(package.files(), options.compute_type, self.device, options.threads, decoding)

    def _route(self, pair: LangPair) -> tuple[Package, ...]:
        if pair not in self._routes:
            self._routes[pair] = self._find_route(pair)
        return self._routes[pair]

    def _find_route(self, pair: LangPair) -> tuple[Package, ...]:
        options = self._options
        source = options.source_code or CODES.get(pair.source, pair.source)
        target = options.target_code or CODES.get(pair.target, pair.target)
        stops = [source, *([options.pivot] if options.pivot else []), target]
        folders = self._folders()
        packages = {
            (package.source, package.target): package for folder in folders for package in find_packages(folder)
        }
        if not packages:
            raise EngineUnavailable(
                f"no package of Argos Translate in {', '.join(map(str, folders))}",
                hint=f"install one, or name the folder or the .argosmodel file with 'packages' in {self._where}",
            )
        wanted = list(itertools.pairwise(stops))
        missing = [f"{start}-{end}" for start, end in wanted if (start, end) not in packages]
        if missing:
            has = ", ".join(sorted(f"{start}-{end}" for start, end in packages))
            raise Unsupported(
                f"no package for {', '.join(missing)}; installed: {has}",
                hint=f'to translate through English, set pivot = "en" in {self._where}' if not options.pivot else "",
            )
        return tuple(packages[step] for step in wanted)

    def _folders(self) -> list[Path]:
        if self._options.packages:
            return [self._workspace / Path(self._options.packages).expanduser()]
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        default = os.environ.get("ARGOS_TRANSLATE_PACKAGES_DIR") or data / "argos-translate" / "packages"
        return [Path(os.environ.get("ARGOS_PACKAGES_DIR") or default)]


def _step(
    translator: library.LoadedTranslator, package: Package, given: Sequence[Answer], stop: threading.Event
) -> list[Answer]:
    """Send on what was translated so far; a failure stays one, and nothing is asked about an empty text."""
    sent = [number for number, answer in enumerate(given) if isinstance(answer, Translated) and answer.text]
    texts = [answer.text for answer in given if isinstance(answer, Translated) and answer.text]
    answers = list(given)
    wire = Wire("opennmt", target=package.prefix)
    for number, answer in zip(sent, translator.translate(wire, texts, stop), strict=True):
        answers[number] = answer
    return answers
