"""Two whole documents whose paragraphs differ: their sentences are aligned, and every bead is a segment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from harness.corpus.documents.align import FEWEST_SENTENCES, LEAST_ORDER, SURE, Bead, align, evidence_of_order
from harness.corpus.documents.scores import Texts, words_in_common
from harness.corpus.documents.segment import join_sentences, split_sentences
from harness.corpus.importers.chrome import chrome_at_edges
from harness.corpus.importers.documents import paragraphs_of
from harness.corpus.importers.model import Imported, ImportedArticle, ImportedSegment, Importer, Request
from harness.corpus.importers.pairing import group_files
from harness.corpus.importers.rows import default_name, given_name
from harness.corpus.names import id_of
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note

LOW_CONFIDENCE = 0.8
"""Pairs below it are taken, and named."""

FEWEST_WORDS = 2
"""Short texts with fewer :func:`words_in_common` get a note.

Of the first two sentences of 62 documents of NTREX-128, 0 to 5 % have fewer in German, Spanish and Czech, 11 % in
Korean, 18 % in Arabic, 37 % in Chinese; of two sentences of another document, 65 to 95 %.
"""

_LONGEST_QUOTE = 100


@dataclass(frozen=True, slots=True)
class Passage:
    """Running text of a document and where it stands."""

    where: str
    paragraph: int
    text: str


def read_aligned(request: Request) -> Imported:
    """Align two whole documents, source and translation, sentence by sentence.

    What is uncertain becomes a segment without a reference; what either side leaves out is named in the notes.

    Several articles are told apart by their names, as in any import, and learn words from each other.

    Raises:
        UsageError: a document has no translation, or several.
        DataError: a document cannot be read, or the two have nothing in common.
    """
    groups, notes = group_files(request.files, request.pair)
    several = next((group for group in groups if len(group.files) != 2), None)
    if several is not None:
        raise UsageError(
            f"--documents needs two files, the source and its translation; there are {len(several.files)}: "
            f"{', '.join(path.name for path in several.files)}",
            hint="import one translation of an article",
        )
    if len(groups) > 1 and request.article:
        raise UsageError(f"--article names one article, but there are {len(groups)}", hint="leave out --article")
    remarks = list(notes)
    prepared = [_prepare_files(request, group.files[0], group.files[1], remarks) for group in groups]
    aligned = align([matched.texts for matched in prepared])
    articles = []
    for matched, beads in zip(prepared, aligned, strict=True):
        paragraphs, of_article = matched.article(beads, request.pair)
        remarks += of_article
        articles.append(ImportedArticle(_id_of(request, matched.source_path), {}, paragraphs, str(matched.source_path)))
    return Imported(tuple(articles), tuple(remarks))


def _prepare_files(request: Request, source: Path, target: Path, notes: list[Note]) -> _Prepared:
    sides = []
    for document in (paragraphs_of(source), paragraphs_of(target)):
        notes += document.notes
        passages = [
            Passage(f"{document.path}: paragraph {number}", number, text)
            for number, text in enumerate(document.paragraphs, start=1)
        ]
        sides.append(_without_chrome(passages, notes) if request.drop_chrome else passages)
    return _prepare(request, source, target, sides[0], sides[1])


def _id_of(request: Request, source: Path) -> str:
    return id_of(given_name(request.article) or default_name(source, request.pair))


def align_passages(
    request: Request, source_path: Path, target_path: Path, source: Sequence[Passage], target: Sequence[Passage]
) -> tuple[tuple[tuple[ImportedSegment, ...], ...], list[Note]]:
    """Align the paragraphs of two texts.

    Args:
        request: The pair, and who translates roughly.
        source_path: For messages.
        target_path: Likewise; may be the same file.
        source: At least one.
        target: Likewise.

    Returns:
        The segments by paragraphs of the source, and what should be known of them.

    Raises:
        DataError: the texts have nothing in common.
    """
    matched = _prepare(request, source_path, target_path, source, target)
    (beads,) = align([matched.texts])
    return matched.article(beads, request.pair)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Two texts, ready to be aligned."""

    source_path: Path
    target_path: Path
    sources: Sequence[Passage]
    targets: Sequence[Passage]
    texts: Texts
    doubt: str
    """Why nothing shows that one translates the other, where that could not be told; else empty."""

    def article(
        self, beads: Sequence[Bead], pair: LangPair
    ) -> tuple[tuple[tuple[ImportedSegment, ...], ...], list[Note]]:
        """The paragraphs, and what should be known of them."""
        segments = [
            (self.sources[bead.source.start].paragraph, _segment(bead, self.sources, self.targets, pair))
            for bead in beads
            if bead.source
        ]
        paragraphs = tuple(
            tuple(segment for _, segment in group) for _, group in groupby(segments, key=lambda item: item[0])
        )
        notes_of_beads = _notes(beads, self.sources, self.targets, self.source_path, self.target_path)
        doubts = [Note(str(self.target_path), self.doubt)] if self.doubt else []
        return paragraphs, [*doubts, Note(str(self.target_path), _summary(beads)), *notes_of_beads]


