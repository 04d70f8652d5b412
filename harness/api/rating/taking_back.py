"""Ratings become a column of the run that they are of: a new run, in which people decide where they rated enough."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from harness.analysis.subset import subset_pair
from harness.api.rating.handout import Handout, read_handout
from harness.corpus.layout import layout_of_run
from harness.errors import DataError, UsageError, so_many
from harness.metrics.interface import MetricContext
from harness.metrics.load import formulas
from harness.metrics.scores.metric import Scores, ScoresOptions
from harness.metrics.scoring import metric_notes, score_systems
from harness.reports.words.reasons import sentence
from harness.store.cache.nothing import NoCache
from harness.store.runs.directory import stamp, write_run
from harness.store.runs.looks import SETTING, looks_setting
from harness.store.runs.result import PairResult, Run
from harness.types import ArticleId, Corpus, JsonValue
from harness.workspace.languages import parse_pair
from harness.workspace.progress import Silent


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The run with the ratings."""

    run: Run
    folder: Path
    """Where it is kept."""


def take_back(run: Run, ratings: Path, runs: Path, *, column: str = "human", pair: str = "") -> TakenBack:
    """Add ratings to a run, and keep the result as a run of its own.

    Of a campaign that came in looks, it has the articles up to the last look, and is tested at the level of that.

    Args:
        run: the run that was rated.
        ratings: a ``campaign.json``, or any other file that ``--scores`` takes.
        runs: where runs are kept.
        column: the name of the new metric.
        pair: of which all ratings are; empty where they say it, or there is only one.

    Raises:
        UsageError: the run has a metric of that name.
        DataError: a rating fits nothing in the run, no pair of it was rated, or the first look is still to come.
    """
    if any(column in result.metrics for result in run.pairs):
        raise UsageError(
            f"the run {run.id} already has a metric '{column}'", hint="give the ratings another name: --as"
        )
    pairs = with_ratings(run, ratings, column, pair)
    now = datetime.now(UTC)
    kept = run.settings.get("metric_options")
    options: dict[str, JsonValue] = {**(kept if isinstance(kept, dict) else {}), column: {"metric": "scores"}}
    names = run.settings.get("metrics")
    settings: dict[str, JsonValue] = {**run.settings, "metric_options": options}
    if isinstance(names, list):
        settings["metrics"] = [*names, column]
    handout = read_handout(ratings.parent, parse_pair(pair)) if pair else None
    if handout is not None:
        (result,) = (result for result in pairs if result.pair == handout.pair)
        pairs = (_up_to_the_last_look(result, handout, run, ratings),)
        settings[SETTING] = looks_setting({handout.pair: handout.looks})
    rated = replace(
        run,
        id=f"{stamp(runs, now):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        created=now.isoformat(timespec="seconds"),
        command=f"harness rate --back {ratings} {run.id}",
        pairs=pairs,
        settings=settings,
        name="",
    )
    return TakenBack(rated, write_run(rated, runs, sentence))


def with_ratings(run: Run, ratings: Path, column: str, pair: str) -> tuple[PairResult, ...]:
    """The pairs of a run, with ratings as a metric of those that were rated.

    Args:
        run: the run that was rated.
        ratings: a file that ``--scores`` takes.
        column: the name of the new metric.
        pair: of which all ratings are; empty where they say it, or there is only one.

    Raises:
        DataError: a rating fits nothing in the run, or no pair of it was rated.
    """
    metric = Scores(ScoresOptions(name=column, file=str(ratings), human=True, pair=pair))
    corpora = [result.corpus for result in run.pairs]
    pairs = tuple(
        _with_ratings(result, corpora, metric, column) if pair in ("", str(result.pair)) else result
        for result in run.pairs
    )
    if not any(column in result.metrics for result in pairs):
        raise DataError(f"{ratings}: no segment of the run {run.id} is rated", hint="name the run that was rated")
    return pairs


def on_articles(result: PairResult, articles: Collection[ArticleId], run: Run) -> PairResult:
    """A pair of a run on some of its articles."""
    keep = np.array([segment.id.article in articles for segment in result.corpus.segments], dtype=np.bool_)
    return subset_pair(result, keep, formulas(run.settings))


def _up_to_the_last_look(result: PairResult, handout: Handout, run: Run, ratings: Path) -> PairResult:
    if not handout.judged:
        raise DataError(
            f"{ratings.parent}: the first look is still to come, after {so_many(handout.looks.counts[0], 'article')}",
            hint=f"let people go on: harness rate --continue {ratings.parent}",
        )
    return replace(on_articles(result, handout.judged, run), looks=handout.looks)


def _with_ratings(result: PairResult, corpora: list[Corpus], metric: Scores, column: str) -> PairResult:
    systems = [system.name for system in result.systems]
    layout = layout_of_run(result.corpus, corpora, systems)
    scored = score_systems(
        result.corpus,
        {system.name: system.outcomes for system in result.systems},
        {column: metric},
        MetricContext(result.pair, NoCache(), offline=True, layout=layout),
        Silent(),
        add_reference="",
    )
    if not any(column in part.tables and part.tables[column].scored.any() for part in scored.values()):
        return result
    return replace(
        result,
        metrics=(*result.metrics, column),
        systems=tuple(
            replace(
                system,
                tables={**system.tables, **scored[system.name].tables},
                scores={**system.scores, **scored[system.name].scores},
            )
            for system in result.systems
        ),
        notes=(*result.notes, *metric_notes([metric])),
    )
