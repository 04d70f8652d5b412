"""Words of a language model around the translation: an introduction, a heading, a note, a code fence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from harness.checks.characters import Selected, sign
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.screen import Batch, beginning_with, screened_by
from harness.checks.texts import Openings
from harness.engines.chat.openings import PREAMBLE
from harness.types import Reason
from harness.types.patterns import on_demand

_BEGINNINGS = (
    PREAMBLE,
    on_demand(
        r"(Natürlich|Gerne?|Klar|Selbstverständlich)?[!,.]?\s*(Hier ist|Hier kommt|Dies ist) (die|Ihre|deine|eine) "
        r"(\w+ )?Übersetzung\b",
        re.IGNORECASE,
    ),
    on_demand(
        r"(¡?Claro!?|Por supuesto)?[!,.]?\s*(Aquí (está|tienes|tiene)|Esta es) (la|tu|su|una) traducción", re.IGNORECASE
    ),
    on_demand(r"(Bien sûr)?\s*[!,.]?\s*(Voici|Ceci est) (la|votre|une) traduction", re.IGNORECASE),
    on_demand(r"(Certo)?[!,.]?\s*(Ecco|Questa è) (la|una|la tua) traduzione", re.IGNORECASE),
    on_demand(r"(Claro)?[!,.]?\s*(Aqui está|Segue|Esta é) (a|uma|sua) tradução", re.IGNORECASE),
    on_demand(
        r"\W*(Translation|Translated text|Übersetzung|Traducción|Traduction|Traduzione|Tradução)\W*:", re.IGNORECASE
    ),
    on_demand(r"```"),
)
_ENDINGS = (
    on_demand(
        r"(?<![\s(\[*_])[\s(\[*_]+(Note|Translator['’]s note|Anmerkung|Nota|Remarque)\s*:[^:]*\btrans\w+.*",
        re.IGNORECASE | re.DOTALL,
    ),
    on_demand(r"\s(Let me know if|I hope this (helps|translation)|Please let me know)\b.*", re.IGNORECASE | re.DOTALL),
    on_demand(r"```\s*$"),
)


_ANY_BEGINNING = on_demand("|".join(f"(?i:{pattern.pattern})" for pattern in _BEGINNINGS))


_OPENINGS = Openings(
    "sure certainly of absolutely here below this natürlich gern klar selbstverständlich hier dies claro por aquí esta"
    " bien voici ceci certo ecco questa aqui segue translation translated übersetzung traducción tradução",
    after_signs=True,
)
"""The first words of the beginnings."""
_beginning = beginning_with(_OPENINGS)


_ENDS = ("```", "let me know", "hope this")
"""One of which every ending has, but for notes, which have a colon and speak of a translation."""


_FOLDED_TO_ASCII = sign(
    lambda character: not character.isascii() and re.search("[a-z]", character.casefold()) is not None
)
"""Characters such as ``ß``, of which letters of ASCII are made without case."""


def _with_words_around(batch: Batch, context: CheckContext) -> Selected:
    texts = batch.texts
    selected = _beginning(batch, context)
    for end in _ENDS:
        selected |= texts.containing(end)
    for row in np.flatnonzero((texts.containing(":") | texts.having(_FOLDED_TO_ASCII)) & ~selected).tolist():
        selected[row] = _may_end(texts.texts[row])
    return selected


@screened_by(_with_words_around)
def check_preamble(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag what stands before or after a translation, unless the source or a reference has the like."""
    others = (item.source, *item.references)
    indent = len(item.text) - len(item.text.lstrip())
    for pattern in _BEGINNINGS if _ANY_BEGINNING.match(item.text, indent) else ():
        match = pattern.match(item.text, indent)
        if match and not any(pattern.match(other.strip()) for other in others):
            why = Reason("flag.preamble.start", {"text": match[0].strip()})
            yield Flag("preamble", match.span(), why, 0.95)
            return
    for pattern in _ENDINGS if _may_end(item.text) else ():
        match = pattern.search(item.text)
        if match and not any(pattern.search(other.strip()) for other in others):
            why = Reason("flag.preamble.end", {"text": match[0].strip()[:60]})
            yield Flag("preamble", match.span(), why, 0.85)
            return


def _may_end(text: str) -> bool:
    """Whether the text has what every ending has one of."""
    folded = text.casefold()
    return any(end in folded for end in _ENDS) or (":" in text and "trans" in folded)
