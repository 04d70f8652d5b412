"""Everything one pair shows on the page, put together once from the modules that work it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from harness.analysis.pair import PairAnalysis
from harness.analysis.profile import Curve
from harness.reports.charts.base import Chart, charts_missing
from harness.reports.charts.inline import inline_svg
from harness.reports.charts.run import pair_charts
from harness.reports.charts.texts import MOST_ARTICLES
from harness.reports.html.explorer import pack
from harness.reports.html.folded import Folded, fold
from harness.reports.html.segments import PairSegments, article_anchors, build_segments
from harness.reports.model.card import Card, build_card
from harness.reports.model.engines import Engines, build_engines
from harness.reports.model.explain import ExplanationView, show_explanation
from harness.reports.model.health import HealthView, build_health
from harness.reports.model.leading import leading_rows
from harness.reports.model.page import PairView
from harness.reports.model.recommend import Box, build_box, doubts_of
from harness.reports.model.segment_profile import bands_sentence
from harness.reports.model.shown import display_names, shown_names
from harness.reports.model.slicing import SliceTable, slice_tables
from harness.reports.model.terms import Terms, build_terms
from harness.reports.model.trust import TrustView, build_trust
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.text import visible
from harness.types import Missing, Money, Unknown

DRAWN = frozenset({"tradeoff", "articles", "curve"})
"""Charts on the page; files have more."""

NoTradeoff = Literal["unknown", "equal", "unscored"]

SECTIONS = ("verdict", "trust", "engines", "segments", "evidence", "method")

MOST_OUTPUTS = 300_000
"""The page has this many outputs at most, about 25 MB; of larger runs, it has the first segments of every article."""

STATIC_OUTPUTS = 3_000
"""Runs with no more outputs have their segments as plain tables too, for readers without scripts."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart on the page."""

    name: str
    title: str
    summary: str
    svg: str
    """Empty where charts cannot be drawn here."""


@dataclass(frozen=True, slots=True)
class PairPage:
    """One pair on the page."""

    view: PairView
    box: Box
    trust: TrustView
    card: Card
    engines: Engines
    charts: Mapping[str, Drawing]
    folded: Folded
    curves: tuple[tuple[str, Curve, int], ...]
    """Between the system's name as shown and its place on the leaderboard."""
    bands: str
    """How the best two differ in very good and very bad segments, a sentence; empty where that says nothing."""
    slices: tuple[SliceTable, ...]
    unpriced: tuple[str, ...]
    """Systems of unknown cost, which have no place on the chart of quality against cost."""
    explanation: ExplanationView
    terms: Terms
    health: HealthView
    article_order: tuple[int, ...]
    """Worst first; articles without a score at the end."""
    strip: int
    """How many of them the chart of articles shows: the worst."""
    anchors: tuple[str, ...]
    """Of the articles, in the order of the corpus."""
    packed: str
    cut: str
    """How many of the segments the page has, a sentence; empty where it has all of them."""
    segments: PairSegments | None
    """Plain tables; None for a run too large for them."""
    ranked: tuple[str, ...]
    """Complete systems with the primary metric, best first: the columns of the slices."""
    source_tag: str
    target_tag: str
    no_charts: Missing | None
    """Why there are no charts."""
    primary: str
    """The title of the metric that the leaderboard goes by; empty where no system has a score."""
    no_tradeoff: NoTradeoff
    """Which message says why quality, cost and latency are not drawn."""

    @property
    def contents(self) -> tuple[str, ...]:
        """The sections of the pair, in their order; ``sections`` of the messages names them."""
        return SECTIONS

    @property
    def evidence(self) -> tuple[str, ...]:
        """What the closed block of evidence holds, in its order; each has a title in the messages."""
        held = {
            "pairwise": bool(self.folded.against),
            "articles": True,
            "differences": self.differs,
            "slices": bool(self.slices),
            "health": bool(self.health.names),
            "notes": bool(self.view.notes or self.view.missing.entries()),
        }
        return tuple(name for name, shown in held.items() if shown)

    @property
    def differs(self) -> bool:
        """Whether there is anything to say about where a difference comes from."""
        return bool(self.curves or self.bands or self.terms.rows or self.explanation.lengths)


def build_page(pair: PairAnalysis, view: PairView) -> PairPage:
    """Work out everything for one pair."""
    box = build_box(pair)
    # The library that draws starts for half a second, and lets the rest of the page be made meanwhile.
    with ThreadPoolExecutor(1) as beside:
        drawn = beside.submit(_draw, pair_charts(pair, box))
        return _page(pair, view, box, drawn.result)


def _page(pair: PairAnalysis, view: PairView, box: Box, drawn: Callable[[], Mapping[str, Drawing]]) -> PairPage:
    result, standing = pair.result, pair.standing
    health = build_health(pair)
    order = pair.worst_articles
    rest = [index for index in range(len(result.corpus.articles)) if index not in set(order)]
    labels, shown = display_names(result), shown_names(result)
    places = {system.name: place for place, system in enumerate(standing.systems)}
    anchors = tuple(article_anchors(str(result.pair), result.corpus.articles).values())
    segments = len(result.corpus.segments)
    rows = leading_rows(result, max(1, MOST_OUTPUTS // max(1, len(result.systems))))
    small = len(result.systems) * len(result.corpus.segments) <= STATIC_OUTPUTS
    return PairPage(
        view=view,
        box=box,
        trust=build_trust(pair),
        card=build_card(pair, box, view.disagreements, doubts_of(pair)),
        engines=build_engines(pair, view.leaderboard, health),
        folded=fold(pair, view.pairwise),
        curves=tuple((labels[curve.system], curve, places[curve.system]) for curve in pair.curves),
        bands=bands_sentence(pair),
        slices=slice_tables(pair),
        unpriced=tuple(shown[item.system] for item in box.decision.facts if isinstance(item.cost, Unknown)),
        explanation=show_explanation(pair),
        terms=build_terms(pair),
        health=health,
        article_order=(*order, *rest),
        strip=min(len(order), MOST_ARTICLES),
        anchors=anchors,
        packed=pack(pair, view, rows),
        cut=say("segments.cut", shown=f"{len(rows):,}", all=f"{segments:,}") if len(rows) < segments else "",
        segments=build_segments(result, view) if small else None,
        ranked=tuple(labels[system.name] for system in standing.ranked),
        source_tag=result.pair.source,
        target_tag=result.pair.target,
        no_charts=charts_missing(),
        primary=_title(standing.primary),
        no_tradeoff=_no_tradeoff(box),
        charts=drawn(),
    )


def _title(metric: str | Missing | None) -> str:
    return visible(metric_title(metric)) if isinstance(metric, str) else ""


def _no_tradeoff(box: Box) -> NoTradeoff:
    facts = box.decision.facts
    if not isinstance(box.decision.metric, str):
        return "unscored"
    priced = sum(isinstance(item.cost, Money) for item in facts)
    timed = sum(not isinstance(item.p95, Unknown) for item in facts)
    return "equal" if max(priced, timed) > 1 else "unknown"


def _draw(charts: Mapping[str, Chart]) -> dict[str, Drawing]:
    drawable = charts_missing() is None
    return {
        kind: Drawing(chart.name, chart.title, chart.summary, inline_svg(chart) if drawable else "")
        for kind, chart in charts.items()
        if kind in DRAWN
    }
