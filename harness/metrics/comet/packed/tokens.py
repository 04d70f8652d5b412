"""Text to token numbers, with the tokenizer of the encoder, cut where the library cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SPECIAL = ("<s>", "</s>", "<unk>", "<pad>")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text."""

    ids: list[int]
    truncated: bool


class PackedTokenizer:
    """``tokenizer.json`` as XLM-R's fast tokenizer reads it."""

    def __init__(self, path: Path, limit: int) -> None:
        from tokenizers import AddedToken, Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        # XLMRobertaTokenizerFast adds these where the file does not: a text may say "<pad>".
        self._tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in SPECIAL])
        self._tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Token numbers of each text, ``<s>`` and ``</s>`` included."""
        return [Tokens(found.ids, bool(found.overflowing)) for found in self._tokenizer.encode_batch(list(texts))]
