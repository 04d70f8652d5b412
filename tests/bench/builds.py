"""Builds that are gated one after the other against one baseline: false alarms, power and delay by spending rule.

Every build is a version of one engine. A version takes each article from one of the better systems of a test set, drawn
anew, each system centred so that it scores the same over the whole set: versions are exchangeable, and differ as much
as good systems do. Articles are drawn with replacement, and are the same in the baseline and in all builds. A drop
takes so many points from every article of all builds from one on.

The p of a build is the gate's: the swap test of a loss at the margin, one-sided. Scores that are no means (chrF) are
taken to first order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harness.analysis.stats.builds import ALPHA, build_level
from harness.analysis.stats.design import SHUFFLES, make_design
from harness.errors import DataError
from harness.metrics.interface import Mask, Rows
from harness.metrics.load import formulas
from tests.bench.gate import contributions, score_set
from tests.bench.wmt_sets import JudgedSet, find_sets

BUILDS = (50, 200)
"""How many are looked back on; the larger is simulated."""

ARTICLES = (24, 48, 96)

DROPS = (1.0, 2.0)
"""Points that are lost."""

MARGINS = (0.0, 1.0)

DROP_AT = (5, 25, 100)
"""The build from which on they are lost."""

SOON = 10
"""Builds within which a drop is looked for."""

PLANNED = 50
"""Builds that the halves are planned for."""

LevelOf = Callable[[int], float]


def _lord(number: int) -> float:
    """LORD's sequence (Ramdas and others 2017) before its first alarm, scaled to spend all of the level in 10,000."""
    return math.log(max(number, 2)) / (number * math.exp(math.sqrt(math.log(number)))) if number > 1 else math.log(2)


LORD_TOTAL = sum(_lord(number) for number in range(1, 10_001))

RULES: Mapping[str, LevelOf] = {
    "each build at 5 %": lambda _: ALPHA,
    "even over 200": lambda number: ALPHA / 200 if number <= 200 else 0.0,
    f"halves of {PLANNED}": lambda number: build_level(number, PLANNED),
    "halves of 200": lambda number: build_level(number, 200),
    "1/j²": lambda number: ALPHA * 6 / (math.pi * number) ** 2,
    "LORD": lambda number: ALPHA * _lord(number) / LORD_TOTAL,
}
"""Name to the one-sided level of each build. Alpha-investing earns nothing before its first alarm: until then its
rules are sequences of levels like the others."""

MARTINGALE = "product of e-values"
"""Each p as the e-value ``(1 - p + p log p) / (p log(p)²)`` (Vovk and Wang 2021), multiplied; alarm at 20."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What the better systems of a set have in every article, centred."""

    contributions: Rows
    """(systems, n) what each article adds to the score."""
    shares: Rows
    """(n,) of each article in the whole."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a rule did in all simulated series of builds."""

    rule: str
    articles: int
    margin: float
    false_alarms: Mapping[int, float]
    """Number of builds without a loss to the share of series with an alarm."""
    found: Mapping[tuple[float, int], float]
    """(points lost, build) to the share with an alarm within :data:`SOON` builds from that one on."""
    delay: Mapping[tuple[float, int], float]
    """The same to the median of builds until the alarm; infinite where fewer than half ever raise one."""


def measure(
    data: Path,
    *,
    sets: Sequence[str] = (),
    metric: str = "chrf",
    articles: Sequence[int] = ARTICLES,
    runs: int = 1000,
    seed: int = 1,
    done: Callable[[str], None] = lambda _: None,
) -> list[Chart]:
    """Simulate series of builds on articles of WMT sets.

    Args:
        data: the folder with one folder for each set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders; empty: all that have document ids.
        metric: whose scores they are.
        articles: numbers of articles, each at least 14.
        runs: series for each number of articles.
        seed: of everything random.
        done: told of each number of articles when it is finished.

    Raises:
        DataError: a file is not there, or no set has document ids.
    """
    sources: list[Versions] = []
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            if given.known_articles:
                sources += _versions(given, metric, seed)
    if not sources:
        raise DataError(f"{data}: no set with document ids", hint="to see what is needed: harness docs wmt")
    charts: list[Chart] = []
    for count in articles:
        charts += follow(sources, count, runs=runs, seed=seed)
        done(f"{count} articles")
    return charts


def _versions(given: JudgedSet, metric: str, seed: int) -> Iterator[Versions]:
    run = score_set(given, [], seed)
    (result,) = run.pairs
    if metric not in result.metrics:
        return
    profiles = contributions(result, metric, formulas(run.settings)(metric), seed).values()
    best = sorted(profiles, key=lambda item: -item.value)[: max(2, math.ceil(len(profiles) / 2))]
    shares = np.mean([item.shares for item in best], axis=0)
    yield Versions(np.stack([item.contributions - item.value * shares for item in best]), shares)


