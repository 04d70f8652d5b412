"""The measurements that docs/checks.md shows, and what they are made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.checks.counts import count_flags
from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import learn_lengths
from harness.checks.run import check_segment, check_system, lengths_of
from harness.checks.sentences import check_addition, check_omission
from harness.corpus.documents.segment import join_sentences
from harness.corpus.lint.encoder import Vectors, encode
from harness.corpus.lint.neighbours import TextPair, moved_rows, tells
from harness.types import Corpus, LangPair
from tests.bench.sentences import neighbours
from tests.checks.injections import INJECTIONS
from tests.checks.material import ntrex, translated, wmt

RELATIVES = {"de": "da", "es": "ca", "fr": "es", "ca": "es", "pt": "es", "cs": "sk", "uk": "cs", "da": "nb", "is": "da"}
"""The language that the wrong-language fault is taken from."""


def per_thousand(corpus: Corpus, texts: Sequence[str]) -> dict[str, float]:
    """Flags of each kind per 1,000 segments; ``any`` for segments with at least one."""
    flags = check_system(corpus, translated(texts))
    counts = count_flags(flags) | {"any": sum(map(bool, flags))}
    return {kind: 1000 * count / len(flags) for kind, count in counts.items()}


def recall(folder: Path, target: str, every: int) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Kind and fault to how many were caught by that kind, of how many planted."""
    corpus, texts = ntrex(folder, target)
    _, others = ntrex(folder, RELATIVES[target])
    context = CheckContext(corpus.pair, {}, lengths_of(corpus, [translated(texts)]))
    found = {}
    for kind, what, inject in INJECTIONS:
        caught = planted = 0
        for segment, text, other in list(zip(corpus.segments, texts, others, strict=True))[::every]:
            faulty = inject(segment.source, text, other)
            if faulty is None:
                continue
            planted += 1
            caught += kind in {flag.kind for flag in check_segment(Item(*faulty, ()), context)}
        found[kind, what] = caught, planted
    return found


def recall_in_outputs(
    folder: Path, pair: LangPair, system: str, other: str, *, references: bool, every: int
) -> Mapping[tuple[str, str], tuple[int, int, int]]:
    """Kind and fault to how many were caught by that kind, by any, and planted, in segments of a system without flags.

    Args:
        folder: of the test sets.
        pair: such as en-es; its WMT24 set, or that of WMT22, is read.
        system: whose outputs get the faults.
        other: NTREX language of the wrong-language fault; what is put in translates another sentence.
        references: whether the checks see them.
        every: one of so many segments gets faults.
    """
    corpus, texts = wmt(folder, pair, system, references=references)
    base = check_system(corpus, translated(texts))
    _, others = ntrex(folder, other)
    context = CheckContext(corpus.pair, {}, lengths_of(corpus, [translated(texts)]))
    found = {}
    rows = [row for row in range(0, len(texts), every) if not base[row]]
    for kind, what, inject in INJECTIONS:
        caught = caught_by_any = planted = 0
        for row in rows:
            segment = corpus.segments[row]
            faulty = inject(segment.source, texts[row], others[row % len(others)])
            if faulty is None:
                continue
            planted += 1
            # What is added to the source is added to its references.
            added = faulty[0].removeprefix(segment.source)
            beside = tuple(reference + added for reference in segment.references)
            kinds = {flag.kind for flag in check_segment(Item(*faulty, beside), context)}
            caught += kind in kinds
            caught_by_any += bool(kinds)
        found[kind, what] = caught, caught_by_any, planted
    return found


