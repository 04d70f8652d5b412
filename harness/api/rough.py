"""A rough translation of loose sentences, by any system of a workspace: what documents are aligned with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.engines.load import load_systems
from harness.engines.recorded.engine import RecordedEngine
from harness.errors import EngineUnavailable, UsageError
from harness.store.cache.answers import Cache
from harness.translation.job import Job
from harness.translation.planning import check_ready
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.types import Article, ArticleId, Corpus, LangPair, Money, Refused, Segment, SegmentId, Translated
from harness.workspace.folder import open_workspace
from harness.workspace.progress import Progress

ARTICLE = ArticleId("alignment")
"""What the sentences are called in messages and in the progress display."""


def rough_translator(
    workspace: Path, system: str, pair: LangPair, progress: Progress, max_cost: Money | None = None
) -> Callable[[Sequence[str]], Sequence[str]]:
    """Make a function that asks a system: through the cache, within its limits and the budget.

    A sentence that has no translation in the end is an empty string.

    Args:
        workspace: Its root folder.
        system: The name of a system file.
        pair: The language pair.
        progress: Told how far it is.
        max_cost: What all requests together may cost; None for no limit.

    Raises:
        UsageError: there is no such system, or it has recorded outputs only; when called, also that it translated
            nothing at all.
    """
    opened = open_workspace(workspace)
    (known,) = load_systems(opened.systems, (system,))
    resolved = None if isinstance(known.engine, RecordedEngine) else known.resolve(pair)
    if resolved is None or isinstance(resolved.engine, RecordedEngine):
        raise UsageError(
            f"system '{system}' has recorded outputs only, so it cannot translate for --align-with",
            hint="name a system with an engine: harness list systems",
        )

    def ask(sentences: Sequence[str]) -> Sequence[str]:
        segments = tuple(
            Segment(SegmentId(ARTICLE, number), number, 1, text, ()) for number, text in enumerate(sentences, start=1)
        )
        engine = resolved.engine
        job = Job(
            known.name,
            Corpus(pair, (Article(ARTICLE, pair, segments),)),
            engine,
            engine.identity(pair),
            resolved.limits,
            tariff_of(engine, known.price),
            account=known.account,
        )
        with Cache.open(opened.cache) as cache:
            try:
                check_ready(job, cache=cache, offline=False)
            except EngineUnavailable as error:
                raise UsageError(f"--align-with {system}: {error}", hint=error.hint) from error
            (done,) = translate([job], cache, progress, max_cost)
        texts = [outcome.text if isinstance(outcome, Translated) else "" for outcome in done.outcomes]
        if sentences and not any(texts):
            reasons = [
                outcome.reason if isinstance(outcome, Refused) else outcome.error
                for outcome in done.outcomes
                if not isinstance(outcome, Translated)
            ]
            why = f": {reasons[0]}" if reasons else ""
            raise UsageError(f"--align-with {system}: no sentence was translated{why}")
        return texts

    return ask