def _prepare(
    request: Request, source_path: Path, target_path: Path, source: Sequence[Passage], target: Sequence[Passage]
) -> _Prepared:
    pair = request.pair
    sources, targets = _sentences(source, pair.source), _sentences(target, pair.target)
    texts = [sentence.text for sentence in sources]
    aligned = Texts(texts, [sentence.text for sentence in targets], request.translate(texts))
    texts_named = (
        "the text above '<--' translates the one below"
        if source_path == target_path
        else f"this text is a translation of {source_path.name}"
    )
    enough = min(len(sources), len(targets)) >= FEWEST_SENTENCES
    if enough and evidence_of_order(aligned) < LEAST_ORDER:
        raise DataError(
            f"{target_path}: nothing shows that {texts_named}",
            hint="check that it is the right file"
            + ("" if aligned.translation else "; if it is, align it with the help of an engine: --align-with SYSTEM"),
        )
    unlike = not enough and words_in_common(aligned) < FEWEST_WORDS
    doubt = f"hardly a number, name or word in common, and too short to tell whether {texts_named}; check it"
    return _Prepared(source_path, target_path, sources, targets, aligned, doubt if unlike else "")


def _sentences(passages: Sequence[Passage], language: str) -> list[Passage]:
    return [
        Passage(passage.where, passage.paragraph, sentence)
        for passage in passages
        for sentence in split_sentences(passage.text, language)
    ]


def _segment(bead: Bead, sources: Sequence[Passage], targets: Sequence[Passage], pair: LangPair) -> ImportedSegment:
    text = join_sentences([sources[n].text for n in bead.source], pair.source)
    reference = join_sentences([targets[n].text for n in bead.target], pair.target)
    return ImportedSegment(text, {1: reference} if reference else {}, sources[bead.source.start].where)


def _summary(beads: Sequence[Bead]) -> str:
    """``aligned 28 x 1:1, 2 x 1:2; sentences without a counterpart: source 1, target 2``."""
    kinds = Counter(f"{len(bead.source)}:{len(bead.target)}" for bead in beads if bead.is_pair)
    alone = [sum(bool(side) for side in sides) for sides in
             zip(*((b.source, b.target) for b in beads if not b.is_pair), strict=True)] or [0, 0]  # fmt: skip
    pairs = ", ".join(f"{count} x {kind}" for kind, count in kinds.most_common()) or "nothing"
    return f"aligned {pairs}; sentences without a counterpart: source {alone[0]}, target {alone[1]}"


def _notes(
    beads: Sequence[Bead],
    sources: Sequence[Passage],
    targets: Sequence[Passage],
    source_path: Path,
    target_path: Path,
) -> Iterator[Note]:
    for bead in beads:
        quoted_source = _quoted(sources, bead.source)
        other = _quoted(targets, bead.target)
        if bead.is_pair:
            if bead.confidence < LOW_CONFIDENCE:
                text = f"aligned with low confidence ({100 * bead.confidence:.0f} %): {quoted_source} with {other}"
                yield Note(sources[bead.source.start].where, text)
            continue
        sentence = sources[bead.source.start] if bead.source else targets[bead.target.start]
        missing = target_path.name if bead.source else source_path.name
        where = f"in {missing}" if source_path != target_path else f"in the {'target' if bead.source else 'source'}"
        clear = bead.confidence >= SURE
        reason = f"no counterpart {where}" if clear else f"counterpart {where} unclear"
        yield Note(
            sentence.where, f"{reason}, {'no reference' if bead.source else 'left out'}: {quoted_source or other}"
        )


def _quoted(sentences: Sequence[Passage], positions: range) -> str:
    text = " ".join(sentences[n].text for n in positions)
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
    return f"'{short}'" if text else ""


def _without_chrome(passages: Sequence[Passage], notes: list[Note]) -> list[Passage]:
    chrome = chrome_at_edges([[passage.text] for passage in passages])
    notes += [Note(passages[n].where, f"web chrome dropped: '{passages[n].text}'") for n in sorted(chrome)]
    return [passage for number, passage in enumerate(passages) if number not in chrome]


DOCUMENTS = Importer(read_aligned, takes=frozenset({"drop_chrome", "translate"}))
