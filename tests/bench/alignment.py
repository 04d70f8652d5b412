"""How well two whole documents are aligned, and how exactly outputs are cut again, on public test sets.

A document of NTREX-128 is joined on both sides into one paragraph, split into sentences and aligned. A bead is right
if its source and its target sentences come from the same lines of the test set. The first half of the documents was
used to fit the weights; everything is reported on the second half.
"""

from __future__ import annotations

import itertools
import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sacrebleu import corpus_bleu

from harness.corpus.documents.align import Bead, align
from harness.corpus.documents.scores import Texts
from harness.corpus.documents.segment import join_sentences, split_sentences
from harness.corpus.recut import recut
from harness.errors import DataError

NTREX = "ntrex128"
FILES = {
    "es": "spa", "de": "deu", "cs": "ces", "ja": "jpn", "ar": "arb", "fr": "fra", "is": "isl", "uk": "ukr",
    "he": "heb", "zh": "zho-CN", "ca": "cat", "pl": "pol", "tr": "tur", "ko": "kor", "ru": "rus", "hi": "hin",
}  # fmt: skip
FITTED_LANGUAGES = ("es", "de", "cs", "ja", "ar")
FITTED_DOCUMENTS = 62
"""So many documents at the beginning were used to fit the weights."""

MISSING = 0.1
CHROME = {
    "es": ("Sobre esta publicación", "Comparte este artículo"),
    "de": ("Über diese Veröffentlichung", "Artikel teilen"),
    "cs": ("O této publikaci", "Sdílet článek"),
    "ja": ("この記事について", "この記事をシェアする"),
    "ar": ("عن هذا المنشور", "شارك هذا المقال"),
}
ENGLISH_CHROME = ("About this publication", "Share this article")

Mode = Literal["alone", "together", "engine"]
"""Each pair of documents alone, all in one import, or each alone with a rough translation."""

WMT_SYSTEMS = ("ONLINE-B", "GPT-4", "Unbabel-Tower70B", "CommandR-plus")
WMT_PAIRS = ("en-es", "en-de", "en-cs")


