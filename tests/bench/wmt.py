"""Verdicts on real systems beside those of people: test sets with human judgements of every system.

Truth is a difference of ratings that the article test confirms at 5 %, for each pair of systems by itself, as WMT
does; where only whole systems were published, what was published of them (:mod:`tests.bench.wmt_sets`). Against it
stand the ways of choosing between two systems: by the higher score, which always chooses; by a difference that the
article test confirms, corrected for all pairs; by two metrics that decide together
(:mod:`harness.analysis.joint`); and by the decision of :mod:`harness.analysis.decision.decide` on the two systems
alone. Learned metrics are the published ones, so nothing here needs a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from harness.analysis.comparison import ALPHA, Comparison, Evidence
from harness.analysis.decision.decide import decide
from harness.analysis.decision.recommendation import Decision, DecisionPolicy, NoDecision
from harness.analysis.evidence import weigh
from harness.analysis.stats.compare import FormulaOf
from harness.api import score
from harness.metrics.load import formulas
from harness.reports.words.numbers import metric_title
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, SystemName
from tests.bench.wmt_sets import JudgedSet, Pair, Truth, find_sets

STRINGS = ("bleu", "chrf")
SEED = 12345

Choice = SystemName | Literal[""]
"""The system that a way of choosing takes; empty: it does not choose."""

Choices = Mapping[Pair, Choice]


@dataclass(frozen=True, slots=True)
class Record:
    """One way of choosing against one set of judgements, in pairs of systems."""

    way: str
    right: int
    """Chose the system that people confirm to be better."""
    wrong: int
    """Chose the one that people confirm to be worse."""
    silent: int
    """Did not choose, where people do."""
    beyond: int
    """Chose, where people confirm no difference."""

    @property
    def accuracy(self) -> float | None:
        """Share of right choices among those that people confirm or refute; None where there is none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None


@dataclass(frozen=True, slots=True)
class Judged:
    """One set of judgements of one test set."""

    protocol: str
    pairs: int
    confirmed: int
    """Pairs that people confirm to differ."""
    records: tuple[Record, ...]
    preferred: tuple[SystemName, ...]
    """Systems that people confirm to be better than the one the decision takes among all."""


@dataclass(frozen=True, slots=True)
class SetResult:
    """What one test set shows."""

    name: str
    systems: int
    articles: int
    known_articles: bool
    top: Mapping[str, tuple[SystemName, ...]]
    """Metric to its best system and those that cannot be told apart from it, best first."""
    recommendation: Choice
    clear: bool
    """Whether the decision calls it clearly best."""
    judged: tuple[Judged, ...]


def measure(data: Path, *, sets: Sequence[str] = (), seed: int = SEED) -> list[SetResult]:
    """Judge the systems of test sets.

    Args:
        data: the folder with one folder for each test set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders, ``<year>.<source>-<target>``; empty: all that people have judged.
        seed: of the resamples.

    Raises:
        DataError: a file is not there.
    """
    with TemporaryDirectory() as scratch:
        return [_measure_one(item, seed) for item in find_sets(data, Path(scratch), sets)]


