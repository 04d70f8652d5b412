"""The leaderboard of one pair: the ordered rows and cells that every format shows.

The best value of a column is decided at the precision shown, so a difference nobody can see is not marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.analysis.stats.compare import Interval
from harness.checks.counts import count_flags
from harness.reports.model.excluded import excluded_sentences, shared_sentence
from harness.reports.model.shown import display_names, shown_names
from harness.reports.model.verdict import verdict
from harness.reports.words.decision import spoken
from harness.reports.words.messages import say
from harness.reports.words.numbers import arrow, counted, format_range, format_score, kind_title, listed, metric_title
from harness.reports.words.origins import origin_in_words
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.store.runs.frame import corpus_score
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Decimals, Failed, MetricIdentity, Missing, NotBought, Refused, Score, SystemName, Translated


@dataclass(frozen=True, slots=True)
class Cell:
    """One score as shown."""

    text: str
    """Rounded, or the words for that there is none."""
    note: int = 0
    """Number of the note that says why there is no score; 0: there is one."""
    best: bool = False
    """No value of the same column (or row, per article) is better at the precision shown, and one is worse."""
    extent: str = ""
    """What the score covers, where that differs from the rest: ``over 17 segments``."""
    interval: str = ""
    """Of a corpus score by the primary metric: ``0.8371 to 0.8453``."""
    letters: str = ""
    """The tie groups of a corpus score."""


@dataclass(frozen=True, slots=True)
class Column:
    """One metric."""

    metric: str
    title: str
    arrow: str
    """Empty where no system has a score, because then nothing told the direction."""
    covers: str
    """How many segments stand behind the scores of complete systems: ``18 of 20 segments``; empty where unknown."""
    decimals: Decimals
    """How many are shown of its scores."""
    comparable: bool
    """Same segments and same signature for every complete system."""


@dataclass(frozen=True, slots=True)
class Row:
    """One system."""

    system: SystemName
    label: str
    complete: bool
    coverage: str
    """``20 of 20 segments translated``."""
    cells: tuple[Cell, ...]
    flags: tuple[tuple[str, int], ...]
    checked: bool
    """Whether the checks have looked at its outputs."""
    origin: str

    @property
    def flag_text(self) -> str:
        """``2 failed, 3 wrong language``, ``none``, or that nobody has looked."""
        return flag_text(self.flags, checked=self.checked)


@dataclass(slots=True)
class Notebook:
    """Numbers the reasons for missing scores: equal reasons share one note."""

    _subjects: dict[tuple[str, str], dict[Callable[[str], str], dict[str, None]]] = field(default_factory=dict)
    """Reason and fix to what says what they are about, and to the names in each."""

    def number(self, missing: Missing, name: str, about: Callable[[str], str] = str) -> int:
        """The number of the note for ``missing``.

        Args:
            missing: its reason, which several cells may have.
            name: of a metric or a system; it is added to what the note is about.
            about: what of these systems is missing, such as ``Latency of a and b``; ``str`` where names say enough.
        """
        key = (sentence(missing.why), sentence(missing.fix))
        self._subjects.setdefault(key, {}).setdefault(about, {})[name] = None
        return list(self._subjects).index(key) + 1

    def entries(self) -> list[tuple[int, str, str, str]]:
        """``(number, subjects, why, fix)`` of every note, in order."""
        return [
            (number, visible(_subject(names)), visible(why), visible(fix))
            for number, ((why, fix), names) in enumerate(self._subjects.items(), start=1)
        ]


def _subject(names: Mapping[Callable[[str], str], Iterable[str]]) -> str:
    """``BLEU, chrF`` or ``Latency of a and b``."""
    return ", ".join(", ".join(of) if about is str else about(listed([*of])) for about, of in names.items())


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Columns are metrics, rows are systems: complete ones by primary metric, then the incomplete."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    primary: str | None
    """The metric the order follows; None when no complete system has a comparable score."""
    summary: str

    @property
    def tie_legend(self) -> str:
        """What the letters mean; empty where there are none."""
        return say("leaderboard.tied") if any(cell.letters for row in self.rows for cell in row.cells) else ""

    @property
    def covers(self) -> str:
        """What the numbers are, in a sentence: ``Corpus scores: BLEU, chrF over 18 of 20 segments.`` is one."""
        groups: dict[str, list[str]] = {}
        for column in self.columns:
            if column.covers:
                groups.setdefault(column.covers, []).append(column.title)
        listed = "; ".join(
            say("leaderboard.covers", metrics=", ".join(titles), extent=covers) for covers, titles in groups.items()
        )
        return say("leaderboard.corpus_scores_of", listed=listed) if listed else say("leaderboard.corpus_scores")


def make_cells(
    standing: Standing,
    metric: str,
    scores: Mapping[SystemName, Score | Missing],
    notes: Notebook,
    unit: str,
    *,
    starred: bool = True,
) -> tuple[Cell, ...]:
    """Cells for one score of every system, in the order of ``scores``; ``unit`` names what ``Score.n`` counts."""
    known_scores = {n: score for n, score in scores.items() if isinstance(score, Score) and n in standing.complete}
    best: set[SystemName] = set()
    if starred and metric in standing.comparable and metric in standing.identities:
        values = {name: score.value for name, score in known_scores.items()}
        best = _best_of(standing.identities[metric], values)
    usual = max((score.n for score in known_scores.values()), default=-1)
    cells = []
    for name, score in scores.items():
        if isinstance(score, Missing):
            cells.append(Cell(say("leaderboard.not_scored"), note=notes.number(score, metric_title(metric))))
        else:
            extent = "" if score.n == usual else say("leaderboard.over", extent=counted(score.n, unit))
            cells.append(Cell(format_score(standing.decimals(metric), score.value), best=name in best, extent=extent))
    return tuple(cells)


def _best_of(metric: MetricIdentity, values: Mapping[SystemName, float]) -> set[SystemName]:
    """Which systems show the best value, at the precision shown; none where all show the same."""
    shown = {name: format_score(metric.decimals, value) for name, value in values.items()}
    if len(set(shown.values())) < 2:
        return set()
    best = (max if metric.higher_is_better else min)(values, key=lambda name: values[name])
    return {name for name, text in shown.items() if text == shown[best]}


def flags(system: SystemResult) -> tuple[tuple[str, int], ...]:
    """What a score does not show, counted: empty, refused and failed answers, and what checks and metrics marked."""
    counts = Counter({"failed": 0, "refused": 0, "empty": 0})  # in this order, whichever comes first
    for outcome in system.outcomes:
        match outcome:
            case Refused():
                counts["refused"] += 1
            case Failed():
                counts["failed"] += 1
            case Translated():
                counts["empty"] += not outcome.text.strip()
    for kind, count in count_flags(system.flags).items():
        if kind != "empty":  # counted above
            counts[kind.replace("_", " ")] += count
    for metric, table in system.tables.items():
        for mark, mask in table.marks.items():
            if mark != "empty":  # counted above, from the text itself
                counts[visible(f"{mark} ({metric_title(metric)})")] += int(mask.sum())
    return tuple((name, count) for name, count in counts.items() if count)


def noticed(name: str) -> str:
    """What was noticed, in words: checks' kinds and the outcomes have messages, marks of engines are their own."""
    return kind_title(name.replace(" ", "_"))


