"""What of a sentence may be found again in its translation: words, numbers, marks, and the bones of names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_PIECE = re.compile(
    r"(?P<mark>https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+|[#@]\w+)"
    r"|(?P<number>\d+(?:[.,'’]\d{3})+(?!\d)|\d+)"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+)"
    r"|(?P<kana>[\u30a1-\u30fa\u30fc-\u30ff]+)"
    r"|(?P<skipped>[\u3041-\u309f]+)"
    r"|(?P<latin>(?:[^\W\d_](?<=[A-Za-z\u00aa-\u024f\u1e00-\u1eff]))+)"
    r"|(?P<word>(?:[^\W\d_](?<![A-Za-z\u00aa-\u024f\u1e00-\u1eff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]))+)"
)
_SPACE_IN_NUMBER = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_NOT_DIGIT = re.compile(r"\D")
_STEM = 5
"""So many letters of a word stand for all its forms."""

_STEM_OF_HANGUL = 2
"""As many syllables say as much as five letters."""

_SHORTEST_BARE, _SHORTEST_HANGUL = 3, 2
_PREFIXES = {
    "ARABIC": re.compile("[وف]?(?:[بك]?ال|لل|[بلك](?=.{4}))|[وف](?=.{4})"),
    "HEBREW": re.compile("ו?ש?[בלמכ]?ה?(?=.{3})"),
}
_PARTICLE = re.compile("(?:에서|에게|으로|부터|까지|이라|처럼|보다|[은는이가을를의에와과도로만])(?:[는도의])?$")

_CLASSES = str.maketrans(
    {"B": "P", "V": "P", "F": "P", "D": "T", "G": "K", "Q": "K", "C": "K", "X": "K", "Z": "S", "J": "S", "L": "R"}
)
_DIGRAPHS = (("PH", "P"), ("TH", "T"), ("SH", "S"), ("CH", "K"), ("CK", "K"), ("TZ", "S"), ("TS", "S"), ("GH", ""))
_SILENT = re.compile(r"[AEIOUYWH]+")
_ACCENTED = re.compile(r"[\u00c0-\u06ff\u1e00-\u1fff]")
_UNHEARD = frozenset({"ALEF", "AIN", "AYIN", "YEH", "WAW", "YOD", "VAV", "HAMZA"})
_IRREGULAR = {"フ": "FU", "ヴ": "V", "ッ": "", "ー": ""}
_NAMED = re.compile(r"(?:LETTER|SYLLABLE|LIGATURE) (?:SMALL |FINAL |SHORT )*([A-Z]+)")


def tokens(text: str) -> Counter[str]:
    """The pieces of a text with how often each is there.

    Numbers begin with ``#`` and have no thousands separators, addresses begin with ``@``. Runs of Han characters
    are pairs of neighbours, as there are no spaces to tell words apart; hiragana, which spells endings, is left out.
    """
    counts: Counter[str] = Counter()
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", _SPACE_IN_NUMBER.sub("", text))):
        kind, piece = match.lastgroup, match[0]
        if kind == "number":
            counts["#" + _ascii_digits(_NOT_DIGIT.sub("", piece))] += 1
        elif kind == "mark":
            counts["@" + piece.casefold().rstrip(".,;:)")] += 1
        elif kind == "han":
            counts.update([piece] if len(piece) == 1 else [piece[n : n + 2] for n in range(len(piece) - 1)])
        elif kind in {"latin", "word", "kana"}:
            counts[fold(piece)] += 1
    return counts


_SMALL = re.compile(r"\b[^\W\d_]+")


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words, folded, that are somewhere written with a small letter at the beginning."""
    return frozenset(fold(match[0]) for text in texts for match in _SMALL.finditer(text) if match[0][0].islower())


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word without case, and without accents where an accent makes no other letter."""
    if not _ACCENTED.search(word):
        return word.casefold()
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter)
    )


def is_number(token: str) -> bool:
    """Whether a token is a number."""
    return token.startswith("#")


def is_exact(token: str) -> bool:
    """Whether a token is a number or an address: equal or different, never alike."""
    return token.startswith(("#", "@"))


@lru_cache(maxsize=1 << 16)
def alphabet(token: str) -> str:
    """The script of a word by its first letter, as the Unicode standard names it."""
    return unicodedata.name(token[0], "").partition(" ")[0]


@lru_cache(maxsize=1 << 16)
def stem(token: str) -> str:
    """What the forms of a word have in common, roughly: its first letters, without what is written together with it."""
    if is_exact(token):
        return token
    length = _STEM_OF_HANGUL if alphabet(token) == "HANGUL" else _STEM
    return bare(token)[:length]


@lru_cache(maxsize=1 << 16)
def bare(token: str) -> str:
    """A word without the article, the prepositions and the particles that its language writes together with it.

    By script: prefixes of Arabic and Hebrew, particles of Korean. What is left has at least three letters, of Korean
    at least two.
    """
    script = alphabet(token)
    if script == "HANGUL":
        match = _PARTICLE.search(token)
        return token[: match.start()] if match and match.start() >= _SHORTEST_HANGUL else token
    match = _PREFIXES[script].match(token) if script in _PREFIXES else None
    return token[match.end() :] if match and len(token) - match.end() >= _SHORTEST_BARE else token


@lru_cache(maxsize=1 << 16)
def skeleton(token: str) -> str:
    """The consonants of a word, alike ones as one, in Latin capitals: ``trump`` and ``トランプ`` are ``TRNP``.

    The names of letters in the Unicode standard say how they sound in every alphabet and syllabary. Empty for
    numbers, addresses and Han characters.
    """
    if is_exact(token):
        return ""
    sounds = "".join(_sound(letter) for letter in token)
    for written, spoken in _DIGRAPHS:
        sounds = sounds.replace(written, spoken)
    bones = _SILENT.sub("", sounds).translate(_CLASSES).replace("M", "N")
    return re.sub(r"(.)\1+", r"\1", bones)


@lru_cache(maxsize=1 << 12)
def _sound(letter: str) -> str:
    if letter.isascii():
        return letter.upper()
    if letter in _IRREGULAR:
        return _IRREGULAR[letter]
    name = unicodedata.name(letter, "")
    named = _NAMED.search(name)
    if named is None:
        return ""
    if name.startswith(("KATAKANA", "HIRAGANA", "HANGUL", "LATIN")):
        return named[1]
    consonants = _SILENT.sub("", named[1])
    return "" if named[1] in _UNHEARD else consonants[:1]


def _ascii_digits(digits: str) -> str:
    return "".join(str(unicodedata.digit(digit)) for digit in digits)
