"""Words of a language model around the translation: an introduction, a heading, a note, a code fence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import Openings
from harness.engines.chat.openings import PREAMBLE
from harness.types import Reason

_BEGINNINGS = (
    PREAMBLE,
    re.compile(
        r"(Natürlich|Gerne?|Klar|Selbstverständlich)?[!,.]?\s*(Hier ist|Hier kommt|Dies ist) (die|Ihre|deine|eine) "
        r"(\w+ )?Übersetzung\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(¡?Claro!?|Por supuesto)?[!,.]?\s*(Aquí (está|tienes|tiene)|Esta es) (la|tu|su|una) traducción", re.IGNORECASE
    ),
    re.compile(r"(Bien sûr)?\s*[!,.]?\s*(Voici|Ceci est) (la|votre|une) traduction", re.IGNORECASE),
    re.compile(r"(Certo)?[!,.]?\s*(Ecco|Questa è) (la|una|la tua) traduzione", re.IGNORECASE),
    re.compile(r"(Claro)?[!,.]?\s*(Aqui está|Segue|Esta é) (a|uma|sua) tradução", re.IGNORECASE),
    re.compile(
        r"\W*(Translation|Translated text|Übersetzung|Traducción|Traduction|Traduzione|Tradução)\W*:", re.IGNORECASE
    ),
    re.compile(r"```"),
)
_ENDINGS = (
    re.compile(
        r"(?<![\s(\[*_])[\s(\[*_]+(Note|Translator['’]s note|Anmerkung|Nota|Remarque)\s*:[^:]*\btrans\w+.*",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(r"\s(Let me know if|I hope this (helps|translation)|Please let me know)\b.*", re.IGNORECASE | re.DOTALL),
    re.compile(r"```\s*$"),
)


_ANY_BEGINNING = re.compile("|".join(f"(?i:{pattern.pattern})" for pattern in _BEGINNINGS))


_OPENINGS = Openings(
    "sure certainly of absolutely here below this natürlich gern klar selbstverständlich hier dies claro por aquí esta"
    " bien voici ceci certo ecco questa aqui segue translation translated übersetzung traducción tradução"
)
"""The first words of the beginnings."""


def _with_words_around(batch: Batch, _context: CheckContext) -> Selected:
    return np.array([_OPENINGS.may_begin(item.text) or _may_end(item.text) for item in batch.items])


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
    if "```" in text:
        return True
    folded = text.casefold()
    return "let me know" in folded or "hope this" in folded or (":" in text and "trans" in folded)
