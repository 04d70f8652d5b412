"""The only module of the engines that imports torch and transformers: load a model, make it translate.

Settings that publishers put into ``generation_config.json`` hold, except for these: beams and sampling are the
user's, and ``forced_eos_token_id`` is dropped, because it makes an output that was cut look like one that is complete.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.engines.interface import Answer
from harness.engines.local.engine import groups
from harness.engines.local.local_models import INSTALL, Device, first_line
from harness.engines.local.model_families import Wire
from harness.errors import EngineUnavailable, TooLarge
from harness.types import Failed, Translated

SETTING_UP = threading.Lock()
"""Filters of warnings are global: two engines that silenced them side by side could leave them silenced."""


AGAIN = "download it again: hf download --force-download NAME"


@dataclass(frozen=True, slots=True)
class Decoding:
    """How outputs are searched for."""

    beam_size: int
    max_length: int
    batch_tokens: int
    threads: int
    temperature: float
    """0: no sampling."""
    top_p: float
    seed: int


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings, log lines and progress bars of loading; exceptions pass."""
    logger = logging.getLogger("transformers")
    with SETTING_UP, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            from transformers.utils import logging as bars

            shown = bars.is_progress_bar_enabled()
            bars.disable_progress_bar()
            try:
                yield
            finally:
                if shown:
                    bars.enable_progress_bar()
        finally:
            logger.setLevel(level)


