"""The page of a real test set and of XCOMET's spans; charts as files."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

import harness
from harness.analysis import analyse
from harness.metrics.interface import ErrorSpan
from harness.reports.charts.run import run_charts
from harness.reports.html import SCRIPTS
from harness.reports.html.explorer import _spans
from harness.store.runs.result import PROJECT_NOT_KEPT
from harness.types import Missing, Translated

from .build import DE_EN, corpus, normal_run, pair_result, run, system
from .read import html_tables, parsed, tree


def test_a_real_test_set_has_every_section(wmt_data: Path) -> None:
    folder = wmt_data / "wmt23.en-de"
    names = sorted(path.stem for path in (folder / "systems").glob("*.txt"))[:3]
    made = harness.score(
        source=folder / "source.txt",
        references=[folder / "reference.refA.txt"],
        hypotheses={name: folder / "systems" / f"{name}.txt" for name in names},
        pair="en-de",
        docids=folder / "docids.txt",
        metrics=["chrf"],
        checks=False,
    )
    assert len(html_tables(made, "row against column, ")[0]) == len(names) + 1
    assert html_tables(made, "Slices by domain, ")
    pytest.importorskip("vl_convert")
    assert {chart.name for chart in run_charts(analyse(made))} == {
        f"en-de-{kind}" for kind in ("lead", "articles", "curve", "profile")
    }


@pytest.mark.parametrize(
    ("count", "said"), [(12, ""), (40, "All 40 articles"), (210, "The 200 worst of 210 articles")], ids=str
)
def test_the_strip_says_how_many_articles_it_shows(count: int, said: str) -> None:
    texts = corpus(DE_EN, articles=count, segments=1, unreferenced=())
    made = run(
        pair_result(texts, [system(texts, name, 0.5, ("chrf",), seed=len(name)) for name in ("a", "bb")], ("chrf",))
    )
    chart = next(one for one in run_charts(analyse(made)) if one.name == "de-en-articles")
    drawn = {(value["place"], value["system"]) for value in chart.spec["data"]["values"]}
    assert len(drawn) == 2 * min(count, 200)
    text = tree(made).xpath("string(//h3[@id='de-en.articles']/following-sibling::*[1])")
    assert text.startswith(f"{said}, from left to right.") == bool(said)


def test_floors_are_a_dashed_line_that_does_not_stretch_the_charts() -> None:
    texts = corpus(DE_EN, articles=8)
    systems = [system(texts, name, base, ("chrf",), seed=len(name)) for name, base in (("a", 0.6), ("bb", 0.55))]
    copies = [Translated(segment.source) for segment in texts.segments]
    floor = system(texts, "floor", 0.1, ("chrf",), outcomes=copies, seed=9)
    made = analyse(run(pair_result(texts, [*systems, floor], ("chrf",))))
    charts = {chart.name.removeprefix("de-en-"): chart for chart in run_charts(made)}
    assert {row["system"] for row in charts["articles"].spec["data"]["values"]} == {"a", "bb"}
    by_article: dict[int, list[float]] = {}
    for row in charts["articles"].spec["data"]["values"]:
        by_article.setdefault(row["place"], []).append(row["difference"])
    assert all(abs(sum(values)) < 1e-9 for values in by_article.values())
    lead = charts["lead"]
    assert [row["system"] for row in lead.spec["data"]["values"]] == ["2. bb"]
    drawn = [value for layer in lead.spec["layer"] for value in layer.get("data", {}).get("values", [])]
    assert drawn == [{"zero": 0}]
    title = lead.spec["layer"][1]["encoding"]["x"]["title"]
    assert title[1].startswith("outside the chart: floor, −")
    assert title[1] in lead.summary


@pytest.mark.parametrize(
    ("project", "name", "heading"),
    [
        ("shop\u202e", "release 2", "shop⟨U+202E⟩: release 2"),
        ("shop", "", "shop"),
        (PROJECT_NOT_KEPT, "release 2", "release 2"),
        (PROJECT_NOT_KEPT, "", "Translation engines compared"),
    ],
    ids=["both", "project", "name", "neither"],
)
def test_the_page_is_headed_with_the_project(project: str | Missing, name: str, heading: str) -> None:
    page = tree(replace(normal_run(), project=project, name=name))
    assert page.xpath("string(//h1)") == heading
    assert page.xpath("string(//title)").startswith(f"{heading} – 23 Nov 2026")
    said = parsed(replace(normal_run(), project=project))["run"]["project"]
    missing = {"missing": "the version that made this run did not keep it", "fix": ""}
    assert said == (missing if isinstance(project, Missing) else project)


def test_error_spans_reach_the_explorer() -> None:
    system = normal_run().pairs[0].systems[0]
    table = replace(
        system.tables["comet"], spans={3: (ErrorSpan(0, 4, "major", 0.75), ErrorSpan(1, 2, "minor", side="source"))}
    )
    marked = replace(system, tables={"comet": table})
    assert _spans(marked, "hypothesis") == {"3": [[0, 4, "major", "COMET", 0.75]]}
    assert _spans(marked, "source") == {"3": [[1, 2, "minor", "COMET", 1.0]]}


def test_no_two_scripts_give_one_name() -> None:
    """They run as one: a name given twice stops all of them."""
    assets = files("harness.reports.html").joinpath("assets")
    texts = [assets.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS]
    names = Counter(
        name
        for text in texts
        for name in re.findall(r"^(?:const|let|class|(?:async )?function\*?) (\w+)", text, re.MULTILINE)
    )
    assert len(names) > 50
    assert [name for name, count in names.items() if count > 1] == []
