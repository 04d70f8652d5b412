"""``transformers``: OPUS-MT, NLLB, M2M100, MADLAD, T5 and chat models, run locally with Hugging Face transformers.

Importing this module, ``supports`` and ``identity`` do not load the library: files of the model say enough.
"""

from __future__ import annotations

import threading
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BaseModel, Field, model_validator

from harness.engines.interface import Answer, Batch, EngineContext
from harness.engines.local import transformers_library as library
from harness.engines.local.engine import ModelEngine, ModelOptions
from harness.engines.local.local_models import language_marks, read_json, read_vocabulary
from harness.engines.local.model_families import M2M100, PREFIX, Family, Wire, check_stated, languages_of, wire_of
from harness.errors import EngineUnavailable, Unsupported
from harness.types import EngineIdentity, LangPair
from harness.workspace.config import Count
from harness.workspace.environment import package_version

PROMPT = (
    "Translate the following text from {source_name} into {target_name}. "
    "Answer with the translation only, on one line, without quotation marks or comments.\n\n{text}"
)
SPIECE_LANGUAGES = ("spiece.model", "sentencepiece.model")


class TransformersOptions(ModelOptions):
    """``[options]``."""

    family: Literal["auto", "marian", "nllb", "m2m100", "madlad", "t5", "chat"] = "auto"
    """How the model is told the languages; ``auto``: detected from its ``config.json``."""
    beam_size: Count | None = None
    """Beam size. Not set: 4, or 1 for chat models and when sampling."""
    dtype: Literal["float32", "bfloat16", "float16", "auto"] = "float32"
    """Precision of the weights; ``auto``: as the model was saved."""
    prefix: str | None = None
    """Text before every source, for the family ``t5``."""
    prompt: str | None = None
    """The message, for the family ``chat``, with placeholders in braces."""
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """0: the best output, the same every time. Above 0: sampling."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Sample from the most likely tokens that together have this probability."""
    seed: Annotated[int, Field(ge=0, le=10**18)] = 0
    """Seed of sampling; repetitions add their number."""

    @model_validator(mode="after")
    def _consistent(self) -> TransformersOptions:
        if self.temperature and self.beam_size not in {None, 1}:
            raise ValueError("sampling (temperature above 0) needs beam_size = 1")
        if self.prompt is not None and "{text}" not in self.prompt:
            raise ValueError("'prompt' must contain {text}")
        return self


class TransformersEngine(ModelEngine[library.LoadedModel]):
    """Runs a model with transformers."""

    Options: ClassVar[type[BaseModel]] = TransformersOptions
    packages = ("torch", "transformers")

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("TransformersOptions", options)
        super().__init__(self._options, context)

    def wire(self, pair: LangPair) -> Wire:
        """How the pair is said, from the configuration and the vocabulary."""
        options, family = self._options, self._family()
        for key, value, only in (("prefix", options.prefix, "t5"), ("prompt", options.prompt, "chat")):
            if value is not None and family != only:
                raise Unsupported(f"option '{key}' needs family '{only}', but {self.model.name} is '{family}'")
        known = languages_of(family, self._tokens(family))
        if family == "marian":
            stated = read_json(self.model.path / "tokenizer_config.json")
            if not options.source_code:
                check_stated(str(stated.get("source_lang") or ""), pair.source, "source_code")
            if not options.target_code and not known:
                check_stated(str(stated.get("target_lang") or ""), pair.target, "target_code")
        default = PROMPT if family == "chat" else PREFIX
        given = options.prompt if family == "chat" else options.prefix
        return wire_of(
            family,
            pair,
            known,
            source_code=options.source_code,
            target_code=options.target_code,
            instruction=default if given is None else given,
        )

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The model's files, the versions of the libraries, and how it is asked."""
        options, wire = self._options, self._wire(pair)
        # Marian's tokenizer rewrites quotation marks when sacremoses is there, and does not when it is not.
        names = ["transformers", "torch", "sentencepiece", *(["sacremoses"] if wire.family == "marian" else [])]
        versions = [f"{name} {package_version(name) or 'none'}" for name in names]
        sampling = {"temperature": options.temperature, "top_p": options.top_p, "seed": options.seed}
        return EngineIdentity(
            "transformers",
            ", ".join([self.model.version(), *versions]),
            {
                "family": wire.family,
                "source": wire.source,
                "target": wire.target,
                "instruction": wire.instruction,
                "device": self.device,
                "dtype": options.dtype,
                "beam_size": self._beams(),
                "max_length": options.max_length,
                **(sampling if options.temperature else {}),
            },
        )

    def load(self) -> library.LoadedModel:
        """Load the model."""
        options = self._options
        decoding = library.Decoding(
            beam_size=self._beams(),
            max_length=options.max_length,
            batch_tokens=options.batch_tokens,
            threads=options.threads,
            temperature=options.temperature,
            top_p=options.top_p,
            seed=options.seed,
        )
        return library.load(self.model.path, self.model.name, options.dtype, self.device, decoding)

    def answer(
        self, loaded: library.LoadedModel, wire: Wire, batch: Batch, stop: threading.Event
    ) -> tuple[list[Answer], str]:
        """Translate a batch."""
        texts = [request.source for request in batch.requests]
        return loaded.translate(wire, texts, batch.sample, stop), f"{self.model.name} ({self.device})"

    def _beams(self) -> int:
        if self._options.beam_size is not None:
            return self._options.beam_size
        return 1 if self._family() == "chat" or self._options.temperature else 4

    def _family(self) -> Family:
        if self._options.family != "auto":
            return self._options.family
        folder = self.model.path
        config = read_json(folder / "config.json")
        kind = str(config.get("model_type", ""))
        if kind == "marian":
            return "marian"
        if kind == "m2m_100":
            tokenizer = str(read_json(folder / "tokenizer_config.json").get("tokenizer_class", ""))
            return "nllb" if tokenizer.startswith("Nllb") else "m2m100"
        if kind in {"t5", "mt5", "umt5"}:
            return "madlad" if languages_of("madlad", self._tokens("madlad")) else "t5"
        if any(str(name).endswith("ForCausalLM") for name in config.get("architectures") or ()):
            return "chat"
        raise EngineUnavailable(
            f"{self.model.name} is of type '{kind}', which is not a known family of translation models",
            hint=f"set 'family' in {self._where} to the closest one",
        )

    def _tokens(self, family: Family) -> list[str]:
        """Tokens that may name languages, from the small files in which the families keep them."""
        folder = self.model.path
        if family == "marian":
            return [*read_vocabulary(folder / "vocab.json")]
        if family == "madlad":
            # A SentencePiece model holds its pieces as plain bytes; so does tokenizer.json.
            files = [folder / name for name in (*SPIECE_LANGUAGES, "tokenizer.json")]
            return language_marks([file for file in files if file.is_file()])
        if family == "m2m100":
            return [f"__{code}__" for code in M2M100]
        listed = read_json(folder / "special_tokens_map.json").get("additional_special_tokens", ())
        return [token if isinstance(token, str) else str(token["content"]) for token in listed]
