"""The chart of quality, cost and latency: what it draws are the numbers of the run, and what is unknown stays so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from harness.analysis import analyse
from harness.reports.charts.base import NARROW, WIDE, Chart
from harness.reports.charts.inline import inline_svg
from harness.reports.charts.labels import Box, Point, place_names
from harness.reports.charts.run import run_charts
from harness.store.runs.result import Run
from harness.types import Translated, Unknown, told

from .build import DE_EN, NOTHING_SENT, SENT, corpus, pair_result, run, system
from .read import parsed, tree

BASES = {"dear": 0.9, "cheap": 0.7, "poor": 0.4}

PRICES = {"dear": 20.0, "cheap": 2.0, "poor": 5.0}

WAITS = {"dear": 1.5, "cheap": 0.25, "poor": 3.0}


def made(prices: Mapping[str, float], waits: Mapping[str, float], metric: str = "chrf") -> Run:
    """Three systems; prices per million characters and seconds at p95, of those where they are known."""
    texts = corpus(DE_EN, articles=8)
    systems = [
        system(
            texts,
            name,
            base,
            (metric,),
            traffic=replace(SENT, p95=waits[name], spent=Unknown(told("no bill"))) if name in waits else NOTHING_SENT,
            price_per_million=prices.get(name),
            currency="EUR" if name in prices else "",
        )
        for name, base in BASES.items()
    ]
    return run(pair_result(texts, systems, (metric,)))


def tradeoff(found: Run) -> Chart | None:
    return next((chart for chart in run_charts(analyse(found)) if chart.name == "de-en-tradeoff"), None)


def drawn(panel: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The points of a panel by system."""
    return {point["name"]: point for point in panel["data"]["values"]}  # type: ignore[index]


def axis(panel: Mapping[str, object], channel: str) -> str | list[str] | None:
    """What a channel of the points says it is."""
    encoding = panel["layer"][2]["encoding"]  # type: ignore[index]
    return encoding[channel]["title"] if channel in encoding else None


def test_one_chart_has_quality_cost_and_latency_of_the_run() -> None:
    found = made(PRICES, WAITS)
    chart = tradeoff(found)
    assert chart is not None
    assert (axis(chart.spec, "x"), axis(chart.spec, "y")) == (["cost, EUR per million characters"], "chrF")
    assert axis(chart.spec, "size") == "latency p95 (s)"
    points = drawn(chart.spec)
    known = parsed(found)["pairs"][0]["evidence"]["intervals"]["chrf"]
    for one in found.pairs[0].systems:
        point = points[one.name]
        assert point["quality"] == one.scores["chrf"].corpus.value  # type: ignore[union-attr]
        assert (point["amount"], point["latency"]) == (PRICES[one.name], WAITS[one.name])
        interval = known[one.name]
        assert [point["low"], point["high"]] == interval
    assert {name: point["front"] for name, point in points.items()} == {
        "dear": "not beaten", "cheap": "not beaten", "poor": "beaten",
    }  # fmt: skip
    steps = chart.spec["layer"][0]["data"]["values"]
    assert [step["amount"] for step in steps] == [2.0, 20.0]
    assert all(left["quality"] < right["quality"] for left, right in pairwise(steps))


def test_the_words_say_what_the_picture_shows() -> None:
    found = made({"dear": 20.0, "cheap": 2.0}, {"dear": 1.5, "poor": 3.0})
    chart = tradeoff(found)
    assert chart is not None
    said = chart.summary.removesuffix(".").split(". ")
    assert [line.split(": ")[0] for line in said] == ["dear", "cheap", "poor"]
    assert "20.00 EUR" in said[0]
    assert "1.5 s" in said[0]
    assert "latency unknown" in said[1]
    assert "cost unknown" in said[2]
    page = tree(found)
    (words,) = page.xpath("//h3[@id='de-en.tradeoff']/following-sibling::p[1]")
    assert words.text_content().endswith("Cost unknown: poor.")


def test_a_system_of_unknown_latency_is_a_ring_without_size() -> None:
    chart = tradeoff(made(PRICES, {"dear": 1.5, "poor": 3.0}))
    assert chart is not None
    points = drawn(chart.spec)
    assert {name: point["ring"] for name, point in points.items()} == {
        "dear": False, "cheap (latency unknown)": True, "poor": False,
    }  # fmt: skip
    rings = chart.spec["layer"][3]
    assert rings["transform"] == [{"filter": "datum.ring"}]
    assert "size" not in rings["encoding"]


