"""Scores of parts of a corpus: by what articles say of themselves, by source length, by paragraph.

A slice is the same sums of stored rows over fewer segments, with the article as the unit of its interval. The slices of
one kind divide the corpus: every segment is in exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.comparison import ALPHA
from harness.analysis.stats.compare import FormulaOf, Interval, ScoreFunction, compare, make_profiles, score_interval
from harness.analysis.stats.design import Units
from harness.analysis.stats.family import judge_all, leader
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.units import too_few, units_of
from harness.metrics.interface import Mask
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import Corpus, Missing, Part, Reason, Score, SystemName, Unit, told

FEWEST_SEGMENTS = 30
"""Scores of fewer segments are hidden: they invite conclusions that they do not bear."""

LENGTH = "length"
POSITION = "position"

QUARTILES = (0.25, 0.5, 0.75)

MOST_SLICES = 12
"""A key with more values than this names articles; it does not group them."""

NOT_KINDS = frozenset({"title", "notes", "date", "url", "licence", "origin", "author"})
"""Metadata that describe one article."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A system against the best of the whole corpus, in one slice; positive: that one is better here, too."""

    best: SystemName
    delta: float
    interval: Interval
    """95 %, of this pair alone."""
    p_adjusted: float
    """Corrected for all pairs of systems in the slice, not for the number of slices."""

    @property
    def significant(self) -> bool:
        """Whether the two differ in this slice."""
        return self.p_adjusted <= ALPHA


@dataclass(frozen=True, slots=True)
class SliceScore:
    """One system under one metric in one slice."""

    score: float
    interval: Interval | Missing
    """95 %; Missing with fewer than 6 articles."""
    n: int
    """Scored segments."""
    leads: bool = False
    """Whether it is significantly better here than every other system, all pairs of the slice tested together."""
    behind: Behind | None = None
    """None for the best system itself, and where nothing can be tested."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the corpus."""

    label: Reason
    segments: int
    articles: int
    """Articles with at least one segment in the slice."""
    scores: Mapping[SystemName, Mapping[str, SliceScore | Missing]]
    """System to metric to score, in the order of the run."""


Slicing = tuple[Slice, ...] | Missing
"""The slices of one kind in order, or why the corpus cannot be cut so."""


def cut(
    result: PairResult, formula_of: FormulaOf, kind: str, *, seed: int, fewest_segments: int = FEWEST_SEGMENTS
) -> Slicing:
    """Cut the corpus of a pair and score every part.

    Args:
        result: a pair of a run.
        formula_of: formulas by column name.
        kind: ``length`` (quartiles of source characters), ``position`` (first paragraph or a later one), or a key of
            the articles' metadata, such as ``domain``.
        seed: of the intervals.
        fewest_segments: scores of fewer segments are hidden.
    """
    members = members_of(result.corpus, kind)
    if isinstance(members, Missing):
        return members
    formulas = {name: formula_of(name) for name in result.metrics}
    scale = _Scale(formulas, *units_of(result.corpus, result.unit), seed, fewest_segments)
    whole = [len(article.segments) for article in result.corpus.articles]
    article_of = np.repeat(np.arange(len(whole)), whole)
    return tuple(
        Slice(
            label,
            int(mask.sum()),
            len(np.unique(article_of[mask])),
            scale.scores(result, mask),
        )
        for label, mask in members
    )


def members_of(corpus: Corpus, kind: str) -> list[tuple[Reason, Mask]] | Missing:
    """Which segments belong to each slice; every segment belongs to one."""
    if kind == LENGTH:
        return _by_length(np.array([len(segment.source) for segment in corpus.segments]))
    if kind == POSITION:
        first = np.array([segment.paragraph == 1 for segment in corpus.segments], dtype=np.bool_)
        if first.all():
            return Missing(Reason("slices.one_paragraph"), Reason("slices.one_paragraph_help"))
        return [(Reason("slices.first_paragraph"), first), (Reason("slices.later_paragraphs"), ~first)]
    keys = sorted({key for article in corpus.articles for key in article.meta})
    if kind not in keys:
        return Missing(
            Reason("slices.no_key", {"key": kind}),
            Reason("slices.no_key_help", {"kinds": ", ".join((*keys, LENGTH, POSITION))}),
        )
    values = [article.meta.get(kind) for article in corpus.articles for _ in article.segments]
    labels = np.array(values, dtype=np.object_)
    return [
        (Reason("slices.not_given") if value is None else told(value), labels == value)
        for value in dict.fromkeys(values)
    ]