class LoadedModel:
    """A model in memory, on its device."""

    def __init__(self, model: Any, tokenizer: Any, device: Device, decoding: Decoding) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._device = device
        self._decoding = decoding
        self._encodes = bool(model.config.is_encoder_decoder)
        self.positions = int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 0)
        """Most tokens the model reads or writes; 0: no limit of its own."""
        bound = decoding.max_length
        if self.positions and self._encodes:
            bound = min(bound, self.positions - 1)  # one is taken by the token that starts the output
        self._bound = bound
        reads = self.positions if self._encodes else max(0, self.positions - bound)
        self._reads = reads if self.positions else 0
        self._ends = _set_up(model, tokenizer, decoding, bound)

    def translate(self, wire: Wire, texts: Sequence[str], sample: int, stop: threading.Event) -> list[Answer]:
        """Translate texts; groups of like length go together, answers come in the order of the texts.

        Raises:
            TooLarge: the device has too little memory for a group.
        """
        encoded = [self._encode(wire, text) for text in texts]
        marks = self._marks(self._encode(wire, ""))
        problems = [self._problem(tokens, marks) for tokens in encoded]
        answers: list[Answer] = [Failed(problem) for problem in problems]
        fits = [number for number, problem in enumerate(problems) if not problem]
        # Sampled together, an answer would depend on its neighbours.
        most = 0 if self._decoding.temperature else self._decoding.batch_tokens
        for group in groups([len(encoded[number]) for number in fits], most):
            if stop.is_set():
                break
            chosen = [fits[position] for position in group]
            with _threads(self._decoding.threads):
                outputs = self._generate(wire, [encoded[number] for number in chosen], sample, stop)
            for number, output in zip(chosen, outputs, strict=True):
                answers[number] = self._answer(output)
        return answers

    def _encode(self, wire: Wire, text: str) -> list[int]:
        tokenizer, message = self._tokenizer, wire.message(text)
        if wire.family == "chat" and tokenizer.chat_template:
            turn = [{"role": "user", "content": message}]
            return list(tokenizer.apply_chat_template(turn, add_generation_prompt=True, tokenize=True))
        if wire.source:
            tokenizer.src_lang = wire.source.strip("_")
        # "</s>" in a source is text, as far as the tokenizer can be told so; _problem finds where it cannot.
        encoded = tokenizer(message, truncation=False, split_special_tokens=wire.family != "chat", verbose=False)
        return list(encoded["input_ids"])

    def _generate(
        self, wire: Wire, tokens: Sequence[Sequence[int]], sample: int, stop: threading.Event
    ) -> list[list[int]]:
        import torch
        from transformers import StoppingCriteriaList

        def stopped(ids: Any, scores: Any, **rest: Any) -> Any:  # noqa: ARG001 - the library's signature
            return torch.full((ids.shape[0],), stop.is_set(), dtype=torch.bool, device=ids.device)

        width = max(map(len, tokens))
        pad = self._model.generation_config.pad_token_id
        ids = torch.full((len(tokens), width), pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, line in enumerate(tokens):
            # A decoder goes on where its prompt ends, so its padding comes first.
            start = 0 if self._encodes else width - len(line)
            ids[row, start : start + len(line)] = torch.tensor(line)
            mask[row, start : start + len(line)] = 1
        forced = {}
        if wire.family in {"nllb", "m2m100"}:
            forced["forced_bos_token_id"] = self._tokenizer.convert_tokens_to_ids(wire.target)
        devices = [torch.cuda.current_device()] if self._device == "cuda" else []
        try:
            with torch.inference_mode(), torch.random.fork_rng(devices=devices):
                torch.manual_seed(self._decoding.seed + sample)
                outputs = self._model.generate(
                    input_ids=ids.to(self._device),
                    attention_mask=mask.to(self._device),
                    stopping_criteria=StoppingCriteriaList([stopped]),
                    **forced,
                )
        except torch.cuda.OutOfMemoryError as error:
            raise TooLarge(f"the graphics card has too little memory for {len(tokens)} segments") from error
        return [list(line) for line in outputs[:, 1 if self._encodes else width :].tolist()]

    def _answer(self, output: list[int]) -> Answer:
        ends = [place for place, token in enumerate(output) if token in self._ends]
        if not ends:
            return Failed(f"the translation was not finished after {self._bound} tokens ('max_length')")
        written = output[: ends[0]]
        unknown = 0 if self._tokenizer.unk_token_id is None else written.count(self._tokenizer.unk_token_id)
        text = self._tokenizer.decode(written, skip_special_tokens=True).strip()
        if "\n" in text:
            return Failed(f"the model returned {text.count(chr(10)) + 1} lines for one segment")
        # Decoding leaves out what the model could not spell; it is counted, so that it does not go unseen.
        return Translated(text, notes={"unknown_tokens": unknown} if unknown else {})

    def _problem(self, tokens: Sequence[int], marks: int) -> str:
        """Why the model cannot read a source as it stands; empty when it can."""
        if self.positions and len(tokens) > self._reads:
            room = "" if self._encodes else f" plus {self._bound} of the answer ('max_length')"
            return f"too long for the model: {len(tokens)} tokens, at most {self._reads}{room}"
        if self._encodes and self._marks(tokens) > marks:
            return "the source contains text such as </s>, which the model treats as a special token"
        return ""

    def _marks(self, tokens: Sequence[int]) -> int:
        special = set(self._tokenizer.all_special_ids) - {self._tokenizer.unk_token_id}
        return sum(token in special for token in tokens)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Use so many threads of the processor; 0: as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _set_up(model: Any, tokenizer: Any, decoding: Decoding, bound: int) -> frozenset[int]:
    """Set how the model generates; returns the tokens that end an output."""
    settings = model.generation_config
    sampling = decoding.temperature > 0
    settings.update(
        num_beams=decoding.beam_size,
        num_return_sequences=1,
        do_sample=sampling,
        temperature=decoding.temperature if sampling else None,
        top_p=decoding.top_p if sampling else None,
        top_k=0 if sampling else None,
        forced_eos_token_id=None,
        max_length=None,
        max_new_tokens=bound,
    )
    ends = settings.eos_token_id if settings.eos_token_id is not None else tokenizer.eos_token_id
    listed = [ends] if isinstance(ends, int) else list(ends or ())
    if settings.pad_token_id is None:
        settings.pad_token_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else listed[0]
    return frozenset(listed)


def load(folder: Path, name: str, dtype: str, device: Device, decoding: Decoding) -> LoadedModel:
    """Load a model from its folder; no code of the model's own is run, and nothing is fetched.

    Raises:
        EngineUnavailable: the library, the device or a part of the model is missing, or a file is damaged.
    """
    try:
        with quiet():
            import torch
            import transformers
    except Exception as error:  # a broken scientific stack fails in every way there is
        raise EngineUnavailable(f"transformers cannot be imported: {first_line(error)}", hint=INSTALL) from error
    if device == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailable("torch cannot use the graphics card of this machine", hint='device = "cpu"')
    try:
        with quiet():
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model, loading = _class_for(config).from_pretrained(
                folder,
                local_files_only=True,
                dtype="auto" if dtype == "auto" else getattr(torch, dtype),
                output_loading_info=True,
            )
            loaded = LoadedModel(model.eval().to(device), tokenizer, device, decoding)
    except Exception as error:  # so does loading a damaged model
        raise EngineUnavailable(f"the model {name} cannot be loaded: {first_line(error)}", hint=AGAIN) from error
    if loading["missing_keys"]:
        # The library fills such gaps with random numbers, others each time, and merely warns.
        lacking = ", ".join(sorted(loading["missing_keys"])[:3])
        raise EngineUnavailable(f"the files of the model {name} lack the weights {lacking}", hint=AGAIN)
    return loaded


def _class_for(config: Any) -> Any:
    import transformers

    return transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