def flag_text(counts: Sequence[tuple[str, int]], *, checked: bool) -> str:
    """What was noticed; where that is nothing, whether anybody has looked."""
    return flag_words(counts) or (say("leaderboard.no_flags") if checked else say("leaderboard.unchecked"))


def checked(system: SystemResult) -> bool:
    """Whether the checks have looked at its outputs."""
    return bool(system.flags) or not system.outcomes


def flag_words(counts: Iterable[tuple[str, int]]) -> str:
    """``2 failed, 3 wrong language``."""
    return ", ".join(f"{count:,} {noticed(name)}" for name, count in counts)


def build_leaderboard(pair: PairAnalysis, notes: Notebook) -> Leaderboard:
    """Make the leaderboard of one pair; reasons for missing scores go into ``notes``."""
    result, standing = pair.result, pair.standing
    names = display_names(result)
    total = len(result.corpus.segments)
    cells = {
        metric: _weighed(
            make_cells(standing, metric, {s.name: corpus_score(s, metric) for s in standing.systems}, notes, "segment"),
            metric,
            pair,
        )
        for metric in result.metrics
    }
    rows = tuple(
        Row(
            system=system.name,
            label=names[system.name],
            complete=system.name in standing.complete,
            coverage=_coverage(system, total, names),
            cells=tuple(cells[metric][index] for metric in result.metrics),
            flags=flags(system),
            checked=checked(system),
            origin=visible(origin_in_words(system.origin)),
        )
        for index, system in enumerate(standing.systems)
    )
    columns = tuple(_column(result, standing, metric, total) for metric in result.metrics)
    return Leaderboard(columns, rows, standing.primary, summarise(pair))


def _coverage(system: SystemResult, total: int, names: Mapping[SystemName, str]) -> str:
    """How many segments were translated, and why no more where nobody asked for more."""
    answered = sum(isinstance(outcome, Translated) for outcome in system.outcomes)
    covered = say("leaderboard.coverage", n=f"{answered:,}", segments=counted(total, "segment"))
    unasked = next((outcome for outcome in system.outcomes if isinstance(outcome, NotBought)), None)
    if unasked is None:
        return covered
    better = names[unasked.better]
    return say("until.bought", coverage=covered, system=names[system.name], better=better)


def _weighed(cells: tuple[Cell, ...], metric: str, pair: PairAnalysis) -> tuple[Cell, ...]:
    """``cells`` of all systems with their tie-group letters and, for the primary metric, their intervals."""
    evidence, standing = pair.metric(metric), pair.standing
    if evidence is None or metric not in standing.comparable:
        return cells
    marks = pair.letters(metric)
    weighed, decimals = [], evidence.metric.decimals
    for system, cell in zip(standing.systems, cells, strict=True):
        interval = evidence.intervals.get(system.name) if metric == standing.primary else None
        shown = format_range(decimals, interval.low, interval.high) if isinstance(interval, Interval) else ""
        weighed.append(replace(cell, interval=shown, letters=marks.get(system.name, "")))
    return tuple(weighed)


def _column(result: PairResult, standing: Standing, metric: str, total: int) -> Column:
    identity = standing.identities.get(metric)
    comparable = metric in standing.comparable
    corpora = [corpus_score(system, metric) for system in result.systems if system.name in standing.complete]
    covered = {score.n for score in corpora if isinstance(score, Score)}
    return Column(
        metric=metric,
        title=visible(metric_title(metric)),
        decimals=standing.decimals(metric),
        arrow=arrow(identity.higher_is_better) if identity else "",
        covers=say("leaderboard.of", n=f"{covered.pop():,}", segments=counted(total, "segment"))
        if len(covered) == 1 and comparable
        else "",
        comparable=comparable,
    )


def summarise(pair: PairAnalysis) -> str:
    """Which systems are left out, what casts doubt on the verdict, the verdict on the others, and what all share."""
    names = display_names(pair.result)
    doubts = spoken(pair.decision, shown_names(pair.result)).warnings
    said = verdict(pair, names, tuple(map(visible, doubts)))
    return " ".join(filter(None, (*excluded_sentences(pair, names), said, shared_sentence(pair.shared, names))))
