"""How much every feature says: log-linear weights, fitted by conditional likelihood.

``WEIGHTS``: on the first 62 documents of NTREX-128, English with Spanish, German, Czech, Japanese and Arabic, each
pair of documents alone, whole and with a tenth of the target's sentences missing. ``WEIGHTS_WITH_TRANSLATION``: the
same with Apertium, English with Spanish and Catalan and from Icelandic. No pair of two alphabets is among these, so
``sound`` is 0; nor is there a bead larger than three to one, so the weight of these is that of the next smaller, less
1. Nothing is specific to a language. ``python -m tests.bench align --fit`` fits them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, float]] = {
    "1-1": 3.406,
    "1-2": 0.946,
    "2-2": 0.324,
    "2-3": -1.122,
    "1-3": -0.4,
    "1-4": -0.574,
    "1-0": -0.658,
    "length": 3.2,
    "end differs": -1.223,
    "rare end": 0.741,
    "quotes": -0.845,
    "number": 1.16,
    "lone number": -1.027,
    "spelling": 1.109,
    "sound": 0.536,
    "lexicon": 0.585,
}

WEIGHTS_WITH_TRANSLATION: Final[Mapping[str, float]] = {
    "1-1": 5.885,
    "1-2": 3.469,
    "2-2": 1.566,
    "2-3": 0.566,
    "1-3": 1.951,
    "1-4": 0.951,
    "1-0": 1.354,
    "length": 4.638,
    "end differs": -2.076,
    "rare end": 0.838,
    "quotes": -0.281,
    "number": 3.206,
    "lone number": -0.849,
    "spelling": 0.874,
    "sound": 0.0,
    "lexicon": 0.836,
    "translation": 0.611,
}