def kinds_of(corpus: Corpus) -> tuple[str, ...]:
    """The kinds of slices that group the articles of a corpus: keys of their metadata, by name, then those of texts."""
    values: dict[str, set[str]] = {}
    for article in corpus.articles:
        for key, value in article.meta.items():
            values.setdefault(key, set()).add(value)
    keys = [key for key, found in sorted(values.items()) if key not in NOT_KINDS and 1 < len(found) <= MOST_SLICES]
    return (*keys, LENGTH, POSITION)


def _by_length(lengths: np.typing.NDArray[np.int64]) -> list[tuple[Reason, Mask]]:
    """Quartiles, named by the shortest and the longest source; fewer where many sources are equally long."""
    if not len(lengths):
        return []
    quarter = np.searchsorted(np.quantile(lengths, QUARTILES), lengths)
    masks = [quarter == number for number in np.unique(quarter)]
    return [(_characters(lengths[mask]), mask) for mask in masks]


def _characters(lengths: np.typing.NDArray[np.int64]) -> Reason:
    low, high = (Part("number", int(limit)) for limit in (lengths.min(), lengths.max()))
    return Reason("slices.characters", {"low": low, "high": high})


@dataclass(frozen=True, slots=True)
class _Scale:
    """What scores are computed with."""

    formulas: Mapping[str, ScoreFunction]
    unit: Unit
    units: Units
    seed: int
    fewest: int

    def scores(self, result: PairResult, mask: Mask) -> dict[SystemName, dict[str, SliceScore | Missing]]:
        """The scores of all systems and metrics over the segments of ``mask``."""
        by_system: dict[SystemName, dict[str, SliceScore | Missing]] = {system.name: {} for system in result.systems}
        for name in result.metrics:
            for system, score in self._by_metric(result.systems, name, mask):
                by_system[system][name] = score
        return by_system

    def _by_metric(
        self, systems: Sequence[SystemResult], name: str, mask: Mask
    ) -> Iterator[tuple[SystemName, SliceScore | Missing]]:
        """The scores under one metric; systems scored on the same segments together."""
        groups: dict[bytes, list[SystemResult]] = {}
        for system in systems:
            scores = system.scores[name]
            missing = scores if isinstance(scores, Missing) else scores.corpus
            if isinstance(missing, Missing):
                yield system.name, missing
                continue
            known = system.tables[name].scored & mask
            n = int(known.sum())
            if n < max(self.fewest, 1):
                why = Reason("slices.few", {"n": n, "least": self.fewest})
                yield system.name, Missing(why, Reason("slices.few_help"))
                continue
            groups.setdefault(known.tobytes(), []).append(system)
        for group in groups.values():
            known = group[0].tables[name].scored & mask
            sample = self.units.sample(known, self.seed)
            sums = [sample.sums(system.tables[name].rows, known) for system in group]
            profiles = make_profiles(sums, sample.sizes(known), self.formulas[name], sample.design)
            few = sample.design.units < FEWEST_UNITS
            higher = group[0].tables[name].identity.higher_is_better
            alone = few or len(groups) > 1 or len(group) < 2
            judged = {} if alone else judge_all(profiles, sample.design, higher_is_better=higher)
            first = leader(judged, len(group)) if judged else None
            best = _best(group, name, higher=higher)
            for index, (system, profile) in enumerate(zip(group, profiles, strict=True)):
                interval = too_few(sample.design.units, self.unit) if few else score_interval(profile, sample.design)
                behind = None
                if judged and index != best:
                    item = compare(profiles[best], profile, self.formulas[name], sample.design, higher_is_better=higher)
                    _, p = judged[min(best, index), max(best, index)]
                    behind = Behind(group[best].name, item.delta, item.interval, p)
                score = SliceScore(profile.value, interval, int(known.sum()), leads=index == first, behind=behind)
                yield system.name, score


def _best(systems: Sequence[SystemResult], metric: str, *, higher: bool) -> int:
    """The place of the system with the best score of the whole corpus."""
    values = [scores.corpus.value for system in systems if isinstance(scores := system.scores[metric], MetricScores)
              and isinstance(scores.corpus, Score)]  # fmt: skip
    return (np.argmax if higher else np.argmin)(values).item()
