"""The benchmark of the gate, on a made-up set and on real ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.stats.design import make_design
from harness.errors import DataError
from tests.bench import gate_people
from tests.bench.gate import LOSSES, bootstrap_interval, inverted, measure, to_markdown
from tests.bench.test_wmt import write_set
from tests.cli.conftest import Shell

SETS = ("wmt21.is-en", "wmt23.en-de", "biomqm.de-en")
"""Of three sources of judgements; one of them has scores of COMET."""


def _noisy(folder: Path) -> None:
    """Scores of a set that differ between systems by articles."""
    write_set(folder, kiwi=False)
    rng = np.random.default_rng(1)
    path = folder / "metrics_seg.tsv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    noise = {(row[0], (int(row[1]) - 1) // 3): rng.normal(0, 0.004) for row in rows}
    text = "".join(
        f"{system}\t{line}\t{float(value) + noise[system, (int(line) - 1) // 3]}\n" for system, line, value in rows
    )
    path.write_text(f"{header}\n{text}", encoding="utf-8")


def test_a_made_up_set_is_judged_by_true_loss(tmp_path: Path, bench: Shell) -> None:
    _noisy(tmp_path / "made.de-en")
    found = {item.metric: item for item in measure(tmp_path, articles=(8,), runs=120)}
    comet = found["comet"]
    assert comet.pairs == 1
    rows = {(item.way, item.loss): item for item in comet.verdicts}
    assert len(rows) == 2 * len(LOSSES)
    for item in rows.values():
        assert item.passed + item.inconclusive + item.regressed == pytest.approx(1)
    assert rows["after", 0.0].passed >= rows["before", 0.0].passed > 0
    assert rows["after", 3.0].regressed >= rows["before", 3.0].regressed > 0
    assert rows["after", 0.0].regressed <= 0.02
    text = to_markdown(list(found.values()))
    assert "| comet, margin 0.0035 | 8 | after | " in text
    people = gate_people.measure(tmp_path, articles=(8,), runs=20)
    # One word of nine is far beyond the margin of either metric.
    assert [(item.metric, item.pairs, item.worse, item.better) for item in people] == [
        (metric, 3, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)) for metric in ("comet", "chrf")
    ]
    printed = bench("gate", "--data", tmp_path, "--runs", "5", "--articles", "8", "--format", "json", "-q")
    assert set(json.loads(printed.out)) == {"verdicts", "people"}
    shown = bench("gate", "--data", tmp_path, "--runs", "5", "--articles", "8")
    assert "| comet, margin 0.0035 | 8 | " in shown.out
    assert "comet, 8 articles: done" in shown.err


def test_a_set_without_documents_is_refused(tmp_path: Path) -> None:
    write_set(tmp_path / "made.de-en", kiwi=False)
    (tmp_path / "made.de-en" / "docids.txt").unlink()
    with pytest.raises(DataError, match="no set with document ids"):
        measure(tmp_path)


def test_both_intervals_hold_the_observed_value_and_nothing_has_no_width() -> None:
    rng = np.random.default_rng(3)
    rows = np.stack([rng.normal(0, 1, 12), rng.uniform(1, 4, 12)], axis=1) * 1000
    value = rows[:, 0].sum() / rows[:, 1].sum()
    for interval in (bootstrap_interval(rows, rng), inverted(rows, make_design(12, 1))):
        assert interval.low < value < interval.high
    still = np.stack([np.zeros(12), rows[:, 1]], axis=1)
    assert bootstrap_interval(still, rng).low == bootstrap_interval(still, rng).high == 0


@pytest.mark.slow
def test_real_sets_say_what_the_documentation_says(wmt_data: Path) -> None:
    found = {item.metric: item for item in measure(wmt_data, sets=SETS, articles=(24,), runs=400)}
    for item in found.values():
        rows = {(one.way, one.loss): one for one in item.verdicts}
        assert rows["after", 0.0].passed > rows["before", 0.0].passed
        assert rows["after", 2.0].regressed > rows["before", 2.0].regressed
        # A loss at the margin: nominal are 5 % on each side, 400 runs have a standard error of 1.1 points.
        assert rows["after", 1.0].passed < 0.09
        assert rows["after", 1.0].regressed < 0.09
    comet, chrf = gate_people.measure(wmt_data, sets=("wmt23.en-de",), articles=(24,), runs=400)
    assert comet.worse[0] < chrf.worse[0]
    assert comet.worse[2] > chrf.worse[2]
