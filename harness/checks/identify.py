"""Which language a text is in: by the eldc library for the languages it knows, otherwise by function words.

The library chooses among all its languages: a text of four words that is in the target language is taken for another
one in 1 of 2,500 cases. Function words are compared with those of the pair, English, and the relatives of the target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Protocol

from harness.checks.texts import words
from harness.corpus.lint.language import function_words
from harness.types import LangPair
from harness.workspace.languages import primary, script_of

_FAMILIES = (
    "nl de af da",
    "da nb nn sv is",
    "es ca pt it fr",
    "cs sk pl sl",
    "sl hr sr bs sk",
    "ru uk be bg mk sr",
    "bg mk sr",
    "en nl de fr",
    "fi et",
    "lv lt",
    "tr az kk",
    "id ms tl",
    "hi mr ne",
    "ar fa ur",
    "zh ja ko",
    "ro it fr es",
    "hu fi",
    "vi en",
)
_ONE_LANGUAGE = ({"nb", "nn", "no"}, {"hr", "bs", "sr"}, {"id", "ms"})
"""Written so alike that a sentence does not tell: none of these is wrong for another."""

_ISO = {"no": "nb", "yue": "zh", "iw": "he", "fil": "tl", "cmn": "zh"}
_LIBRARY_CODES = {"nb": "no", "nn": "no", "id": "ms", "bs": "hr"}
"""Languages the library knows by another's code, which a sentence does not tell from them."""
_LATIN_CODES = {"sr": "hr", "ku": "ku-Latn"}
"""Codes, where they are written in Latin, of languages that the library knows in another script: Serbian as Croatian,
Kurdish not at all."""
_MOST_SCORES = 20
_ENOUGH_LEAD, _ENOUGH_LEADS = 0.01, {"Cyrl": 0.005, "Deva": 0.002}
"""By how much another language's score exceeds that of the target before a text of 100 letters or more is in it; and in
scripts whose languages have most sequences of letters in common, so that all scores lie close together."""
_LEAD_BY_RELATIVE = 6.0
"""How many times that for a language that the library knows by another's code, such as Nynorsk by Bokmål."""
_KNOWN_BADLY = frozenset({"yo"})
"""Languages that the library takes for many others; it may only choose between them and those of the pair."""
_FULL_LENGTH = 100
"""Letters; shorter texts need a lead that is greater in proportion."""

_FEWEST_HITS = 3
_LEAD = 3


class Identifier(Protocol):
    """Says how likely a text is in the target language, and in which other it is."""

    def __call__(self, text: str) -> tuple[str, float]:
        """Return the likeliest language and the probability of the target, or 1 where that is the likeliest."""


@cache
def language_identifier() -> str:
    """What tells languages apart here, for reports: name and version, or the fallback in words."""
    if find_spec("eldc") is None:
        return "script and function words (install 'translation-harness[langid]' to tell relatives apart)"
    return f"eldc {version('eldc')}"


def candidates(pair: LangPair) -> tuple[str, ...]:
    """Languages a translation of this pair may be in: target first, then source, English and relatives."""
    source, target = _code(pair.source), _code(pair.target)
    families = [family.split() for family in _FAMILIES]
    relatives = [code for own in (target, source) for family in families if own in family for code in family]
    return tuple(dict.fromkeys([target, source, "en", *relatives]))


def same_language(a: str, b: str) -> bool:
    """Whether a sentence cannot tell the two apart."""
    return a == b or any(a in group and b in group for group in _ONE_LANGUAGE)


@cache
def _written_alike(target: str) -> frozenset[str]:
    """The codes of the library that a sentence cannot tell from this one."""
    return frozenset(code for code in (target, *_library().LANGUAGES) if same_language(code, target))


@cache
def identifier_for(pair: LangPair) -> Identifier:
    """The best there is for this pair."""
    codes = candidates(pair)
    target = _LIBRARY_CODES.get(codes[0], codes[0])
    if script_of(pair.target) == "Latn":
        target = _LATIN_CODES.get(target, target)
    if find_spec("eldc") is None or target not in _library().LANGUAGES:
        return partial(_by_function_words, codes=codes)
    detector = _library().instance()
    if target in _KNOWN_BADLY:
        known = {_LIBRARY_CODES.get(code, code) for code in codes} & {*_library().LANGUAGES}
        detector.set_languages(sorted(known))
    detector.set_scores(_MOST_SCORES)
    enough = _ENOUGH_LEADS.get(script_of(pair.target), _ENOUGH_LEAD)
    enough *= 1.0 if target == codes[0] else _LEAD_BY_RELATIVE
    return partial(_by_library, detector=detector, target=target, enough=enough)


@cache
def _library() -> Any:
    import eldc

    eldc.init()
    return eldc


def _by_library(text: str, *, detector: Any, target: str, enough: float) -> tuple[str, float]:
    """A logistic curve of the target's lead: 0.5 where another language leads by nothing, 0.2 where by just enough.

    1 where the target leads: by how much need not be known.
    """
    try:
        leading = detector.detect(text)
    except UnicodeEncodeError:  # half of a surrogate pair, which is no letter
        text = text.encode("utf-8", "ignore").decode()
        leading = detector.detect(text)
    if leading == target:
        return target, 1.0
    scores: dict[str, float] = detector.detect_details(text).scores
    own = _written_alike(target)
    others = {code: score for code, score in scores.items() if code not in own}
    if not others:
        return target, 1.0
    best = max(others, key=others.__getitem__)
    lead = scores.get(target, 0.0) - others[best]
    enough *= max(1.0, _FULL_LENGTH / max(1, sum(map(str.isalpha, text))))
    likely = 1 / (1 + math.exp(-max(-500.0, min(500.0, math.log(4) * lead / enough))))
    return (best if lead < 0 else target), likely


def _by_function_words(text: str, *, codes: Sequence[str]) -> tuple[str, float]:
    """Count the words only one language of a couple has; near certainty or no opinion."""
    target = codes[0]
    text_words = [word.casefold() for word in words(text)]
    target_words = function_words(target)
    for code in codes[1:]:
        other = function_words(code)
        if not target_words or not other or same_language(code, target):
            continue
        theirs = sum(word in other - target_words for word in text_words)
        ours = sum(word in target_words - other for word in text_words)
        if theirs >= _FEWEST_HITS and theirs >= _LEAD * ours:
            return code, 1 / (1 + theirs)
    return target, 1.0


def _code(tag: str) -> str:
    code = primary(tag)
    return _ISO.get(code, code)
