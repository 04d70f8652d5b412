"""Checks that look at a source text beside its references: copies, placeholders, lengths."""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from harness.corpus.lint.alignment import spread, typical_ratio
from harness.corpus.lint.finding import LintFinding, reference_at
from harness.types import Article, Corpus, Segment
from harness.types.patterns import on_demand

_PLACEHOLDER = on_demand(
    r"\$?\{{1,2}[\w.:]*\}{1,2}"  # {name} {0} {{name}} ${name}
    r"|(?<!\d)%(?:\(\w+\))?(?:\d+\$)?(?:\.\d+)?[sdifxu@](?![^\W_])"  # %s %d %1$s %(name)s %.2f
    r"|</?[A-Za-z][\w:-]*(?:\s[^<>]*)?/?>"  # <b> </b> <a href="..."> <br/>
)
_TAG_NAME = on_demand(r"</?[A-Za-z][\w:-]*")

UNTRANSLATABLE = on_demand(r"(?:https?:\s?//|www\.|[@#])\S+|(?<!\S)\S+@\S+")
"""Addresses, handles and hashtags are the same in every language."""
_SIGN_OF_AN_ADDRESS = on_demand("[@#]")
_SIGNS_OF_PLACEHOLDERS = ("{", "%", "<")
"""What no match of the pattern lacks: looking for it takes a hundredth of the time of a search that finds nothing."""

_MOSTLY = 0.5
_FEWEST_COPIES = 5
_FEWEST_PAIRS = 20
_FEWEST_CHARACTERS = 20
_OUTLIER = 5.0
_MAD_TO_DEVIATION = 1.4826


def check_copies(corpus: Corpus) -> Iterator[LintFinding]:
    """References that are the source text itself; when most are, the wrong file was taken."""
    copies = []
    total = 0
    for article, segment, index in _references(corpus):
        total += 1
        text = _plain(segment.source)
        if text == _plain(segment.references[index]) and any(map(str.isalpha, replace_untranslatable(text, ""))):
            copies.append(reference_at(article, segment, index))
    if len(copies) >= _FEWEST_COPIES and len(copies) > _MOSTLY * total:
        problem = f"{len(copies)} of {total} references equal their source: is this the source file?"
        yield LintFinding("error", "copied", copies[0], problem)
        return
    for where in copies:
        yield LintFinding("warning", "copied", where, "the reference equals the source")


def check_placeholders(corpus: Corpus) -> Iterator[LintFinding]:
    """Placeholders and tags that only one side has."""
    for article, segment, index in _references(corpus):
        source, reference = placeholders(segment.source), placeholders(segment.references[index])
        if source != reference:
            parts = [
                f"{who} has {' '.join(sorted(extra.elements()))}"
                for who, extra in (("only the source", source - reference), ("only the reference", reference - source))
                if extra
            ]
            yield LintFinding("warning", "placeholders", reference_at(article, segment, index), "; ".join(parts))


def replace_untranslatable(text: str, by: str | Callable[[re.Match[str]], str]) -> str:
    """The text with something else in place of each :data:`UNTRANSLATABLE`."""
    return (
        UNTRANSLATABLE.sub(by, text) if _SIGN_OF_AN_ADDRESS.search(text) or "http" in text or "www." in text else text
    )


def placeholders(text: str) -> Counter[str]:
    """Placeholders and tags of a text; of a tag only its name counts, attributes may be translated."""
    counts = Counter[str]()
    if not any(sign in text for sign in _SIGNS_OF_PLACEHOLDERS):
        return counts
    for match in _PLACEHOLDER.findall(text):
        tag = _TAG_NAME.match(match)
        counts[f"{tag[0]}>" if tag else match] += 1
    return counts


def check_lengths(corpus: Corpus) -> Iterator[LintFinding]:
    """References far longer or shorter than the pair's typical ratio explains.

    Short texts vary more, so deviations are measured in the spread expected at that length, and then in the spread
    observed in this corpus (median absolute deviation), whichever is wider.
    """
    measured = [
        (article, segment, index, len(segment.source), len(segment.references[index]))
        for article, segment, index in _references(corpus)
        if max(len(segment.source), len(segment.references[index])) >= _FEWEST_CHARACTERS and segment.source
    ]
    if len(measured) < _FEWEST_PAIRS:
        return
    ratio = typical_ratio((source, reference) for *_, source, reference in measured)
    deviations = [
        (math.log(reference / source) - ratio) / spread(max(source, reference)) for *_, source, reference in measured
    ]
    scale = max(1.0, _MAD_TO_DEVIATION * statistics.median(map(abs, deviations)))
    for (article, segment, index, source, reference), deviation in zip(measured, deviations, strict=True):
        if abs(deviation) > _OUTLIER * scale:
            problem = (
                f"the reference has {reference} characters for {source} of the source; "
                f"about {round(source * math.exp(ratio))} are usual in {corpus.pair}"
            )
            yield LintFinding("warning", "length", reference_at(article, segment, index), problem)


def _references(corpus: Corpus) -> Iterator[tuple[Article, Segment, int]]:
    for article in corpus.articles:
        for segment in article.segments:
            for index in range(len(segment.references)):
                yield article, segment, index


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
