"""``mt-metrics-eval``: a test set as Google's mt-metrics-eval (version 2) reads it; the folder is one of its test sets.

``sources``, ``documents`` (domain and article; a domain that is not given is ``unknown``), ``references`` (refA,
refB …), ``system-outputs``, ``metric-scores`` and ``human-scores``, each at system, document and segment level. Lines
are in the order of the imported file where that is known, else article by article. The scores are those of the run.

A missing output is ``[No translation supplied]``, which the tool takes for none; a missing reference is an empty line.
The tool refuses a metric that lacks a score, so a level at which any system lacks one is left out and named; ratings by
people are kept with ``None`` in its place. Line ends within a text are spaces.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Sequence

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.order import file_stem, original_order
from harness.reports.exporters.texts import Cleaner, one_line
from harness.store.runs.frame import finite, segment_scores
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import MetricIdentity, Missing, Note, Score

NO_TRANSLATION = "[No translation supplied]"

UNKNOWN = "unknown"
"""The domain of an article that names none."""

FORMAT = "mt-metrics-eval"

Scores = Sequence[Score | Missing]


class MtMetricsEvalExporter:
    """A test set for Google's mt-metrics-eval (version 2): texts, and scores by people and metrics."""

    extension = ""

    def export(self, handoff: Handoff) -> Exported:
        """All files.

        Raises:
            UsageError: a system has a name that the tool cannot have.
        """
        rows, notes = original_order(handoff, FORMAT, whole_articles=True)
        clean = Cleaner(lambda text: one_line(text).rstrip())
        pair, segments = str(handoff.result.pair), [handoff.result.corpus.segments[row] for row in rows]
        domains = {article.id: article.meta.get("domain", "") for article in handoff.result.corpus.articles}
        words = Cleaner(_word)
        columns = {
            f"sources/{pair}.txt": [clean(segment.source) for segment in segments],
            f"documents/{pair}.docs": [
                f"{words(domains[segment.id.article]) or UNKNOWN} {words(segment.id.article)}" for segment in segments
            ],
        }
        names = _reference_names(handoff)
        for number, name in enumerate(names):
            texts = [segment.references[number] if number < len(segment.references) else "" for segment in segments]
            columns[f"references/{pair}.{name}.txt"] = [clean(text) for text in texts]
        lost = 0
        for system in handoff.result.systems:
            outputs = [handoff.text(system, row) for row in rows]
            lost += outputs.count(None)
            columns[f"system-outputs/{pair}/{_system(system.name)}.txt"] = [
                NO_TRANSLATION if text is None else clean(text) for text in outputs
            ]
        if lost:
            notes.append(Note(FORMAT, f"missing outputs, written as '{NO_TRANSLATION}': {lost}"))
        for metric, identity in handoff.result.identities.items():
            found, why = _files(handoff, metric, identity, rows, names)
            columns |= found
            notes += why
        files = {name: "".join(f"{line}\n" for line in lines).encode() for name, lines in columns.items()}
        changed = clean.notes(FORMAT, "line ends within them are spaces, spaces at the end are gone")
        return Exported(
            files, (*notes, *changed, *words.notes(FORMAT, "spaces in names of articles or domains are '_'"))
        )


def _word(text: str) -> str:
    """A name without the spaces at which the tool takes lines apart."""
    return "_".join(one_line(text).split())


def _system(name: str) -> str:
    if not name or name.split() != [name]:
        raise UsageError(
            f"the system '{name}' has spaces in its name, at which {FORMAT} takes lines apart",
            hint="rename it, or choose others with --system",
        )
    return file_stem(name)


def _reference_names(handoff: Handoff) -> list[str]:
    """refA, refB …, without those that are the name of a system: it would be taken for that reference."""
    taken = {system.name for system in handoff.result.systems}
    free = (name for letter in string.ascii_uppercase if (name := f"ref{letter}") not in taken)
    count = max((len(segment.references) for segment in handoff.result.corpus.segments), default=0)
    return [name for name, _ in zip(free, range(count), strict=False)]


def _files(
    handoff: Handoff, metric: str, identity: MetricIdentity, rows: Sequence[int], references: Sequence[str]
) -> tuple[dict[str, list[str]], list[Note]]:
    """The files of one metric, and a note for each level that is left out."""
    people = identity.traits.kind == "people"
    used = (".".join(references) if len(references) < 3 else "all") if identity.needs_reference else "src"
    pair, stem = str(handoff.result.pair), file_stem(_word(metric))
    levels: dict[str, Callable[[SystemResult, MetricScores], Scores]] = {
        "sys": lambda _, scores: [finite(scores.corpus)],
        "doc": lambda _, scores: _by_document(handoff, scores, rows),
        "seg": lambda system, scores: _by_segment(handoff, system, scores, rows),
    }
    files, notes = {}, []
    for level, scores_at in levels.items():
        lines = list(_lines(handoff, metric, scores_at))
        if people:
            files[f"human-scores/{pair}.{stem}.{level}.score"] = [f"{name}\t{value}" for name, value in lines]
        elif all(value != "None" for _, value in lines):
            files[f"metric-scores/{pair}/{stem}-{used}.{level}.score"] = [f"{name}\t{value}" for name, value in lines]
        else:
            lacking = ", ".join(dict.fromkeys(name for name, value in lines if value == "None"))
            notes.append(Note(FORMAT, f"no {level} scores of {metric}: some are missing for {lacking}"))
    return files, notes


def _lines(
    handoff: Handoff, metric: str, scores_at: Callable[[SystemResult, MetricScores], Scores]
) -> Iterator[tuple[str, str]]:
    for system in handoff.result.systems:
        scores = system.scores.get(metric)
        values = scores_at(system, scores) if isinstance(scores, MetricScores) else []
        if not values:
            yield _system(system.name), "None"
        for value in values:
            yield _system(system.name), repr(value.value) if isinstance(value, Score) else "None"


def _by_document(handoff: Handoff, scores: MetricScores, rows: Sequence[int]) -> Scores:
    known = {
        article.id: finite(score)
        for article, score in zip(handoff.result.corpus.articles, scores.articles, strict=True)
    }
    order = dict.fromkeys(handoff.result.corpus.segments[row].id.article for row in rows)
    return [known[article] for article in order]


def _by_segment(handoff: Handoff, system: SystemResult, scores: MetricScores, rows: Sequence[int]) -> Scores:
    known = segment_scores(handoff.result.corpus.segments, system, scores)
    return [known[row] for row in rows]
