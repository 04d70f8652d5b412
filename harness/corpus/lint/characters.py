"""Checks that look at one text: white space, normal form, script, length."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from harness.corpus.lint.finding import Line, LintFinding, sides
from harness.types import Article
from harness.types.patterns import on_demand
from harness.workspace.languages import primary, script_of

SUBWORD_LIMIT = 510
"""What a COMET encoder reads of a text; the rest is cut off without a word."""

# Subwords per character, on the high side; 1,500 letters or 600 ideographs come to the limit.
_SUBWORDS_PER_LETTER = 0.34
_SUBWORDS_PER_IDEOGRAPH = 0.85
_IDEOGRAPH = on_demand("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")

_SPACES = {
    "white space at the beginning or end": on_demand(r"^\s|\s$"),
    "several spaces in a row": on_demand(r"\S {2,}\S"),
    "a tab": on_demand("\t"),
    "a no-break space": on_demand("[\u00a0\u202f]"),
    "an invisible character": on_demand("[\u200b\u2060\ufeff\u00ad]"),
}

# How the names of a script's letters begin in Unicode.
_LETTERS = {
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
    "Armn": ("ARMENIAN",),
    "Geor": ("GEORGIAN",),
    "Ethi": ("ETHIOPIC",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",),
    "Guru": ("GURMUKHI",),
    "Gujr": ("GUJARATI",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Knda": ("KANNADA",),
    "Mlym": ("MALAYALAM",),
    "Sinh": ("SINHALA",),
    "Thai": ("THAI",),
    "Laoo": ("LAO",),
    "Khmr": ("KHMER",),
    "Mymr": ("MYANMAR",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL", "CJK"),
}
_FEWEST_LETTERS = 20
_ARTICLE_SHARE, _SEGMENT_SHARE = 0.5, 0.2


def check_characters(article: Article) -> Iterator[LintFinding]:
    """Everything in this module, file by file."""
    for language, lines in sides(article):
        yield from _white_space(lines, language)
        yield from _normal_form(lines)
        yield from _script(lines, language)
        yield from _too_long(lines)


def estimated_subwords(text: str) -> int:
    """About how many subwords a multilingual tokenizer makes of ``text``; no tokenizer is asked."""
    ideographs = len(_IDEOGRAPH.findall(text))
    return round(_SUBWORDS_PER_IDEOGRAPH * ideographs + _SUBWORDS_PER_LETTER * (len(text) - ideographs))


def letters_of(text: str, language: str) -> tuple[int, int]:
    """How many letters ``text`` has in the script the language is written in, and how many in all.

    A language whose script is not known here has all its letters in it.
    """
    kinds = list(map(_kinds(script_of(language)).__getitem__, text))
    own = kinds.count(_OWN_LETTER)
    return own, own + kinds.count(_OTHER_LETTER)


_NO_LETTER, _OTHER_LETTER, _OWN_LETTER = range(3)


class _Kinds(dict[str, int]):
    """Whether a character is a letter, and of a script; each is looked up once."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self._names = _LETTERS.get(script, ("",))

    def __missing__(self, character: str) -> int:
        own = unicodedata.name(character, "").startswith(self._names)
        kind = _NO_LETTER if not character.isalpha() else _OWN_LETTER if own else _OTHER_LETTER
        self[character] = kind
        return kind


@cache
def _kinds(script: str) -> _Kinds:
    return _Kinds(script)


def _white_space(lines: Sequence[Line], language: str) -> Iterator[LintFinding]:
    for kind, pattern in _SPACES.items():
        if kind == "a no-break space" and primary(language) == "fr":
            continue  # French sets one before ; : ! ? and inside quotation marks
        yield from _counted("white-space", kind, [line for line in lines if pattern.search(line.text)])


def _normal_form(lines: Sequence[Line]) -> Iterator[LintFinding]:
    kind = "text that is not in normal form C: é as two characters"
    yield from _counted("not-nfc", kind, [line for line in lines if not unicodedata.is_normalized("NFC", line.text)])


def _counted(check: str, kind: str, lines: Sequence[Line]) -> Iterator[LintFinding]:
    if lines:
        where = "this line has" if len(lines) == 1 else f"{len(lines)} lines, this is the first, have"
        yield LintFinding("warning", check, lines[0].where, f"{where} {kind}")


def _script(lines: Sequence[Line], language: str) -> Iterator[LintFinding]:
    counts = [letters_of(line.text, language) for line in lines]
    expected, total = sum(count[0] for count in counts), sum(count[1] for count in counts)
    if total >= _FEWEST_LETTERS and expected < _ARTICLE_SHARE * total:
        problem = (
            f"{expected} of {total} letters of this file are in the script of '{language}' ({script_of(language)})"
        )
        yield LintFinding("error", "script", lines[0].where, problem)
        return
    for line, (expected_letters, letters) in zip(lines, counts, strict=True):
        if letters >= _FEWEST_LETTERS and expected_letters < _SEGMENT_SHARE * letters:
            problem = (
                f"{expected_letters} of {letters} letters are in the script of '{language}' ({script_of(language)})"
            )
            yield LintFinding("warning", "script", line.where, problem)


def _too_long(lines: Sequence[Line]) -> Iterator[LintFinding]:
    for line in lines:
        subwords = estimated_subwords(line.text)
        if subwords > SUBWORD_LIMIT:
            problem = (
                f"{len(line.text):,} characters, about {subwords:,} subwords; "
                f"COMET reads only {SUBWORD_LIMIT}. Split the segment"
            )
            yield LintFinding("warning", "too-long", line.where, problem)