@dataclass(frozen=True, slots=True)
class Problem:
    """One document and its translation, and which lines every sentence comes from."""

    texts: Texts
    source_lines: Sequence[frozenset[int]]
    target_lines: Sequence[frozenset[int]]
    alignable: int
    """Lines that both sides have."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """What came of one pair of languages."""

    pair: str
    gaps: bool
    mode: Mode
    beads: int
    """With sentences on both sides."""
    wrong: int
    lines: int
    restored: int
    """Lines that are in beads that are right."""

    @property
    def f1(self) -> float:
        """Of precision over beads and recall over lines, in percent."""
        precision, recall = 1 - self.wrong / self.beads, self.restored / self.lines
        return 200 * precision * recall / (precision + recall)


@dataclass(frozen=True, slots=True)
class Recut:
    """What came of one system of WMT24."""

    pair: str
    system: str
    exact: float
    """Percent of the lines of articles with two lines or more."""
    bleu: float
    difference: float


def problems(
    data: Path, source: str, target: str, *, gaps: bool, seed: int = 7, fitted: bool = False
) -> Iterator[Problem]:
    """The documents that nothing was fitted on, joined and split again.

    Args:
        data: The folder with ``ntrex128``.
        source: ``en`` or a key of :data:`FILES`.
        target: Likewise.
        gaps: Whether a tenth of the target's lines is missing and web chrome stands around the rest.
        seed: Of which lines are missing.
        fitted: Whether to take the other documents, which the weights are fitted on.
    """
    folder = data / NTREX
    documents = [line.split("\t")[-1] for line in _lines(folder / "docids.txt")]
    texts = [_texts(folder, language) for language in (source, target)]
    groups = [list(group) for _, group in itertools.groupby(range(len(documents)), key=lambda line: documents[line])]
    chosen = random.Random(seed)
    for group in groups[:FITTED_DOCUMENTS] if fitted else groups[FITTED_DOCUMENTS:]:
        lines = [[side[number] for number in group] for side in texts]
        kept = [n for n in range(len(group)) if not gaps or chosen.random() >= MISSING] or [0]
        sources = split_sentences(join_sentences(lines[0], source), source)
        targets = split_sentences(join_sentences([lines[1][n] for n in kept], target), target)
        of_sources = _origin(sources, lines[0])
        of_targets = [frozenset(kept[n] for n in origin) for origin in _origin(targets, [lines[1][n] for n in kept])]
        if gaps:
            before, after = CHROME.get(target, ENGLISH_CHROME)
            targets = [before, *targets, after]
            of_targets = [frozenset([-1]), *of_targets, frozenset([-2])]
        yield Problem(Texts(sources, targets), of_sources, of_targets, len(kept))


def measure(data: Path, source: str, target: str, *, gaps: bool, mode: Mode, apertium: str = "") -> Aligned:
    """Align the documents of a pair; ``apertium`` is the mode that translates them for ``engine``."""
    found = list(problems(data, source, target, gaps=gaps))
    texts = [problem.texts for problem in found]
    if mode == "engine":
        texts = _translated(texts, apertium)
    aligned = align(texts) if mode == "together" else [align([text])[0] for text in texts]
    counts = [_count(beads, problem) for beads, problem in zip(aligned, found, strict=True)]
    beads, wrong, restored = (sum(count[n] for count in counts) for n in range(3))
    return Aligned(f"{source}-{target}", gaps, mode, beads, wrong, sum(p.alignable for p in found), restored)


def _count(beads: Sequence[Bead], problem: Problem) -> tuple[int, int, int]:
    """Beads, wrong ones, lines in right ones."""
    restored: set[int] = set()
    pairs = [bead for bead in beads if bead.is_pair]
    wrong = 0
    for bead in pairs:
        lines = [
            frozenset().union(*(origins[n] for n in positions))
            for origins, positions in ((problem.source_lines, bead.source), (problem.target_lines, bead.target))
        ]
        if lines[0] == lines[1]:
            restored |= lines[0]
        else:
            wrong += 1
    return len(pairs), wrong, len(restored)


def _origin(sentences: Sequence[str], lines: Sequence[str]) -> list[frozenset[int]]:
    """Which lines every sentence has characters of."""
    owners = [number for number, line in enumerate(lines) for _ in "".join(line.split())]
    stops = list(itertools.accumulate(len("".join(sentence.split())) for sentence in sentences))
    return [frozenset(owners[start:stop]) for start, stop in zip([0, *stops], stops, strict=False)]


def _translated(texts: Sequence[Texts], mode: str) -> list[Texts]:
    sentences = [sentence for text in texts for sentence in text.source]
    output = subprocess.run(
        ["apertium", "-u", mode], input="\n".join(sentences) + "\n", capture_output=True, text=True, check=True
    ).stdout.split("\n")
    answers = iter(output)
    return [Texts(text.source, text.target, [next(answers) for _ in text.source]) for text in texts]


def measure_recut(data: Path, pair: str, system: str) -> Recut:
    """Join every article of a system's outputs, cut it along the references, compare with the lines as they were.

    Raises:
        DataError: a character is lost.
    """
    folder = data / f"wmt24.{pair}"
    references, outputs = _clean(folder / "reference.refA.txt"), _clean(folder / "systems" / f"{system}.txt")
    documents = _lines(folder / "docids.txt")
    pieces: list[str] = []
    several: list[int] = []
    for _, group in itertools.groupby(range(len(documents)), key=lambda line: documents[line]):
        lines = list(group)
        whole = " ".join(outputs[line] for line in lines if outputs[line])
        pieces += recut(whole, [references[line] for line in lines])
        several += lines if len(lines) > 1 else []
    if "".join("".join(pieces).split()) != "".join("".join(outputs).split()):
        raise DataError(f"{folder}: {system} lost characters")
    scores = [corpus_bleu(texts, [references]).score for texts in (outputs, pieces)]
    exact = 100 * sum(pieces[line] == outputs[line] for line in several) / len(several)
    return Recut(pair, system, exact, scores[0], scores[1] - scores[0])


def _texts(folder: Path, language: str) -> list[str]:
    return _clean(folder / ("source.txt" if language == "en" else f"reference.{FILES[language]}.txt"))


def _clean(path: Path) -> list[str]:
    return [" ".join(line.split()) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    if not path.exists():
        raise DataError(f"{path}: no such file", hint="see docs/documents.md for what is needed")
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def to_markdown(aligned: Sequence[Aligned]) -> str:
    """One line per pair and mode."""
    rows = ["| pair | documents | whole: F1 | wrong beads | with gaps: F1 | wrong beads |", "|---|---|---|---|---|---|"]
    by_key: dict[tuple[str, Mode], dict[bool, Aligned]] = {}
    for found in aligned:
        by_key.setdefault((found.pair, found.mode), {})[found.gaps] = found
    for (pair, mode), both in by_key.items():
        cells = [
            f"{both[gaps].f1:.1f} | {both[gaps].wrong} of {both[gaps].beads}" if gaps in both else "– | –"
            for gaps in (False, True)
        ]
        rows.append(f"| {pair} | {mode} | {' | '.join(cells)} |")
    return "\n".join(rows)


def recut_markdown(found: Sequence[Recut]) -> str:
    """One line per pair and system."""
    rows = ["| pair | system | lines restored exactly | BLEU | ΔBLEU |", "|---|---|---|---|---|"]
    rows += [f"| {f.pair} | {f.system} | {f.exact:.1f} % | {f.bleu:.1f} | {f.difference:+.3f} |" for f in found]
    return "\n".join(rows)
