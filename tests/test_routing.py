"""Routing: a combination of systems by parts of the corpus is said only where it survives cross-validation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import PairAnalysis, analyse
from harness.analysis.routing import Routing
from harness.analysis.stats.design import make_design
from harness.analysis.stats.routing import Parts, adjusted, cross_validate
from harness.metrics.segment import SegmentMean
from harness.reports.load import load_report
from harness.reports.words.reasons import sentence
from harness.store.runs.result import Run, SystemResult
from harness.types import Missing, SystemName
from tests.bench.routing import cut
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_run

__all__ = ["harness"]

DOMAINS = ["news"] * 20 + ["speech"] * 20
CORPUS = a_corpus(40, 2, DOMAINS)
NEWS = np.repeat([domain == "news" for domain in DOMAINS], 2)


def made(name: str, gain: np.typing.NDArray[np.float64], *, price: float | None = None) -> SystemResult:
    """A system with noise of its own; ``gain`` is added to the score of each segment."""
    noise = np.random.default_rng(list(name.encode())).normal(0, 2, len(NEWS))
    system = a_system(CORPUS, {"mine": 50 + gain + noise}, name=name, text=name)
    return replace(system, price_per_million=price, currency="EUR" if price else "")


def a_routed_run(size: float = 6.0, *, priced: bool = True) -> Run:
    """``a`` is better in news, ``b`` in speech, ``c`` nowhere."""
    prices = (20.0, 5.0, 1.0) if priced else (None, None, None)
    gains = (size * NEWS, 1.1 * size * ~NEWS, np.zeros(len(NEWS)))
    return a_run(a_result(CORPUS, *(made(n, g, price=p) for n, g, p in zip("abc", gains, prices, strict=True))))


def pair_of(run: Run) -> PairAnalysis:
    return analyse(run).pairs[0]


def test_systems_that_win_in_different_domains_are_combined_with_what_that_costs() -> None:
    routing = pair_of(a_routed_run()).routing
    assert isinstance(routing, Routing)
    assert (routing.kind, routing.single, routing.tried) == ("domain", "b", 2)
    assert [(sentence(route.label), route.system) for route in routing.routes] == [("news", "a"), ("speech", "b")]
    assert routing.gain == pytest.approx(3.0, abs=0.6)
    assert routing.p_adjusted < 0.001
    assert not isinstance(routing.cost, Missing)
    characters = np.array([len(segment.source) for segment in CORPUS.segments])
    share = characters[NEWS].sum() / characters.sum()
    assert routing.cost.amount == pytest.approx(20 * share + 5 * (1 - share))  # type: ignore[union-attr]
    text = sentence(routing.reason)
    assert "Routing by domain would score" in text
    assert "(news: a, speech: b)" in text
    assert f"It costs {routing.cost.amount:.2f} EUR per million characters instead of 5.00 EUR." in text  # type: ignore[union-attr]


def test_nothing_is_said_of_a_system_that_is_best_everywhere_or_of_small_gains() -> None:
    better = a_result(CORPUS, made("a", 3.0 * np.ones(len(NEWS))), made("b", np.zeros(len(NEWS))))
    pair = pair_of(a_run(better))
    assert isinstance(pair.routing, Missing)
    assert sentence(pair.routing.why) == "routing by domain, length is not significantly better than a alone"
    assert not any(reason.key.startswith("routing.") for reason in pair.decision.what_would_change_it)
    one = pair_of(a_run(a_result(CORPUS, made("a", np.zeros(len(NEWS))))))
    assert isinstance(one.routing, Missing)
    assert one.routing.why.key == "routing.one_system"
    few = a_corpus(8, 2, ["news", "speech"] * 4)
    systems = (a_system(few, {"mine": np.arange(16.0) + shift}, name=f"{shift}") for shift in (0, 1))
    small = pair_of(a_run(a_result(few, *systems))).routing
    assert isinstance(small, Missing)
    assert small.why.key == "routing.too_small"


def test_the_more_ways_of_cutting_are_tried_the_more_each_must_show() -> None:
    run = a_routed_run()
    articles = tuple(
        replace(article, meta={**article.meta, "odd": f"{index % 2}", "third": f"{index % 3}"})
        for index, article in enumerate(CORPUS.articles)
    )
    more = replace(run, pairs=(replace(run.pairs[0], corpus=replace(CORPUS, articles=articles)),))
    one, three = pair_of(run).routing, pair_of(more).routing
    assert isinstance(one, Routing)
    assert isinstance(three, Routing)
    assert (one.tried, three.tried) == (2, 4)
    assert three.p_adjusted == pytest.approx(2 * one.p_adjusted)


def test_every_format_says_it_and_one_that_does_not_survive_is_said_where_asked(tmp_path: Path, harness: Shell) -> None:
    run = a_routed_run()
    for name in ("terminal", "md", "html", "json"):
        data = load_report(name).render(analyse(run))
        assert "Routing by domain would score" in data.decode("utf-8"), name
    write_run(run, tmp_path / "reports" / "runs")
    done = harness("decide", "-C", tmp_path)
    assert "Routing by domain would score" in done.out
    (decision,) = json.loads(harness("decide", "-C", tmp_path, "--format", "json").out)["decisions"]
    assert decision["routing"]["by"] == "domain"
    assert [route["system"] for route in decision["routing"]["routes"]] == ["a", "b"]
    assert "no routing" not in done.out
    unknown = harness("decide", "-C", tmp_path, "--slice", "topic").out
    assert "no routing: no article has 'topic'" in unknown
    assert "Routing by domain" not in unknown


def test_the_quiet_line_comes_only_where_it_is_asked_for(tmp_path: Path, harness: Shell) -> None:
    equal = a_result(CORPUS, *(made(name, np.zeros(len(NEWS))) for name in "ab"))
    write_run(a_run(equal), tmp_path / "reports" / "runs")
    assert "routing" not in harness("decide", "-C", tmp_path).out
    asked = harness("decide", "-C", tmp_path, "--slice", "domain").out
    assert "  no routing: routing by domain is not significantly better than " in asked


def test_what_costs_nothing_known_says_so() -> None:
    routing = pair_of(a_routed_run(priced=False)).routing
    assert isinstance(routing, Routing)
    assert "Its cost and speed are unknown." in sentence(routing.reason)


def test_limits_hold_for_every_part() -> None:
    run = a_routed_run()
    policy = replace(pair_of(run).policy, max_cost_per_million=10.0)
    routing = analyse(run, policy).pairs[0].routing
    assert isinstance(routing, Missing) or SystemName("a") not in {route.system for route in routing.routes}


def test_an_article_is_translated_by_what_the_others_chose() -> None:
    """A single article that alone speaks for a system chooses it for no fold but those without it."""
    values = np.zeros((2, 40))
    values[1, 0] = 1000.0
    weights = np.ones(40)
    rows = [np.stack([value, weights], axis=1) for value in values]
    parts = cut(rows, np.zeros(40, dtype=np.int_))
    assert isinstance(parts, Parts)
    routed = cross_validate(parts, 0, make_design(40, 1))
    assert routed.gain == 0.0
    assert routed.p > 0.4


def test_more_is_better_only_where_the_metric_says_so() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 20)
    values = rng.normal(0, 1, (2, 60))
    values[1, labels == 0] -= 3
    values[0, labels == 1] -= 3
    rows = [np.stack([value, np.ones(60)], axis=1) for value in values]
    high = cut(rows, labels)
    low = Parts(high.rows, high.sizes, SegmentMean().score, higher_is_better=False)
    up, down = (cross_validate(parts, 0, make_design(60, 1)) for parts in (high, low))
    assert (up.chosen[:2], down.chosen[:2]) == ((0, 1), (1, 0))
    assert up.gain > 0.5
    assert down.gain > 0.5
    assert adjusted([up, down]) == [min(1.0, 2 * up.p), min(1.0, 2 * down.p)]
