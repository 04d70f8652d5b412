"""How much every feature says: log-linear weights, fitted by conditional likelihood.

``WEIGHTS``: on the first 62 documents of NTREX-128, English with Spanish, German, Czech, Japanese and Arabic, whole
and with a tenth of the target's sentences missing. ``WEIGHTS_WITH_TRANSLATION``: the same with Apertium, English with
Spanish and Catalan both ways and from Icelandic; no pair of two alphabets is among them, so ``sound`` is left at 0.
Nothing is specific to a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, float]] = {
    "pair": 5.035,
    "1-2": -1.537,
    "2-2": -2.788,
    "1-3": -3.917,
    "1-0": 0.711,
    "length": 3.909,
    "end differs": -1.09,
    "rare end": 0.48,
    "quotes": -0.706,
    "number": 2.628,
    "lone number": -0.522,
    "spelling": 1.237,
    "sound": 0.382,
    "lexicon": 1.139,
}

WEIGHTS_WITH_TRANSLATION: Final[Mapping[str, float]] = {
    "pair": 5.885,
    "1-2": -2.416,
    "2-2": -4.319,
    "1-3": -3.934,
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
