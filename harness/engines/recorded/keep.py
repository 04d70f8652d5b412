"""Keeping a run's outputs as recorded outputs, so that they can be shown where the engine cannot run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.engines.recorded.files import unkeepable, write_recording
from harness.errors import UsageError
from harness.store.runs.result import PairResult, Run, SystemResult, article_rows
from harness.types import ArticleId, SystemName, Translated


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """What was not written, and why."""

    path: Path
    why: str


def record_outputs(run: Run, systems: Path, names: Collection[SystemName]) -> Iterator[Path | NotRecorded]:
    """Write the outputs of the live systems among ``names`` to ``systems/<name>/<pair>/``.

    An article is recorded whole or not at all, and stands for itself: an answer that is missing, or cannot be kept as
    one line of text, keeps nothing back but its article.

    Yields:
        Folders that were written to, and what was not written.
    """
    for pair in run.pairs:
        for system in pair.systems:
            if system.name not in names or system.origin != "live":
                continue
            folder = systems / system.name / str(pair.pair)
            texts: dict[ArticleId, list[str]] = {}
            notes: dict[ArticleId, Mapping[int, Mapping[str, int]]] = {}
            for article, answers in _answers(pair, system):
                if isinstance(answers, str):
                    yield NotRecorded(folder / f"{article}.txt", answers)
                    continue
                texts[article] = [answers[line].text if line in answers else "" for line in range(1, max(answers) + 1)]
                notes[article] = {line: answer.notes for line, answer in answers.items() if answer.notes}
            if not texts:
                continue
            try:
                write_recording(systems / system.name, pair.pair, texts, system.engine, run.created[:10], notes)
            except (UsageError, OSError) as error:
                hint = f" ({error.hint})" if isinstance(error, UsageError) and error.hint else ""
                yield NotRecorded(folder, f"{error}{hint}")
            else:
                yield folder


def _answers(pair: PairResult, system: SystemResult) -> Iterator[tuple[ArticleId, dict[int, Translated] | str]]:
    """Article by article: answers by line of the source file, or why they cannot be recorded.

    The lines between answers are paragraph breaks.
    """
    rows = article_rows(pair.corpus)
    for article in pair.corpus.articles:
        answers: dict[int, Translated] = {}
        fault = ""
        for segment, outcome in zip(article.segments, system.outcomes[rows[article.id]], strict=True):
            if not isinstance(outcome, Translated):
                fault = f"{segment.id} has no answer; run again until it has"
                break
            if problem := unkeepable(outcome.text):
                fault = f"the answer to {segment.id} cannot be stored as one line: {problem}"
                break
            answers[segment.line] = outcome
        yield article.id, fault or answers
