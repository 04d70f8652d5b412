"""Verdicts on real systems beside those of people: WMT test sets with published COMET and MQM segment scores.

Truth is a difference of MQM that the article test confirms at 5 %, for each pair of systems by itself, as WMT does.
Against it stand three ways of choosing between two systems: by the higher BLEU or COMET, which always chooses; by a
difference that the article test confirms after Holm's correction over all pairs; and by the decision of
:mod:`harness.decision` on the two systems alone, which first asks COMET and, where that cannot tell, the flags. COMET
is the published one, so nothing here needs a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Literal

from harness.api import score
from harness.decision import decide
from harness.errors import DataError
from harness.evidence import ALPHA, Comparison, Evidence, FormulaOf, weigh
from harness.metrics.load import formulas
from harness.metrics.scores import Scores
from harness.recommendation import DecisionPolicy, NoDecision
from harness.runs.result import PairResult
from harness.types import Missing, SystemName

SETS = ("wmt23.en-de", "wmt23.zh-en")

HUMAN, COMET = "mqm", "comet"

COMET_COLUMN = "COMET-refA"

FILES = ("source.txt", "reference.refA.txt", "docids.txt", "metrics_seg.tsv", "human_mqm_seg.tsv", "systems")

Choice = SystemName | Literal[""]
"""The system that a way of choosing takes; empty: it does not choose."""

Pair = tuple[SystemName, SystemName]


@dataclass(frozen=True, slots=True)
class Record:
    """One way of choosing on one test set, in pairs of systems."""

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
class SetResult:
    """What one test set shows."""

    name: str
    systems: int
    articles: int
    pairs: int
    confirmed: int
    """Pairs that people confirm to differ."""
    top: Mapping[str, tuple[SystemName, ...]]
    """Metric to its best system and those that cannot be told apart from it, best first."""
    groups: Mapping[str, tuple[tuple[SystemName, ...], ...]]
    recommendation: Choice
    records: tuple[Record, ...]


def measure(data: Path, *, sets: Sequence[str] = SETS, seed: int = 12345) -> list[SetResult]:
    """Judge the systems of WMT test sets.

    Args:
        data: the folder with one folder for each test set, laid out as ``docs/wmt23.md`` says.
        sets: names of these folders, ``<year>.<source>-<target>``.
        seed: of the resamples.

    Raises:
        DataError: a file is not there.
    """
    return [_measure_one(data / name, seed) for name in sets]


def _measure_one(folder: Path, seed: int) -> SetResult:
    for name in FILES:
        if not (folder / name).exists():
            raise DataError(f"{folder}: no {name}", hint="docs/wmt23.md says what is needed")
    hypotheses = {path.stem: path for path in sorted((folder / "systems").glob("*.txt"))}
    run = score(
        source=folder / "source.txt",
        references=[folder / "reference.refA.txt"],
        hypotheses=hypotheses,
        pair=folder.name.rpartition(".")[2],
        docids=folder / "docids.txt",
        metrics=("bleu", "chrf"),
        extra_metrics=[
            Scores.from_tsv(COMET, folder / "metrics_seg.tsv", column=COMET_COLUMN),
            Scores.from_tsv(HUMAN, folder / "human_mqm_seg.tsv"),
        ],
        offline=True,
        seed=seed,
    )
    (result,) = run.pairs
    formula = formulas(run.settings)
    evidence = weigh(result, formula, seed=seed, segment_tests=False)
    pairs = list(combinations(sorted(system.name for system in result.systems), 2))
    truth = {pair: _confirmed(_between(evidence, HUMAN, pair), corrected=False) for pair in pairs}
    ways: dict[str, dict[Pair, Choice]] = {}
    for metric, title in (("bleu", "BLEU"), ("chrf", "chrF"), (COMET, "COMET")):
        ways[f"higher {title}"] = {pair: _higher(_between(evidence, metric, pair)) for pair in pairs}
        ways[f"{title}, confirmed"] = {
            pair: _confirmed(_between(evidence, metric, pair), corrected=True) for pair in pairs
        }
    ways["decision"] = {pair: _decision(result, formula, pair, seed) for pair in pairs}
    return SetResult(
        name=folder.name,
        systems=len(result.systems),
        articles=len(result.corpus.articles),
        pairs=len(pairs),
        confirmed=sum(bool(better) for better in truth.values()),
        top={name: found.groups[0] for name, found in evidence.metrics.items()},
        groups={name: found.groups for name, found in evidence.metrics.items()},
        recommendation=_decision(result, formula, [system.name for system in result.systems], seed),
        records=tuple(_record(way, choices, truth) for way, choices in ways.items()),
    )


def _between(evidence: Evidence, metric: str, pair: Pair) -> Comparison:
    return next(item for item in evidence.metrics[metric].comparisons if {item.a, item.b} == set(pair))


def _higher(item: Comparison) -> Choice:
    return item.a if item.delta > 0 else item.b if item.delta < 0 else ""


def _confirmed(item: Comparison, *, corrected: bool) -> Choice:
    p = item.p_holm if corrected else item.p
    return "" if isinstance(p, Missing) or p > ALPHA else _higher(item)


def _decision(result: PairResult, formula: FormulaOf, names: Sequence[SystemName], seed: int) -> Choice:
    """What the decision takes among these systems; people are not asked."""
    some = replace(
        result,
        metrics=tuple(name for name in result.metrics if name != HUMAN),
        systems=tuple(system for system in result.systems if system.name in names),
    )
    decision = decide(weigh(some, formula, seed=seed, segment_tests=False), some, DecisionPolicy())
    chosen = decision.recommendation
    return "" if isinstance(chosen, NoDecision) else chosen


def _record(way: str, choices: Mapping[Pair, Choice], truth: Mapping[Pair, Choice]) -> Record:
    known = [pair for pair, better in truth.items() if better]
    return Record(
        way=way,
        right=sum(choices[pair] == truth[pair] for pair in known),
        wrong=sum(bool(choices[pair]) and choices[pair] != truth[pair] for pair in known),
        silent=sum(not choices[pair] for pair in known),
        beyond=sum(bool(choices[pair]) for pair, better in truth.items() if not better),
    )


def to_markdown(results: Sequence[SetResult]) -> str:
    """The tables of ``docs/wmt23.md``."""
    return "\n".join(line for result in results for line in _lines(result))


def _lines(result: SetResult) -> list[str]:
    title = f"{result.name}: {result.systems} systems, {result.articles} articles"
    lines = [f"**{title}.** People confirm a difference in {result.confirmed} of {result.pairs} pairs.", ""]
    lines += ["| way of choosing | right | wrong | silent | accuracy, % | chosen without a confirmed difference |"]
    lines += ["|---|---|---|---|---|---|"]
    for item in result.records:
        share = "–" if item.accuracy is None else f"{100 * item.accuracy:.1f}"
        lines.append(f"| {item.way} | {item.right} | {item.wrong} | {item.silent} | {share} | {item.beyond} |")
    lines += ["", "| metric | groups | best, and what cannot be told apart from it |", "|---|---|---|"]
    for name, top in result.top.items():
        lines.append(f"| {name} | {len(result.groups[name])} | {', '.join(top)} |")
    lines += ["", f"Decision among all: {result.recommendation or 'none'}.", ""]
    return lines
