"""The page of a real test set and of XCOMET's spans; charts as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.metrics.interface import ErrorSpan
from harness.reports.charts_run import run_charts
from harness.reports.html.explorer import _spans

from .build import normal_run
from .read import html_tables


@pytest.mark.slow
def test_a_real_test_set_has_every_section(wmt_data: Path) -> None:
    folder = wmt_data / "wmt23.en-de"
    names = sorted(path.stem for path in (folder / "systems").glob("*.txt"))[:3]
    run = harness.score(
        source=folder / "source.txt",
        references=[folder / "reference.refA.txt"],
        hypotheses={name: folder / "systems" / f"{name}.txt" for name in names},
        pair="en-de",
        docids=folder / "docids.txt",
        metrics=["chrf"],
        checks=False,
    )
    assert len(html_tables(run, "row against column, ")[0]) == len(names) + 1
    assert html_tables(run, "Slices by domain, ")
    pytest.importorskip("vl_convert")
    assert {chart.name for chart in run_charts(run)} == {
        f"en-de-{kind}" for kind in ("lead", "articles", "curve", "profile")
    }


def test_error_spans_reach_the_explorer() -> None:
    system = normal_run().pairs[0].systems[0]
    table = replace(system.tables["comet"], spans={3: (ErrorSpan(0, 4, "major", 0.75),)})
    assert _spans(replace(system, tables={"comet": table})) == {"3": [[0, 4, "major", "COMET", 0.75]]}
