"""A language model declined instead of translating."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.screen import beginning_with, screened_by
from harness.checks.texts import Openings
from harness.engines.chat.openings import REFUSAL
from harness.types import Reason
from harness.types.patterns import on_demand
from harness.workspace.languages import primary

_OTHERS = {
    "de": r"(Es tut mir leid|Tut mir leid|Entschuldigung),? (aber )?(ich kann|das kann ich|dabei kann ich|als KI)"
    r"|Ich kann (Ihnen |dir )?(dabei|bei dieser Anfrage|diesen Text|das) (leider )?nicht",
    "es": r"Lo siento,? (pero )?(no puedo|como (modelo|IA))|No puedo (ayudar|traducir|proporcionar|cumplir)",
    "fr": r"(Je suis )?(vraiment )?désolée?,? (mais )?je ne peux|Je ne peux pas (vous aider|traduire|fournir|répondre)",
    "it": r"Mi dispiace,? (ma )?non posso|Non posso (aiutare|aiutarti|tradurre|fornire)",
    "pt": r"(Desculpe|Sinto muito|Lamento),? (mas )?não posso|Não posso (ajudar|traduzir|fornecer)",
}
_PATTERNS = {"en": REFUSAL} | {code: on_demand(pattern, re.IGNORECASE) for code, pattern in _OTHERS.items()}
_ANY = on_demand("|".join(f"(?i:{pattern.pattern})" for pattern in _PATTERNS.values()))


_OPENINGS = Openings("I sorry as es tut entschuldigung ich lo no je vraiment désolé mi non desculpe sinto lamento não")
"""The first words of the patterns."""


@screened_by(beginning_with(_OPENINGS))
def check_refusal(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag a translation that begins like a refusal, unless the source or a reference begins so too."""
    text = item.text.lstrip()
    if not _ANY.match(text):
        return
    code, found = next(
        ((code, match) for code, pattern in _PATTERNS.items() if (match := pattern.match(text))), ("", None)
    )
    if found is None or any(_refuses(other) for other in (item.source, *item.references)):
        return
    # A person in the article may be the one who is sorry; patterns for the source's language do not see every way.
    translated = not item.references and code == primary(context.pair.target)
    start = len(item.text) - len(text)
    why = Reason("flag.refusal", {"text": found[0]})
    yield Flag("refusal", (start + found.start(), start + found.end()), why, 0.7 if translated else 0.97)


def _refuses(text: str) -> bool:
    return any(pattern.match(text.lstrip()) for pattern in _PATTERNS.values())
