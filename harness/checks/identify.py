"""Which language a text is in: by the lingua library where it is installed, otherwise by script and function words.

The library is told what to choose from: the languages of the pair, English, and the relatives of the target. With
fewer choices it errs less, and the relatives are those a score hardly notices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from harness.checks.texts import words
from harness.corpus.lint.language import function_words
from harness.types import LangPair
from harness.workspace.languages import primary

if TYPE_CHECKING:
    from lingua import Language, LanguageDetector

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
_NO_PROOF = {"cs": str.maketrans("óÓ", "oO")}
"""Letters the library takes as proof against a language that has them in loan words: gól, sezóna."""

_FEWEST_HITS = 3
_LEAD = 3


class Identifier(Protocol):
    """Says how likely a text is in the target language, and in which other it is."""

    def __call__(self, text: str) -> tuple[str, float]:
        """Return the likeliest language and the probability of the target."""


@cache
def language_identifier() -> str:
    """What tells languages apart here, for reports: name and version, or the fallback in words."""
    if find_spec("lingua") is None:
        return "script and function words (install 'translation-harness[langid]' to tell relatives apart)"
    return f"lingua {version('lingua-language-detector')}"


def candidates(pair: LangPair) -> tuple[str, ...]:
    """Languages a translation of this pair may be in: target first, then source, English and relatives."""
    source, target = _code(pair.source), _code(pair.target)
    families = [family.split() for family in _FAMILIES]
    relatives = [code for own in (target, source) for family in families if own in family for code in family]
    return tuple(dict.fromkeys([target, source, "en", *relatives]))


def same_language(one: str, other: str) -> bool:
    """Whether a sentence cannot tell the two apart."""
    return one == other or any(one in group and other in group for group in _ONE_LANGUAGE)


@cache
def identifier_for(pair: LangPair) -> Identifier:
    """The best there is for this pair; built once, because models are loaded with it."""
    codes = candidates(pair)
    if find_spec("lingua") is None or codes[0] not in _lingua_languages():
        return partial(_by_function_words, codes=codes)
    from lingua import LanguageDetectorBuilder

    languages = _lingua_languages()
    builder = LanguageDetectorBuilder.from_languages(*[languages[code] for code in codes if code in languages])
    return partial(_by_library, detector=builder.build(), target=codes[0])


@cache
def _lingua_languages() -> Mapping[str, Language]:
    from lingua import Language

    return {language.iso_code_639_1.name.lower(): language for language in Language.all()}


def _by_library(text: str, *, detector: LanguageDetector, target: str) -> tuple[str, float]:
    found = detector.compute_language_confidence_values(text.translate(_NO_PROOF.get(target, {})))
    values = {value.language.iso_code_639_1.name.lower(): value.value for value in found}
    right = sum(value for code, value in values.items() if same_language(code, target))
    return max(values, key=values.__getitem__), right


def _by_function_words(text: str, *, codes: Sequence[str]) -> tuple[str, float]:
    """Count the words only one language of a couple has; near certainty or no opinion."""
    target = codes[0]
    found = [word.casefold() for word in words(text)]
    own = function_words(target)
    for code in codes[1:]:
        other = function_words(code)
        if not own or not other or same_language(code, target):
            continue
        theirs = sum(word in other - own for word in found)
        ours = sum(word in own - other for word in found)
        if theirs >= _FEWEST_HITS and theirs >= _LEAD * ours:
            return code, 1 / (1 + theirs)
    return target, 1.0


def _code(tag: str) -> str:
    code = primary(tag)
    return _ISO.get(code, code)
