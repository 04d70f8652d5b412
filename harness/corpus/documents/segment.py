"""Paragraphs into sentences, by rule: punctuation, what follows it, and abbreviations.

A sentence ends at ``.``, ``!``, ``?`` or the like, with the quotes and brackets that close behind it, where white
space follows and the next word does not begin with a small letter; in scripts without spaces at ``。``, ``！`` or
``？``. Nothing is lost: joined again, the sentences have every character of the paragraph but white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from harness.corpus.documents.abbreviations import ABBREVIATIONS, ANY_LANGUAGE, ORDINAL_STOP
from harness.types.patterns import on_demand

WITHOUT_SPACES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my"})
"""Languages whose sentences are joined without a space."""

CLOSING_MARKS = "\"'”’»“«)]›"
"""What may stand between the mark that ends a sentence and the white space behind it."""
FINAL_MARKS = ".!?…؟۔।॥։።፡။។།"
FURTHER_FINAL_MARKS = {"el": ";", "hy": ":"}
"""By language: the Greek question mark, and what many type for the Armenian full stop."""
_ENDS = {
    language: on_demand(
        # A search for one character goes faster than one for several, so the first mark stands alone.
        rf"[{FINAL_MARKS}{further}][{FINAL_MARKS}{further}]*"
        rf"(?:[{re.escape(CLOSING_MARKS)}]|[ \u00a0\u202f][»›](?!\w))*(?=\s)"
    )
    for language, further in (("", ""), *FURTHER_FINAL_MARKS.items())
}
_FULL_WIDTH_END = on_demand(
    r"(?:[。！？｡]|[។။](?=\S)|(?<=[\u3040-\u30ff\u4e00-\u9fff])[!?]+(?=[\u3040-\u30ff\u4e00-\u9fff]))(?![」』）”’\"）。！？])"
    r"|[。！？](?:[」』]|[）”’](?=[^」』）”’]))(?![とがはをのにで、。」』）])"
)
_BEFORE_WORD = re.compile(r"[\s、，（「]")
_QUOTED = on_demand(r"(?:이?라|하|다)?(?:고|며|면서)(?!\w)")
"""Korean for "said", which follows a quotation."""
_OPENING = "\"'“”„«»‘’‹›([{¿¡-–—*•· "
_INITIALS = on_demand(r"(?:\w\.)+\w")
_ORDINAL = on_demand(r"\d{1,2}|[IVXLC]+")
_LONGEST_ABBREVIATION = 25
_WORDS_KEPT = 16_384
"""Texts of several systems end their sentences in the same words."""


def split_sentences(text: str, language: str) -> list[str]:
    """Split a paragraph.

    Args:
        text: One paragraph.
        language: its BCP-47 tag; an unknown one is split without abbreviations.

    Returns:
        Sentences without white space at their ends; none is empty.
    """
    primary = _primary(language)
    cuts = [*_spaced_ends(text, primary)]
    if primary in WITHOUT_SPACES:
        cuts = sorted({*cuts, *_full_width_ends(text)})
    pieces = [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [piece for piece in pieces if piece]


def join_sentences(sentences: Sequence[str], language: str) -> str:
    """Several sentences as one segment."""
    return ("" if _primary(language) in WITHOUT_SPACES else " ").join(sentences)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _full_width_ends(text: str) -> Iterator[int]:
    return (match.end() for match in _FULL_WIDTH_END.finditer(text))


def _spaced_ends(text: str, language: str) -> Iterator[int]:
    start = 0
    for match in _ENDS.get(language, _ENDS[""]).finditer(text):
        mark, end = match.span()
        # Behind nearly every end stand a space and a capital: no more need be asked of these.
        if not text[end + 1 : end + 2].isupper() and _goes_on(text[end : end + 8], language):
            continue
        before = text[max(start, mark - _LONGEST_ABBREVIATION) : mark]
        if end == mark + 1 and text[mark] == "." and _belongs_to_word(before, language):
            continue
        start = end
        yield start


def _goes_on(behind: str, language: str) -> bool:
    """Whether what stands behind the end of a sentence says that it is none."""
    following = behind.lstrip().lstrip(_OPENING)
    return following[:1].islower() or (language == "ko" and _QUOTED.match(following) is not None)


def _last_word(before: str) -> str:
    """What stands behind the last space or opening bracket, or the last but one if the text ends in a line break."""
    word = before.rsplit(maxsplit=1)[-1:]
    if word and word[0].isalnum() and not before[-1].isspace():
        return word[0]
    return _BEFORE_WORD.split(before.removesuffix("\n"))[-1]


def _belongs_to_word(before: str, language: str) -> bool:
    """Whether a full stop behind these characters belongs to an abbreviation, an initial or an ordinal number."""
    # A full stop at the beginning of a line still belongs to the line above.
    return _takes_full_stop(_last_word(before), language)


@lru_cache(maxsize=_WORDS_KEPT)
def _takes_full_stop(word: str, language: str) -> bool:
    word = word.lstrip(_OPENING)
    if word.lower() in ABBREVIATIONS.get(language, ANY_LANGUAGE):
        return True
    if word[1:].islower() and word.isalpha():
        return False
    # Also "z. B." and "i. d. R.", which are written with spaces; no sentence of these languages ends in one letter.
    if (len(word) == 1 and word.isalpha()) or _INITIALS.fullmatch(word):
        return True
    return language in ORDINAL_STOP and _ORDINAL.fullmatch(word) is not None
