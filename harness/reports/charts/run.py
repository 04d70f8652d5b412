"""The charts of one pair, as Vega-Lite: the same on the page and as files."""

from __future__ import annotations

import re

from harness.reports.charts import systems, texts, tradeoff
from harness.reports.charts.base import Chart, short_names
from harness.reports.model.findings import Findings, find
from harness.reports.model.order import Standing, ranked, stand
from harness.reports.model.recommend import Box, build_box
from harness.reports.model.segment_profile import bands, curves
from harness.reports.model.shown import shown_names
from harness.reports.words.numbers import metric_title
from harness.reports.words.text import visible
from harness.store.runs.result import PairResult, Run


def run_charts(run: Run) -> list[Chart]:
    """All charts of a run, as its page shows them."""
    made: list[Chart] = []
    for result, findings in zip(run.pairs, find(run), strict=True):
        standing = stand(result, findings.primary)
        box = build_box(result, standing, findings)
        made += pair_charts(result, standing, findings, box).values()
    return made


def pair_charts(result: PairResult, standing: Standing, findings: Findings, box: Box) -> dict[str, Chart]:
    """The charts that have something to show, by kind: ``lead tradeoff articles curve profile``."""
    metric = standing.primary
    if metric is None:
        return {}
    shown = shown_names(result)
    names = short_names(shown)
    title = visible(metric_title(metric))
    weighed = box.decision.metric
    found = findings.metric(weighed) if isinstance(weighed, str) else None
    intervals = found.intervals if found else {}
    made = {
        "lead": systems.lead(standing, findings, names, title),
        "tradeoff": tradeoff.tradeoff(box, standing, intervals, weighed, shown) if isinstance(weighed, str) else None,
        "articles": texts.articles(result, standing, names, title),
        "curve": texts.curve(curves(result, standing), standing, names, title),
        "profile": texts.profile(bands(result, standing), [names[system.name] for system in ranked(standing)], title),
    }
    stem = re.sub(r"[^A-Za-z0-9]+", "-", str(result.pair))
    return {
        kind: Chart(f"{stem}-{kind}", chart.title, chart.summary, chart.spec) for kind, chart in made.items() if chart
    }
