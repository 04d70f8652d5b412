"""Text to token numbers, with the tokenizer of the encoder, cut where the library cuts."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

SPECIAL = ("<s>", "</s>", "<unk>", "<pad>")
SEPARATOR = "</s>"

IN_MEMORY = 32768
"""Texts whose tokens are remembered: some 16 MiB for sentences."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text, or several in one sequence."""

    ids: list[int]
    truncated: bool
    offsets: tuple[tuple[int, int], ...] = ()
    """Where each token of the hypothesis stands in it, in characters; empty where no words are marked."""


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
        self._remembered: OrderedDict[tuple[str, bool], Tokens] = OrderedDict()
        self.separator = int(self._tokenizer.token_to_id(SEPARATOR))

    def encode(self, texts: Sequence[str], *, offsets: bool = False) -> list[Tokens]:
        """Token numbers of each text, ``<s>`` and ``</s>`` included."""
        new = list(dict.fromkeys(text for text in texts if (text, offsets) not in self._remembered))
        known = {text: self._remembered[text, offsets] for text in texts if (text, offsets) in self._remembered}
        for text, found in zip(new, self._tokenizer.encode_batch(new), strict=True):
            places = tuple(found.offsets) if offsets else ()
            known[text] = self._remembered[text, offsets] = Tokens(found.ids, bool(found.overflowing), places)
        while len(self._remembered) > IN_MEMORY:
            self._remembered.popitem(last=False)
        return [known[text] for text in texts]


_SHARED: WeakValueDictionary[tuple[str, int], PackedTokenizer] = WeakValueDictionary()


def shared_tokenizer(path: Path, limit: int) -> PackedTokenizer:
    """One tokenizer for all models of this process with the same file, so that COMET and CometKiwi tokenize once."""
    with path.open("rb") as file:
        key = (hashlib.file_digest(file, "sha256").hexdigest(), limit)
    tokenizer = _SHARED.get(key)
    if tokenizer is None:
        tokenizer = _SHARED[key] = PackedTokenizer(path, limit)
    return tokenizer
