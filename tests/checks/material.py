"""Real texts and planted faults for the measurements of the checks."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from harness.corpus.native import read_workspace
from harness.types import Article, ArticleId, Corpus, LangPair, Outcome, Segment, SegmentId, Translated
from harness.workspace.languages import parse_pair

ROOT = Path(__file__).resolve().parents[2]

NTREX = {
    "de": "deu",
    "es": "spa",
    "fr": "fra",
    "ca": "cat",
    "pt": "por",
    "cs": "ces",
    "sk": "slk",
    "uk": "ukr",
    "da": "dan",
    "nb": "nob",
    "is": "isl",
    "zh": "zho-CN",
    "ja": "jpn",
    "ar": "arb",
    "gl": "glg",
    "he": "heb",
}
"""Target languages of the public test set and the names of their files."""


def ntrex(folder: Path, target: str) -> tuple[Corpus, tuple[str, ...]]:
    """The test set from English as a corpus without references, and what people wrote, as if a system had."""
    sources = _lines(folder / "ntrex128" / "source.txt")
    documents = [line.split("\t")[1] for line in _lines(folder / "ntrex128" / "docids.txt")]
    texts = _lines(folder / "ntrex128" / f"reference.{NTREX[target]}.txt")
    pair = LangPair("en", target)
    return corpus_of(pair, sources, documents, [()] * len(sources)), texts


def wmt(folder: Path, pair: LangPair, system: str, *, references: bool) -> tuple[Corpus, tuple[str, ...]]:
    """A WMT test set by documents, with its first reference or none, and what a system wrote."""
    place = next(found for year in ("wmt24", "wmt22") if (found := folder / f"{year}.{pair}").is_dir())
    sources = _lines(place / "source.txt")
    first = min(place.glob("reference.*.txt"))
    known = [(text,) if text and references else () for text in _lines(first)]
    documents = [line.split("\t")[-1] for line in _lines(place / "docids.txt")]
    return corpus_of(pair, sources, documents, known), _lines(place / "systems" / f"{system}.txt")


def corpus_of(
    pair: LangPair, sources: Sequence[str], documents: Sequence[str], references: Sequence[tuple[str, ...]]
) -> Corpus:
    """Segments in a row, grouped into articles by the names of their documents."""
    grouped: dict[str, list[Segment]] = {}
    for source, document, known in zip(sources, documents, references, strict=True):
        article = grouped.setdefault(document, [])
        number = len(article) + 1
        article.append(Segment(SegmentId(ArticleId(document), number), number, 1, source, known))
    return Corpus(pair, tuple(Article(ArticleId(name), pair, tuple(rows)) for name, rows in grouped.items()))


def example(pair: str) -> Corpus:
    """The worked example of this repository."""
    return read_workspace(ROOT / "references", pairs=[parse_pair(pair)])[0]


def outputs(system: str, corpus: Corpus) -> tuple[Outcome, ...]:
    """Recorded outputs of the worked example."""
    found: list[Outcome] = []
    for article in corpus.articles:
        lines = (ROOT / "systems" / system / str(corpus.pair) / f"{article.id}.txt").read_text(encoding="utf-8")
        found += [Translated(lines.split("\n")[segment.line - 1]) for segment in article.segments]
    return tuple(found)


def planted(corpus: Corpus) -> dict[int, str]:
    """Row to kind of every fault that is listed for the faulty example."""
    rows = {(s.id.article, s.line): row for row, s in enumerate(corpus.segments)}
    faults = {}
    for file in sorted((ROOT / "systems" / "example-faulty").glob("faults-*.tsv")):
        with file.open(encoding="utf-8") as stream:
            for fault in csv.DictReader(stream, delimiter="\t"):
                faults[rows[ArticleId(fault["article"]), int(fault["line"])]] = fault["kind"]
    return faults


def translated(texts: Sequence[str]) -> tuple[Outcome, ...]:
    """Texts as a system's answers."""
    return tuple(map(Translated, texts))


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
