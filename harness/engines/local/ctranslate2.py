"""``ctranslate2``: Models converted for CTranslate2, several times faster on a processor than the originals.

Importing this module, ``supports`` and ``identity`` do not load the library: files of the model say enough.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BaseModel, Field

from harness.engines.interface import Answer, Batch, EngineContext
from harness.engines.local import ctranslate2_library as library
from harness.engines.local.engine import ModelEngine, ModelOptions
from harness.engines.local.local_models import content_hash, read_vocabulary
from harness.engines.local.model_families import PREFIX, Family, Wire, languages_of, wire_of
from harness.errors import EngineUnavailable, Unsupported
from harness.types import EngineIdentity, LangPair
from harness.workspace.config import Count
from harness.workspace.environment import package_version

SOURCE_PIECES = ("source.spm", "sentencepiece.bpe.model", "spiece.model", "sentencepiece.model")
TARGET_PIECES = ("target.spm", *SOURCE_PIECES[1:])
VOCABULARIES = ("shared_vocabulary.json", "source_vocabulary.json", "shared_vocabulary.txt", "source_vocabulary.txt")
POSITIONS = {"marian": 512, "nllb": 1024, "m2m100": 1024}


class CTranslate2Options(ModelOptions):
    """``[options]``."""

    family: Literal["auto", "marian", "nllb", "m2m100", "madlad", "t5", "opennmt"] = "auto"
    """How the model is told the languages; ``auto``: detected from the files of the model."""
    tokenizer: str = ""
    """Folder with the SentencePiece files, if they are not next to the model."""
    beam_size: Count = 4
    """Beam size."""
    compute_type: library.ComputeType = "default"
    """Precision of the computation; ``default``: as the model was converted."""
    prefix: str | None = None
    """Text before every source, for the family ``t5``."""
    positions: Annotated[int, Field(ge=0)] | None = None
    """Maximum number of tokens of a source; 0: no limit. Not set: 512 for OPUS-MT, 1024 for NLLB and M2M100, else no
    limit."""


class CTranslate2Engine(ModelEngine[library.LoadedTranslator]):
    """Runs a model with ctranslate2."""

    Options: ClassVar[type[BaseModel]] = CTranslate2Options
    packages = ("ctranslate2", "sentencepiece")

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("CTranslate2Options", options)
        super().__init__(self._options, context)

    def wire(self, pair: LangPair) -> Wire:
        """How the pair is said, from the vocabulary."""
        self._pieces()
        options, tokens = self._options, self._vocabulary()
        family = self._family(tokens)
        if options.prefix is not None and family != "t5":
            raise Unsupported(f"option 'prefix' needs family 't5', but {self.model.name} is '{family}'")
        return wire_of(
            family,
            pair,
            languages_of(family, tokens),
            source_code=options.source_code,
            target_code=options.target_code,
            instruction=PREFIX if options.prefix is None else options.prefix,
        )

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The model's files, the versions of the libraries, and how it is asked."""
        options, wire = self._options, self._wire(pair)
        versions = [f"{name} {package_version(name)}" for name in self.packages]
        elsewhere = {"tokenizer": content_hash(self._pieces())} if options.tokenizer else {}
        return EngineIdentity(
            "ctranslate2",
            ", ".join([self.model.version(), *versions]),
            {
                "family": wire.family,
                "source": wire.source,
                "target": wire.target,
                "instruction": wire.instruction,
                "device": self.device,
                "compute_type": options.compute_type,
                "beam_size": options.beam_size,
                "max_length": options.max_length,
                **elsewhere,
            },
        )

    def load(self) -> library.LoadedTranslator:
        """Load the model."""
        options = self._options
        positions = POSITIONS.get(self._family(self._vocabulary()), 0)
        decoding = library.Decoding(
            beam_size=options.beam_size,
            max_length=options.max_length,
            batch_tokens=options.batch_tokens,
            positions=positions if options.positions is None else options.positions,
            extra={"min_decoding_length": 0},  # the default forbids an empty output, which other libraries allow
        )
        source, target = (path.read_bytes() for path in self._pieces())
        files = library.ModelFiles(str(self.model.path), self.model.name, source, target)
        return library.load(files, options.compute_type, self.device, options.threads, decoding)

    def answer(
        self, loaded: library.LoadedTranslator, wire: Wire, batch: Batch, stop: threading.Event
    ) -> tuple[list[Answer], str]:
        """Translate a batch."""
        texts = [request.source for request in batch.requests]
        return loaded.translate(wire, texts, stop), f"{self.model.name} ({loaded.how})"

    def _family(self, tokens: list[str]) -> Family:
        if self._options.family != "auto":
            return self._options.family
        known = set(tokens)
        for family, mark in (("nllb", "eng_Latn"), ("m2m100", "__en__"), ("madlad", "<2en>")):
            if mark in known:
                return cast("Family", family)
        source = self._pieces()[0].name
        return "marian" if source == "source.spm" else "t5" if source == "spiece.model" else "opennmt"

    def _pieces(self) -> tuple[Path, Path]:
        chosen = self._options.tokenizer
        folder = self._workspace / Path(chosen).expanduser() if chosen else self.model.path
        source, target = (
            next((folder / name for name in names if (folder / name).is_file()), None)
            for names in (SOURCE_PIECES, TARGET_PIECES)
        )
        if source is None or target is None:
            raise EngineUnavailable(
                f"no SentencePiece model in {folder} ({', '.join(SOURCE_PIECES)})",
                hint="convert with --copy_files source.spm target.spm (or the files that the model has), "
                f"or set 'tokenizer' to their folder in {self._where}",
            )
        return source, target

    def _vocabulary(self) -> list[str]:
        return [token for name in VOCABULARIES for token in read_vocabulary(self.model.path / name)]
