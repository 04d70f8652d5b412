"""What was measured of metrics beside people: the file, its lookup, its table in the docs and the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.analysis import measured_agreement, measured_for
from harness.analysis.stats.agreement import CURVES
from harness.types import MetricIdentity
from harness.workspace.languages import parse_pair
from tests.bench.trust import METRICS, measure_trust
from tests.cli.conftest import Shell, harness

__all__ = ["harness"]

ROOT = Path(__file__).parents[1]


def test_figures_can_be_true() -> None:
    rows = measured_agreement()
    assert len({(row.set, row.people, row.metric) for row in rows}) == len(rows) > 20
    for row in rows:
        assert 0 < row.low <= row.soft <= row.high <= 1
        assert 0.3 < row.within <= 1
        assert 0.5 <= row.accuracy <= 1
        assert row.systems >= 3
        assert row.metric in METRICS.values()


def test_rows_of_a_pair_or_else_of_its_target() -> None:
    assert {row.set for row in measured_for(parse_pair("en-de"))} == {"biomqm.en-de", "wmt21.en-de", "wmt23.en-de"}
    assert {row.set for row in measured_for(parse_pair("en_GB-de_AT"))} == {
        "biomqm.en-de",
        "wmt21.en-de",
        "wmt23.en-de",
    }
    assert {row.set for row in measured_for(parse_pair("ja-en"))} == {"biomqm.de-en", "wmt23.zh-en"}
    assert measured_for(parse_pair("en-ja")) == ()


def test_rows_of_a_metric_by_its_signature() -> None:
    comet = MetricIdentity(
        "comet", "COMET|model:Unbabel/wmt22-comet-da|x:y", higher_is_better=True, needs_reference=True
    )
    assert {row.metric for row in measured_for(parse_pair("en-de"), [comet])} == {"Unbabel/wmt22-comet-da"}
    assert set(METRICS.values()) - set(CURVES) == {"MetricX-23"}


def test_the_page_has_every_row() -> None:
    page = (ROOT / "docs" / "wmt.md").read_text(encoding="utf-8")
    for row in measured_agreement():
        assert (
            f"| {row.set}, {row.people} | {row.metric} | {row.systems} | {row.segments:,} | {row.soft:.3f} "
            f"({row.low:.3f} to {row.high:.3f}) | {row.accuracy:.3f} | {row.within:.3f} |"
        ) in page


def test_command(harness: Shell) -> None:
    shown = harness("explain", "agreement", "en-de").out
    assert "Unbabel/wmt22-comet-da" in shown
    assert "zh-en" not in shown
    assert "wmt24.en-cs" in harness("explain", "agreement").out
    assert "Measured pairs: de-en, en-cs" in harness("explain", "agreement", "en-ja").out
    assert harness("explain", "agreement", "english").code == 2


@pytest.mark.slow
def test_figures_are_those_of_the_data(wmt_data: Path) -> None:
    """BLEU and chrF of one set, to the digits that are kept."""
    measured = {row.metric: row for row in measured_agreement() if row.set == "wmt24.en-cs"}
    rows = list(measure_trust(wmt_data, ["wmt24.en-cs"]))
    assert {row.metric for row in rows} == set(measured)
    for row in rows:
        kept = measured[row.metric]
        assert (row.people, row.systems, row.segments) == (kept.people, kept.systems, kept.segments)
        assert row.soft.value == pytest.approx(kept.soft, abs=6e-4)
        assert row.accuracy.value == pytest.approx(kept.accuracy, abs=6e-4)
        assert row.within.value == pytest.approx(kept.within, abs=6e-4)