def merge_recall(folder: Path, target: str, *, split: bool) -> tuple[int, int]:
    """Merge every fifteenth segment with the next, or move half of the next to it; caught and planted."""
    corpus, found = ntrex(folder, target)
    texts = list(found)
    articles = [segment.id.article for segment in corpus.segments]
    planted = [row for row in range(0, len(texts) - 1, 15) if articles[row] == articles[row + 1]]
    planted = [row for row in planted if min(len(corpus.segments[n].source) for n in (row, row + 1)) >= 40]
    for row in planted:
        words = texts[row + 1].split(" ")
        kept = words[len(words) // 2 :] if split else []
        texts[row] += " " + " ".join(words[: len(words) - len(kept)])
        texts[row + 1] = " ".join(kept)
    flags = check_system(corpus, translated(texts))
    caught = [
        row for row in planted if any(flag.kind == "merged_or_split" for n in (row, row + 1) for flag in flags[n])
    ]
    return len(caught), len(planted)


@dataclass(frozen=True, slots=True)
class SentenceRates:
    """Shares, from 0 to 1."""

    omission: float
    """Of segments that lost a sentence."""
    addition: float
    """Of segments with a sentence of another article."""
    false_alarms: float
    """Of segments as people wrote them that are flagged for either."""


def sentence_rates(folder: Path, target: str) -> SentenceRates:
    """Join two to five sentences of an article to segments, and take one out of each, or put one in, by turns."""
    corpus, texts = ntrex(folder, target)
    segments = list(_joined_segments(corpus, texts))
    pairs = [(join_sentences(sources, "en"), join_sentences(parts, target)) for sources, parts in segments]
    context = CheckContext(corpus.pair, {}, learn_lengths(pairs, corpus.pair))
    found = dict.fromkeys(("omission", "addition", "neither"), 0)
    for number, ((_, parts), (source, text)) in enumerate(zip(segments, pairs, strict=True)):
        place, stranger = number % len(parts), segments[number - 7][1][0]
        variants = {
            "omission": [*parts[:place], *parts[place + 1 :]],
            "addition": [*parts[:place], stranger, *parts[place:]],
        }
        for kind, check in (("omission", check_omission), ("addition", check_addition)):
            found[kind] += any(check(Item(source, join_sentences(variants[kind], target), ()), context))
            found["neither"] += any(check(Item(source, text, ()), context))
    return SentenceRates(*(count / len(segments) for count in found.values()))


def _joined_segments(corpus: Corpus, texts: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Neighbours that are whole sentences, as sources and translations."""
    sources = [segment.source for segment in corpus.segments]
    for group in neighbours([segment.id.article for segment in corpus.segments], sources):
        yield [sources[row] for row in group], [texts[row] for row in group]


@dataclass(frozen=True, slots=True)
class EncodedArticle:
    """Both sides of an article as vectors, without the segments that are too short."""

    sources: Vectors
    texts: Vectors
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MisplacedRates:
    """Shares, from 0 to 1."""

    false_alarms: float
    """Of segments in order that are flagged."""
    swaps: float
    """Of exchanged neighbours of which at least one is flagged and names the other."""
    both: float
    """Of exchanged neighbours that name each other."""
    shifts: float
    """Of segments below a lost one that are flagged and name the line they come from."""


def encoded_articles(corpus: Corpus, texts: Sequence[str]) -> Iterator[EncodedArticle]:
    """The articles of a corpus with these translations."""
    remaining = iter(texts)
    for article in corpus.articles:
        pairs = [TextPair(segment.id.number, segment.source, next(remaining)) for segment in article.segments]
        pairs = [pair for pair in pairs if tells(pair)]
        if len(pairs) > 1:
            sources, moved = (encode(tuple(getattr(pair, side) for pair in pairs)) for side in ("source", "text"))
            yield EncodedArticle(sources, moved, tuple(pair.number for pair in pairs))


def misplaced_rates(articles: Iterable[EncodedArticle]) -> MisplacedRates:
    """Exchange every fourth segment with the next, each pair alone; lose a segment a third down from the beginning."""
    flagged = segments = found = named = swapped = shifted = below = 0
    for article in articles:
        count = len(article.numbers)
        segments += count
        flagged += len(_moved(article, range(count)))
        for row in range(0, count - 1, 4):
            order = [*range(count)]
            order[row], order[row + 1] = row + 1, row
            names = _moved(article, order)
            hits = (names.get(row) == row + 1) + (names.get(row + 1) == row)
            swapped, found, named = swapped + 1, found + (hits > 0), named + (hits == 2)
        if count >= 6:
            lost = count // 3
            names = _moved(article, [*range(lost), *range(lost + 1, count)])
            shifted += sum(names.get(row) == row + 1 for row in range(lost, count - 2))
            below += count - 2 - lost
    return MisplacedRates(flagged / segments, found / swapped, named / swapped, shifted / below)


def _moved(article: EncodedArticle, order: Sequence[int]) -> dict[int, int]:
    """Row to the row it fits, where the texts stand in this order."""
    count = len(order)
    return dict(moved_rows(article.sources[:count], article.texts[np.array(order)], article.numbers[:count]))
