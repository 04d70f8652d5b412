"""The only module that imports ctranslate2 and sentencepiece: load a converted model, make it translate.

Text is cut into pieces by the SentencePiece model that came with the translation model, which is what its usual
tokenizer does, too, less the code around it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.engines.interface import Answer
from harness.engines.local.engine import groups
from harness.engines.local.local_models import INSTALL, Device, first_line
from harness.engines.local.model_families import LANGUAGE_TOKEN, Wire
from harness.errors import EngineUnavailable, TooLarge
from harness.types import Failed, Translated

ComputeType = Literal[
    "default",
    "auto",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
]
END = "</s>"
UNKNOWN = "<unk>"
SPECIAL = frozenset({UNKNOWN, END, "<s>", "<pad>"})
POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Decoding:
    """How outputs are searched for."""

    beam_size: int
    max_length: int
    batch_tokens: int
    positions: int
    """Most tokens of a source; 0: no limit."""
    extra: Mapping[str, Any]
    """Further arguments of ``translate_batch``."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A converted model: a folder, or its files in memory."""

    path: str
    """The folder; only a name where there are ``files``."""
    name: str
    source_pieces: bytes
    """The SentencePiece model for sources."""
    target_pieces: bytes
    files: Mapping[str, bytes] | None = None


class LoadedTranslator:
    """A model in memory, on its device."""

    def __init__(self, translator: Any, source: Any, target: Any, decoding: Decoding) -> None:
        self._translator = translator
        self._source = source
        self._target = target
        self._decoding = decoding
        self.how = f"{translator.compute_type} on {translator.device}"

    def translate(self, wire: Wire, texts: Sequence[str], stop: threading.Event) -> list[Answer]:
        """Translate texts; groups of like length go together, answers come in the order of the texts.

        Raises:
            TooLarge: the model has fewer positions than a source or an output of this group needs.
        """
        decoding = self._decoding
        encoded = [self._encode(wire, text) for text in texts]
        most = decoding.positions
        answers: list[Answer] = [
            Failed(f"too long for the model: {len(tokens)} tokens, at most {most}") for tokens in encoded
        ]
        fits = [number for number, tokens in enumerate(encoded) if not most or len(tokens) <= most]
        for group in groups([len(encoded[number]) for number in fits], decoding.batch_tokens):
            if stop.is_set():
                break
            chosen = [fits[position] for position in group]
            outputs = self._generate(wire, [encoded[number] for number in chosen])
            for number, output in zip(chosen, outputs, strict=True):
                answers[number] = self._answer(wire, output)
        return answers

    def _encode(self, wire: Wire, text: str) -> list[str]:
        if wire.family == "opennmt":
            return list(self._source.encode(text, out_type=str))
        # Tokens for languages are put beside the pieces, as the models' own tokenizers do.
        first = wire.target if wire.family in {"marian", "madlad"} else wire.source
        instruction = wire.instruction if wire.family == "t5" else ""
        return [*([first] if first else []), *self._source.encode(instruction + text, out_type=str), END]

    def _generate(self, wire: Wire, tokens: list[list[str]]) -> list[list[str]]:
        """Outputs with the token that ends them, if there is one."""
        prefix = [wire.target] if wire.target and wire.family in {"nllb", "m2m100", "opennmt"} else []
        try:
            # The library cannot be told to stop. It works in threads of its own while this one, a daemon, sleeps in
            # Python: Ctrl-C then ends the process at once, because nobody is inside the library or takes it down.
            pending = self._translator.translate_batch(
                tokens,
                target_prefix=[prefix] * len(tokens) if prefix else None,
                asynchronous=True,
                beam_size=self._decoding.beam_size,
                max_input_length=0,  # the default cuts long sources without a word
                max_decoding_length=self._decoding.max_length,
                return_end_token=True,
                **self._decoding.extra,
            )
            outputs: list[list[str]] = []
            for result in pending:
                while not result.done():
                    time.sleep(POLL_SECONDS)
                outputs.append(result.result().hypotheses[0][len(prefix) :])
        except RuntimeError as error:
            if "position" in str(error) or "out of memory" in str(error):
                raise TooLarge(f"{len(tokens)} segments are too much for the model: {first_line(error)}") from error
            raise EngineUnavailable(f"ctranslate2 failed: {first_line(error)}", hint='device = "cpu"') from error
        return outputs

    def _answer(self, wire: Wire, output: Sequence[str]) -> Answer:
        if not output or output[-1] != END:
            bound = self._decoding.max_length
            return Failed(f"the translation was not finished after {bound} tokens ('max_length')")
        unknown = output.count(UNKNOWN)
        written = [token for token in output if token not in SPECIAL and not _is_language(wire, token)]
        text = str(self._target.decode(written)).strip()
        if "\n" in text:
            return Failed(f"the model returned {text.count(chr(10)) + 1} lines for one segment")
        # What the model could not spell is left out; it is counted, so that it does not go unseen.
        return Translated(text, notes={"unknown_tokens": unknown} if unknown else {})


def _is_language(wire: Wire, token: str) -> bool:
    return wire.family in {"nllb", "m2m100"} and LANGUAGE_TOKEN[wire.family].fullmatch(token) is not None


def load(model: ModelFiles, compute_type: str, device: Device, threads: int, decoding: Decoding) -> LoadedTranslator:
    """Load a model.

    Raises:
        EngineUnavailable: the library, the device or a part of the model is missing, or a file is damaged.
    """
    try:
        import ctranslate2
        import sentencepiece
    except Exception as error:  # a broken installation fails in every way there is
        raise EngineUnavailable(f"ctranslate2 cannot be imported: {first_line(error)}", hint=INSTALL) from error
    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise EngineUnavailable("ctranslate2 cannot use the graphics card of this machine", hint='device = "cpu"')
    try:
        source = sentencepiece.SentencePieceProcessor(model_proto=model.source_pieces)
        target = sentencepiece.SentencePieceProcessor(model_proto=model.target_pieces)
        translator = ctranslate2.Translator(
            model.path,
            device=device,
            compute_type=compute_type,
            inter_threads=1,
            intra_threads=threads,
            **({"files": dict(model.files)} if model.files else {}),
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineUnavailable(
            f"the model {model.name} cannot be loaded: {first_line(error)}",
            hint="it must be a translation model converted for ctranslate2 (ct2-transformers-converter)",
        ) from error
    return LoadedTranslator(translator, source, target, decoding)
