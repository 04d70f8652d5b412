"""Keeping a run's outputs as recorded outputs, so that they can be shown where the engine cannot run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from harness.engines.recording import write_recording
from harness.errors import IncompleteError
from harness.runs.result import PairResult, Run, SystemResult, article_rows
from harness.types import ArticleId, SystemName, Translated


def record_outputs(run: Run, systems: Path, names: Collection[SystemName]) -> Iterator[Path]:
    """Write the outputs of the live systems among ``names`` to ``systems/<name>/<pair>/``; yields the folders.

    Raises:
        IncompleteError: a system has segments without an answer; nothing of it is written.
    """
    for pair in run.pairs:
        for system in pair.systems:
            if system.name not in names or system.origin != "live":
                continue
            texts: dict[ArticleId, list[str]] = {}
            notes: dict[ArticleId, Mapping[int, Mapping[str, int]]] = {}
            for article, answers in _answers(pair, system).items():
                texts[article] = [answers[line].text if line in answers else "" for line in range(1, max(answers) + 1)]
                notes[article] = {line: answer.notes for line, answer in answers.items() if answer.notes}
            write_recording(systems / system.name, pair.pair, texts, system.engine, run.created[:10], notes)
            yield systems / system.name / str(pair.pair)


def _answers(pair: PairResult, system: SystemResult) -> dict[ArticleId, dict[int, Translated]]:
    """By article and line of the source file; the lines between are paragraph breaks."""
    rows = article_rows(pair.corpus)
    found: dict[ArticleId, dict[int, Translated]] = {}
    for article in pair.corpus.articles:
        answers: dict[int, Translated] = {}
        for segment, outcome in zip(article.segments, system.outcomes[rows[article.id]], strict=True):
            if not isinstance(outcome, Translated):
                raise IncompleteError(
                    f"{system.name} has no answer for {segment.id} of {pair.pair}, so nothing of it is recorded",
                    hint="run again until the system is complete",
                )
            answers[segment.line] = outcome
        found[article.id] = answers
    return found
