"""How much of a test set is in training data or a translation memory: exactly, or by its runs of eight words.

A text of at least :data:`FEWEST` words overlaps where it equals a whole line, cell or ``<seg>``, or where it has
8-grams and at least :data:`SHARE` of them occur in the file, the rule of PaLM (Chowdhery et al. 2022, section 8). Case,
white space and punctuation do not count. In scripts without spaces each character is a word.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import regex

from harness.corpus.importers.codes import TMX_CODES, Codes, inline_text
from harness.corpus.importers.head import read_head
from harness.corpus.importers.markup import iterate_xml
from harness.corpus.lint.finding import LintFinding, reference_at, source_at
from harness.errors import DataError
from harness.store.files import open_regular
from harness.types import Article, Corpus, LangPair, Overlap

RUN: Final = 8
"""Words of an n-gram."""

SHARE: Final = 0.7
"""Share of the 8-grams from which a text counts as seen."""

FEWEST: Final = 4
"""Texts of fewer words are headings and phrases that occur everywhere."""

LONGEST_LINE: Final = 1 << 20
"""Characters of a line that are looked at together; a longer one is read in parts."""

_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = regex.compile(rf"[{_ALONE}]|[[\w]--[{_ALONE}]]+", regex.V1)

_CONVERT = "convert it to TMX or to UTF-8 text first"

Side = Literal["source", "reference"]


@dataclass(slots=True)
class _Text:
    """A text of the test set, and what of it was found."""

    pair: LangPair
    side: Side
    where: str
    words: str
    grams: frozenset[str]
    equal: str = ""
    """Place of the first line that is the same; empty where none was found."""


@dataclass(slots=True)
class _Seen:
    """The test set, and which of its 8-grams a file has."""

    texts: list[_Text]
    by_words: dict[str, list[_Text]] = field(default_factory=dict)
    grams: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for text in self.texts:
            self.by_words.setdefault(text.words, []).append(text)
            self.grams |= text.grams

    def look_at(self, where: str, text: str) -> None:
        words = words_of(text)
        for same in self.by_words.get(" ".join(words), ()):
            same.equal = same.equal or where
        self.found.update(gram for gram in _grams(words) if gram in self.grams)


def check_overlap(corpora: Sequence[Corpus], path: Path) -> Iterator[LintFinding]:
    """Texts of the test set that occur in a file, after one line for each pair and side that says how many.

    Args:
        corpora: the test set.
        path: UTF-8 text, one or several columns separated by tabs, or TMX. Read once, from beginning to end, whatever
            its size; only the test set is kept in memory.

    Raises:
        DataError: the file cannot be read, or is neither.
    """
    seen = _search(corpora, path)
    findings = [(text, what) for text in seen.texts if (what := _overlap(text, seen.found, path))]
    sizes = Counter((text.pair, text.side) for text in seen.texts)
    overlapping = Counter((text.pair, text.side) for text, _ in findings)
    for (pair, side), count in overlapping.items():
        extent = f"{count} of {sizes[pair, side]} {side}s of at least {FEWEST} words"
        problem = f"{extent} are also in {path}: scores of systems that know it say little"
        yield LintFinding("warning", "overlap", str(pair), problem)
    for text, what in findings:
        yield LintFinding("warning", "overlap", text.where, f"this {text.side} {what}")


def count_overlap(corpora: Sequence[Corpus], path: Path) -> dict[LangPair, Overlap]:
    """How many texts of each pair occur in a file; see :func:`check_overlap`.

    Raises:
        DataError: the file cannot be read, or is neither text nor TMX.
    """
    seen = _search(corpora, path)
    of = Counter((text.pair, text.side) for text in seen.texts)
    known = Counter((text.pair, text.side) for text in seen.texts if _overlap(text, seen.found, path))
    return {
        pair: Overlap(known[pair, "source"], of[pair, "source"], known[pair, "reference"], of[pair, "reference"])
        for pair in (corpus.pair for corpus in corpora)
    }


def _search(corpora: Sequence[Corpus], path: Path) -> _Seen:
    """Look for the test set in the whole file."""
    seen = _Seen([text for corpus in corpora for article in corpus.articles for text in _texts(article)])
    for where, line in _read(path):
        seen.look_at(where, line)
    return seen


def _overlap(text: _Text, found: set[str], path: Path) -> str:
    """What of a text is in the file; empty where that is too little."""
    if text.equal:
        return f"is also at {text.equal}"
    share = len(text.grams & found) / len(text.grams) if text.grams else 0.0
    return f"is in {path}, too: {share:.0%} of its runs of {RUN} words" if share >= SHARE else ""


def _texts(article: Article) -> Iterator[_Text]:
    """The texts that are long enough; of several references each."""
    for segment in article.segments:
        sides: list[tuple[Side, str, str]] = [("source", source_at(article, segment), segment.source)]
        sides += [
            ("reference", reference_at(article, segment, index), text) for index, text in enumerate(segment.references)
        ]
        for side, where, text in sides:
            words = words_of(text)
            if len(words) >= FEWEST:
                yield _Text(article.pair, side, where, " ".join(words), frozenset(_grams(words)))


def words_of(text: str) -> list[str]:
    """The words that are compared: without case and punctuation, and in scripts without spaces each character."""
    words: list[str] = WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return words


def _grams(words: Sequence[str]) -> Iterator[str]:
    return (" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of a file, each with its place."""
    root = read_head(path).root
    if root == "tmx":
        yield from _tmx(path)
    elif root:
        raise DataError(f"{path}: neither TMX nor text, but <{root}>", hint=_CONVERT)
    else:
        yield from _lines(path)


def _tmx(path: Path) -> Iterator[tuple[str, str]]:
    codes = Codes(Counter(), TMX_CODES)
    for event, element in iterate_xml(path, "tmx", (), ("tu",)):
        if event == "end" and element.tag.rpartition("}")[2] == "tu":
            where = f"{path}:{element.sourceline}"
            for segment in element.iter("{*}seg"):
                yield where, inline_text(segment, codes, where)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    number = 1
    try:
        with io.TextIOWrapper(open_regular(path, most=math.inf), encoding="utf-8-sig", newline="\n") as file:
            while line := file.readline(LONGEST_LINE):
                if "\0" in line:
                    raise DataError(f"{path}:{number}: not a text file", hint=_CONVERT)
                for cell in line.split("\t"):
                    yield f"{path}:{number}", cell
                number += line.endswith("\n")
    except UnicodeDecodeError:
        raise DataError(f"{path}:{number}: not UTF-8", hint=_CONVERT) from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from None