@pytest.mark.parametrize(
    ("prices", "waits", "axes"),
    [
        (PRICES, {}, ["cost, EUR per million characters"]),
        ({}, WAITS, ["latency p95, seconds"]),
        (dict.fromkeys(BASES, 3.0), WAITS, ["latency p95, seconds"]),
        ({"dear": 20.0, "cheap": 2.0}, WAITS, ["cost, EUR per million characters", "latency p95, seconds"]),
        ({}, {}, []),
        ({"dear": 20.0}, {"cheap": 1.0}, []),
    ],
    ids=["costs", "latencies", "equal-costs", "cost-of-one-unknown", "nothing", "one-each"],
)
def test_what_is_unknown_for_all_has_no_axis(
    prices: Mapping[str, float], waits: Mapping[str, float], axes: list[str]
) -> None:
    found = made(prices, waits)
    chart = tradeoff(found)
    panels = [] if chart is None else chart.spec.get("vconcat", [chart.spec])
    assert [axis(panel, "x") for panel in panels] == [[title] for title in axes]
    assert all(axis(panel, "size") is None for panel in panels[-1:])
    if not axes:
        assert "latency of at least two systems" in tree(found).text_content()


def test_less_is_better_turns_the_axis_and_the_front() -> None:
    chart = tradeoff(made(PRICES, WAITS, "ter"))
    assert chart is not None
    assert chart.spec["layer"][2]["encoding"]["y"]["scale"]["reverse"] is True
    assert {name for name, point in drawn(chart.spec).items() if point["front"] == "not beaten"} == {"cheap", "poor"}


def test_it_can_be_drawn() -> None:
    pytest.importorskip("vl_convert")
    chart = tradeoff(made(PRICES, {"dear": 1.5, "poor": 3.0}))
    assert chart is not None
    picture = inline_svg(chart)
    for words in ("cheap (latency unknown)", "latency p95 (s)", "not beaten", "chrF"):
        assert words in picture


@pytest.mark.parametrize(
    ("base", "metric", "dashes", "said"),
    [
        (0.55, "chrf", 1, "dashed: floor, "),
        (0.1, "chrf", 0, "outside the chart: floor, "),
        (0.55, "ter", 1, "dashed: floor, "),
    ],
    ids=["inside", "below", "less-is-better"],
)
def test_a_floor_is_a_dashed_line_and_stretches_no_axis(base: float, metric: str, dashes: int, said: str) -> None:
    alone = made(PRICES, WAITS, metric)
    (pair,) = alone.pairs
    copies = [Translated(segment.source) for segment in pair.corpus.segments]
    floor = system(pair.corpus, "floor", base, (metric,), copies, seed=9)
    chart, without = tradeoff(replace(alone, pairs=(replace(pair, systems=(*pair.systems, floor)),))), tradeoff(alone)
    assert chart is not None
    assert without is not None
    quality = floor.scores[metric].corpus.value  # type: ignore[union-attr]
    for frame, spec in chart.specs.items():
        layers = spec["layer"]
        rules = [layer for layer in layers if layer["mark"].get("strokeDash")]
        assert [row["quality"] for layer in rules for row in layer["data"]["values"]] == [quality] * dashes
        before = without.specs[frame]["layer"][2]["encoding"]
        assert layers[2]["encoding"]["y"]["scale"] == before["y"]["scale"]
        title = layers[2]["encoding"]["x"]["title"]
        assert title == [*before["x"]["title"], f"{said}{quality:.1f}"]
    assert set(drawn(chart.spec)) == set(BASES)
    assert f"{said}{quality:.1f}" in chart.summary


def test_a_page_has_a_drawing_for_screens_and_one_for_phones() -> None:
    pytest.importorskip("vl_convert")
    chart = tradeoff(made(PRICES, {"dear": 1.5, "poor": 3.0}))
    assert chart is not None
    sizes = [
        float(width) for width in re.findall(r'<svg class="(?:wide|narrow)" viewBox="0 0 ([\d.]+) ', inline_svg(chart))
    ]
    assert sizes == [pytest.approx(WIDE.width, rel=0.1), pytest.approx(NARROW.width, rel=0.1)]
    assert sizes[1] <= NARROW.width


@pytest.mark.parametrize("seed", range(5))
def test_names_cover_neither_each_other_nor_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [
        Point(float(x), float(y), 6.0, "Name of an engine", float(y) - 20, float(y) + 20)
        for x, y in zip(rng.uniform(0, 560, 7), rng.uniform(20, 280, 7), strict=True)
    ]
    boxes = [place.box for place in place_names(points, 560)]
    circles = [Box(one.x - 6, one.y - 6, one.x + 6, one.y + 6) for one in points]
    for index, box in enumerate(boxes):
        assert (box.left >= 0, box.right <= 560) == (True, True)
        assert all(box.shared(other) == 0 for other in (*boxes[:index], *circles))


def test_names_of_two_alike_stand_apart() -> None:
    """Side by side at the same height, each with room on one side only."""
    points = [Point(x, 150, 6.0, "Engine number one", 50, 250) for x in (380, 520)]
    one, other = place_names(points, 560)
    assert one.box.shared(other.box) == 0
    assert Box(0, 0, 2, 2).shared(Box(1, 1, 3, 3)) == 1