def _measure_one(given: JudgedSet, seed: int) -> SetResult:
    scored = score_judged(given, seed)
    (result,) = scored.run.pairs
    formula = formulas(scored.run.settings)
    ways = dict(scored.ways)
    decisions = {pair: _decision(scored.without_people, formula, pair, seed) for pair in scored.pairs}
    ways["decision"] = {pair: _choice(decision) for pair, decision in decisions.items()}
    ways["clearly best"] = {
        pair: _choice(decision) if decision.strength == "clear" else "" for pair, decision in decisions.items()
    }
    among_all = _decision(scored.without_people, formula, [system.name for system in result.systems], seed)
    best = _choice(among_all)
    return SetResult(
        name=given.name,
        systems=len(result.systems),
        articles=len(result.corpus.articles),
        known_articles=given.known_articles,
        top={name: found.groups[0] for name, found in scored.evidence.metrics.items()},
        recommendation=best,
        clear=among_all.strength == "clear",
        judged=tuple(judge(protocol, truth, ways, scored.pairs, best) for protocol, truth in scored.truths.items()),
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """A set, what metrics choose in it, and what people confirm."""

    run: Run
    without_people: PairResult
    evidence: Evidence
    """Of all systems, without people."""
    pairs: Sequence[Pair]
    ways: Mapping[str, Choices]
    truths: Mapping[str, Truth]


def score_judged(
    given: JudgedSet, seed: int = SEED, *, strings: Sequence[str] = STRINGS, checks: bool = True
) -> Scored:
    """Score a set by metrics and by people.

    Args:
        given: the set.
        seed: of the resamples.
        strings: metrics that are computed beside the published ones.
        checks: whether flags are looked for, which decisions count.
    """
    run = score_run(given, seed, strings=strings, checks=checks)
    (result,) = run.pairs
    formula = formulas(run.settings)
    without = replace(result, metrics=tuple(name for name in result.metrics if name not in given.people))
    evidence = weigh(without, formula, seed=seed, segment_tests=False)
    pairs = list(combinations(sorted(system.name for system in result.systems), 2))
    truths: dict[str, Truth] = {name: _by_people(result, name, formula, seed) for name in given.people}
    return Scored(run, without, evidence, pairs, dict(_ways(evidence, pairs)), truths | dict(given.truths))


def score_run(given: JudgedSet, seed: int, *, strings: Sequence[str], checks: bool) -> Run:
    """Every metric and every rating of a set, as one run; arguments as for :func:`score_judged`."""
    return score(
        source=given.source,
        references=[next(iter(given.references.values()))],
        hypotheses=given.systems,
        pair=given.pair,
        docids=given.docids,
        metrics=strings,
        extra_metrics=[*given.metrics.values(), *given.people.values()],
        offline=True,
        checks=checks,
        seed=seed,
    )


def _by_people(result: PairResult, protocol: str, formula: FormulaOf, seed: int) -> Truth:
    evidence = weigh(replace(result, metrics=(protocol,)), formula, seed=seed, segment_tests=False)
    found = {}
    for item in evidence.metrics[protocol].comparisons:
        if better := _confirmed(item, corrected=False):
            found[min(item.a, item.b), max(item.a, item.b)] = better
    return found


def _ways(evidence: Evidence, pairs: Sequence[Pair]) -> Iterable[tuple[str, Choices]]:
    for metric, found in evidence.metrics.items():
        by_pair = {(min(item.a, item.b), max(item.a, item.b)): item for item in found.comparisons}
        title = metric_title(metric)
        yield f"higher {title}", {pair: _higher(by_pair[pair]) for pair in pairs}
        yield f"{title}, confirmed", {pair: _confirmed(by_pair[pair], corrected=True) for pair in pairs}
    if evidence.joint is not None:
        two = f"{metric_title(evidence.joint.first)} and {metric_title(evidence.joint.second)}"
        by_pair = {(min(item.a, item.b), max(item.a, item.b)): item for item in evidence.joint.evidence.comparisons}
        way = {"mean": f"mean of {two}, confirmed", "both": f"{two}, both confirmed"}[evidence.joint.how]
        yield way, {pair: _confirmed(by_pair[pair], corrected=True) for pair in pairs}


def _higher(item: Comparison) -> Choice:
    return item.a if item.delta > 0 else item.b if item.delta < 0 else ""


def _confirmed(item: Comparison, *, corrected: bool) -> Choice:
    p = item.p_adjusted if corrected else item.p
    return "" if isinstance(p, Missing) or p > ALPHA else _higher(item)


def _decision(result: PairResult, formula: FormulaOf, names: Sequence[SystemName], seed: int) -> Decision:
    """The decision among these systems; people are not asked."""
    some = replace(result, systems=tuple(system for system in result.systems if system.name in names))
    return decide(weigh(some, formula, seed=seed, segment_tests=False), some, DecisionPolicy())


def _choice(decision: Decision) -> Choice:
    chosen = decision.recommendation
    return "" if isinstance(chosen, NoDecision) else chosen


def judge(protocol: str, truth: Truth, ways: Mapping[str, Choices], pairs: Sequence[Pair], best: Choice) -> Judged:
    """Hold choices against what people confirm; ``best`` is the system that a decision among all takes."""
    preferred = sorted(better for pair, better in truth.items() if best in pair and better != best)
    rated = {name for pair in truth for name in pair}
    asked = [pair for pair in pairs if rated.issuperset(pair)]
    return Judged(
        protocol=protocol,
        pairs=len(asked),
        confirmed=sum(pair in truth for pair in asked),
        records=tuple(_record(way, choices, truth, asked) for way, choices in ways.items()),
        preferred=tuple(preferred),
    )


def _record(way: str, choices: Choices, truth: Truth, pairs: Sequence[Pair]) -> Record:
    known = [pair for pair in pairs if pair in truth]
    return Record(
        way=way,
        right=sum(choices[pair] == truth[pair] for pair in known),
        wrong=sum(bool(choices[pair]) and choices[pair] != truth[pair] for pair in known),
        silent=sum(not choices[pair] for pair in known),
        beyond=sum(bool(choices[pair]) for pair in pairs if pair not in truth),
    )


def to_markdown(results: Sequence[SetResult]) -> str:
    """The tables of ``docs/wmt.md``: all sets together, those with learned metrics by themselves, then each."""
    learned = [result for result in results if "comet" in result.top]
    strings = [result for result in results if "comet" not in result.top]
    lines = [*_pooled("Sets with learned metrics", learned), *_pooled("Sets with string metrics only", strings)]
    return "\n".join([*lines, *(line for result in results for line in _lines(result))])


def _pooled(title: str, results: Sequence[SetResult]) -> list[str]:
    """Sums over all judgements of the sets, for the ways that every one of them has."""
    records = [item.records for result in results for item in result.judged]
    if not records:
        return []
    ways = [item.way for item in records[0] if all(any(one.way == item.way for one in found) for found in records)]
    found = {way: [one for some in records for one in some if one.way == way] for way in ways}
    sums = [
        Record(way, *(sum(getattr(one, name) for one in items) for name in ("right", "wrong", "silent", "beyond")))
        for way, items in found.items()
    ]
    return [f"**{title}: {len(records)} sets of judgements.**", "", *_table(sums), ""]


def _table(records: Sequence[Record]) -> list[str]:
    lines = ["| way of choosing | right | wrong | silent | accuracy, % | chosen without a confirmed difference |"]
    lines += ["|---|---|---|---|---|---|"]
    for item in records:
        share = "–" if item.accuracy is None else f"{100 * item.accuracy:.1f}"
        lines.append(f"| {item.way} | {item.right} | {item.wrong} | {item.silent} | {share} | {item.beyond} |")
    return lines


def _lines(result: SetResult) -> list[str]:
    extent = f"{result.articles} {'articles' if result.known_articles else 'blocks of ten lines'}"
    lines = [f"**{result.name}: {result.systems} systems, {extent}.**", ""]
    taken = f"{result.recommendation}, {'clearly best' if result.clear else 'with others beside it'}"
    lines += [f"Decision among all: {taken if result.recommendation else 'none'}.", ""]
    for judged in result.judged:
        better = f"; people confirm as better than it: {', '.join(judged.preferred)}" if judged.preferred else ""
        lines += [f"{judged.protocol}: {judged.confirmed} of {judged.pairs} pairs confirmed to differ{better}.", ""]
        lines += _table(judged.records)
        lines.append("")
    lines += ["| metric | best, and what cannot be told apart from it |", "|---|---|"]
    lines += [f"| {name} | {', '.join(top)} |" for name, top in result.top.items()]
    return [*lines, ""]
