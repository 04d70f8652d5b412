"""Sentences left out of translations, or put into them, and how many of them the checks find."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import learn_lengths
from harness.checks.sentences import check_addition, check_omission
from harness.checks.texts import FINALS, end_of
from harness.corpus.documents.segment import join_sentences, split_sentences
from harness.types import LangPair
from harness.workspace.languages import primary

LONG, SHORT = 60, 30
"""Characters from which a sentence is long, and below which it is short."""
COMPACT, CHARACTERS_OF_AN_IDEOGRAPH = frozenset({"ja", "ko", "zh"}), 2.2
MOST_JOINED = 5
SEED = 5
MANY = 9999


@dataclass(slots=True)
class Found:
    """Faults of one kind, by the length of the sentence: those planted, and those found."""

    planted: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)

    def count(self, length: float, *, found: bool) -> None:
        """One more, in a sentence of so many characters of an alphabet."""
        of_length = ["long"] if length >= LONG else ["short"] if length < SHORT else []
        for name in ("all", *of_length):
            self.planted[name] = self.planted.get(name, 0) + 1
            self.found[name] = self.found.get(name, 0) + found

    def share(self, name: str) -> str:
        """Of those found, in per cent; a dash where none was planted."""
        return f"{100 * self.found[name] / self.planted[name]:.0f}" if name in self.planted else "–"


@dataclass(slots=True)
class Rates:
    """What the checks make of one file of translations."""

    left_out: Found = field(default_factory=Found)
    added: Found = field(default_factory=Found)
    segments: int = 0
    """Of several sentences in source and translation: each has both faults, one after the other."""
    flagged: dict[str, int] = field(default_factory=lambda: {"omission": 0, "addition": 0})
    """Segments that are flagged as they are."""


def neighbours(documents: Sequence[str], sources: Sequence[str]) -> Iterator[list[int]]:
    """Two to five rows of a document at a time, if all of their sources are whole sentences."""
    for _, rows in groupby(range(len(sources)), key=documents.__getitem__):
        document, taken = [*rows], 0
        while taken + 1 < len(document):
            size = 2 + taken % (MOST_JOINED - 1)
            group = document[taken : taken + size]
            taken += size
            if len(group) > 1 and all(end_of(sources[row]) in {".", "!", "?"} for row in group):
                yield group


def joined(texts: Sequence[str], documents: Sequence[str], language: str, sources: Sequence[str]) -> Iterator[str]:
    """Each group of :func:`neighbours` as one text."""
    for group in neighbours(documents, sources):
        yield join_sentences([texts[row] for row in group], language)


def measure(pair: LangPair, sources: Sequence[str], texts: Sequence[str], references: Sequence[str] | None) -> Rates:
    """Leave a random sentence out of every segment of several, put one of another segment in, and check both.

    Lengths are learnt from the references where there are any, else from the translations themselves.
    """
    context = CheckContext(pair, {}, learn_lengths(zip(sources, references or texts, strict=True), pair))
    rates, chance = Rates(), random.Random(SEED)
    sentences = [_sentences(text, pair.target) for text in texts]
    weight = CHARACTERS_OF_AN_IDEOGRAPH if primary(pair.target) in COMPACT else 1
    for row, (source, parts) in enumerate(zip(sources, sentences, strict=True)):
        beside = (references[row],) if references else ()
        if min(len(parts), len(_sentences(source, pair.source))) < 2 or "" in beside:
            continue
        lost = chance.randrange(len(parts))
        stranger = chance.choice(_strangers(sentences, row))
        place = chance.randrange(len(parts) + 1)
        fewer = join_sentences([*parts[:lost], *parts[lost + 1 :]], pair.target)
        more = join_sentences([*parts[:place], stranger, *parts[place:]], pair.target)
        left_out, added = (
            any(check(Item(source, text, beside), context))
            for check, text in ((check_omission, fewer), (check_addition, more))
        )
        rates.left_out.count(weight * len(parts[lost]), found=left_out)
        rates.added.count(weight * len(stranger), found=added)
        rates.segments += 1
        as_it_is = Item(source, texts[row], beside)
        rates.flagged["omission"] += any(check_omission(as_it_is, context))
        rates.flagged["addition"] += any(check_addition(as_it_is, context))
    return rates


def _sentences(text: str, language: str) -> list[str]:
    """Not as the checks join and count them, so that what they overlook is missed."""
    return [sentence for sentence in split_sentences(text, language) if any(map(str.isalpha, sentence))]


def _strangers(sentences: Sequence[Sequence[str]], row: int) -> list[str]:
    """Whole sentences of a segment far away; of the next that has one, where that one has none."""
    far = _whole(sentences[(7 * row + 101) % len(sentences)])
    return far or [next(_first_whole(sentences, row))]


def _first_whole(sentences: Sequence[Sequence[str]], row: int) -> Iterator[str]:
    for other in range(row + 1, row + MANY):
        yield from _whole(sentences[other % len(sentences)])


def _whole(sentences: Iterable[str]) -> list[str]:
    return [sentence for sentence in sentences if end_of(sentence) in FINALS]


def to_markdown(name: str, rates: Rates) -> str:
    """The line of the table in ``docs/checks.md``, with its head."""
    shares = [found.share(length) for found in (rates.left_out, rates.added) for length in ("all", "long", "short")]
    alarms = ", ".join(f"{1000 * count / max(rates.segments, 1):.0f}" for count in rates.flagged.values())
    head = [
        "test set",
        "segments",
        "left out",
        "60 and more",
        "under 30",
        "added",
        "60 and more",
        "under 30",
        "false alarms",
    ]
    cells = [name, str(rates.segments), *shares, alarms]
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), cells))