def follow(sources: Sequence[Versions], articles: int, *, runs: int, seed: int) -> list[Chart]:
    """Every rule and margin on ``runs`` series of builds; the same seed gives the same charts."""
    rng = np.random.default_rng([seed, articles])
    offsets = sorted({margin - drop for margin in MARGINS for drop in (0.0, *DROPS)})
    p = {offset: np.empty((runs, max(BUILDS))) for offset in offsets}
    signs = _signs(articles, seed)
    for run in range(runs):
        source = sources[rng.integers(len(sources))]
        drawn = rng.integers(len(source.shares), size=articles)
        shares = source.shares[drawn]
        chosen = rng.integers(len(source.contributions), size=(max(BUILDS) + 1, articles))
        versions = source.contributions[chosen, drawn]
        differences = ((versions[1:] - versions[0]) / shares.sum()).astype(np.float32)
        weights = (shares / shares.sum()).astype(np.float32)
        for offset in offsets:
            p[offset][run] = one_sided(differences + np.float32(offset) * weights, signs)
    return [_chart(rule, articles, margin, p) for margin in MARGINS for rule in (*RULES, MARTINGALE)]


def _signs(articles: int, seed: int) -> Rows:
    design = make_design(articles, seed)
    identity = np.eye(articles)
    (moved,) = design.swapped([identity])
    signs: Rows = (1 - 2 * moved[:SHUFFLES]).astype(np.float32)
    return signs


def one_sided(rows: Rows, signs: Rows) -> Rows:
    """(K,) the p of a loss by the swap test.

    Args:
        rows: (K, n) what each article adds to the difference from what is asked about.
        signs: (R, n) 1 where an article stays and -1 where it moves.
    """
    totals = rows.sum(axis=1)
    shown = np.abs(rows @ signs.T)
    reached = (shown >= np.abs(totals)[:, None] * (1 - 1e-5)).sum(axis=1)
    two_sided = (reached + 1) / (len(signs) + 1)
    p: Rows = np.where(totals < 0, two_sided / 2, 1 - two_sided / 2)
    return p


def alarms(p: Rows, rule: str) -> Mask:
    """(runs, K) of which builds the rule raises an alarm."""
    if rule == MARTINGALE:
        small = np.minimum(p, 1 - 1e-9)
        evidence = (1 - small + small * np.log(small)) / (small * np.log(small) ** 2)
        return np.asarray(np.cumsum(np.log(evidence), axis=1) >= math.log(1 / ALPHA), dtype=np.bool_)
    levels = np.array([RULES[rule](number) for number in range(1, p.shape[1] + 1)])
    return np.asarray(p <= levels, dtype=np.bool_)


def _chart(rule: str, articles: int, margin: float, p: Mapping[float, Rows]) -> Chart:
    raised = alarms(p[margin], rule)
    false_alarms = {count: float(raised[:, :count].any(axis=1).mean()) for count in BUILDS}
    found, delay = {}, {}
    for drop in DROPS:
        for first in DROP_AT:
            series = np.concatenate([p[margin][:, : first - 1], p[margin - drop][:, first - 1 :]], axis=1)
            after = alarms(series, rule)[:, first - 1 :]
            found[drop, first] = float(after[:, :SOON].any(axis=1).mean())
            waits = np.where(after.any(axis=1), after.argmax(axis=1) + 1.0, np.inf)
            delay[drop, first] = float(np.median(waits))
    return Chart(rule, articles, margin, false_alarms, found, delay)


def to_markdown(charts: Sequence[Chart]) -> str:
    """The table of ``docs/ci.md``: per cent of series, and the median delay in builds."""
    drops = [(drop, first) for drop in DROPS for first in DROP_AT]
    titles = " | ".join(f"−{drop:g} at {first}" for drop, first in drops)
    falses = " | ".join(f"false, {count}" for count in BUILDS)
    lines = [
        f"| articles | margin | rule | {falses} | {titles} |",
        f"|---|---|---|{'---|' * (len(BUILDS) + len(drops))}",
    ]
    for chart in charts:
        shares = [f"{100 * chart.false_alarms[count]:.1f}" for count in BUILDS]
        cells = [f"{100 * chart.found[drop]:.0f} ({_builds(chart.delay[drop])})" for drop in drops]
        lines.append(f"| {chart.articles} | {chart.margin:g} | {chart.rule} | {' | '.join([*shares, *cells])} |")
    return "\n".join(lines) + "\n"


def to_json(charts: Sequence[Chart]) -> str:
    """The same in full precision; null where fewer than half of the series ever raise an alarm."""
    rows = []
    for chart in charts:
        drops = [
            {
                "points": drop,
                "build": first,
                "found": chart.found[drop, first],
                "delay": chart.delay[drop, first] if math.isfinite(chart.delay[drop, first]) else None,
            }
            for drop, first in chart.found
        ]
        head = {"rule": chart.rule, "articles": chart.articles, "margin": chart.margin}
        rows.append(head | {"false_alarms": dict(chart.false_alarms), "drops": drops})
    return json.dumps(rows)


def _builds(delay: float) -> str:
    return f"{delay:.0f}" if math.isfinite(delay) else "–"
