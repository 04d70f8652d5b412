"""The benchmark of verdicts beside people's, on a made-up set and on a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import DataError
from tests.bench.wmt import judge, measure, score_judged, to_markdown
from tests.bench.wmt_sets import find_sets

ARTICLES, LINES = 12, 3

MADE = {"good": 0, "fair": 1, "poor": 2}
"""System to how many of three words it gets wrong."""


def write_set(folder: Path, *, kiwi: bool) -> None:
    (folder / "systems").mkdir(parents=True)
    count = ARTICLES * LINES
    words = [[f"wort{line}{place}" for place in range(9)] for line in range(count)]
    (folder / "source.txt").write_text("".join(f"Zeile {line}\n" for line in range(count)), encoding="utf-8")
    (folder / "reference.refA.txt").write_text("".join(" ".join(line) + "\n" for line in words), encoding="utf-8")
    docids = "".join(f"news\tdoc{line // LINES}\n" for line in range(count))
    (folder / "docids.txt").write_text(docids, encoding="utf-8")
    scores, ratings = ["system\tline\tCOMET-refA" + ("\tCometKiwi-src" if kiwi else "")], ["system\tline\tscore"]
    for system, wrong in MADE.items():
        texts = [" ".join(["falsch"] * wrong + line[wrong:]) for line in words]
        (folder / "systems" / f"{system}.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        for line in range(count):
            value = 0.9 - 0.1 * wrong + 0.001 * (line % 7)
            scores.append(f"{system}\t{line + 1}\t{value}" + (f"\t{value - 0.1}" if kiwi else ""))
            ratings.append(f"{system}\t{line + 1}\t{-wrong - (line % 2)}")
    (folder / "metrics_seg.tsv").write_text("\n".join(scores) + "\n", encoding="utf-8")
    (folder / "human_mqm_seg.tsv").write_text("\n".join(ratings) + "\n", encoding="utf-8")


@pytest.mark.parametrize("kiwi", [True, False])
def test_a_set_is_judged_by_every_metric_and_by_the_decision(tmp_path: Path, *, kiwi: bool) -> None:
    write_set(tmp_path / "made.de-en", kiwi=kiwi)
    (found,) = measure(tmp_path)
    (judged,) = found.judged
    assert (found.systems, found.articles, judged.protocol, judged.confirmed) == (3, ARTICLES, "MQM", 3)
    records = {item.way: (item.right, item.wrong, item.silent) for item in judged.records}
    assert records["COMET, confirmed"] == records["decision"] == (3, 0, 0)
    assert ("mean of COMET and cometkiwi, confirmed" in records) is kiwi
    assert (found.recommendation, judged.preferred) == ("good", ())
    text = to_markdown([found])
    assert text.startswith("**Sets with learned metrics: 1 sets of judgements.**")
    assert "| decision | 3 | 0 | 0 | 100.0 | 0 |" in text


def test_systems_are_judged_as_published_where_no_segment_is(tmp_path: Path) -> None:
    folder = tmp_path / "made.de-en"
    write_set(folder, kiwi=False)
    (folder / "human_mqm_seg.tsv").unlink()
    (folder / "docids.txt").unlink()
    rows = ["system\tmetric\treference\tscore\tscale"]
    rows += [
        f"{name}\thuman ESA\t\t90\t0-100; rank {ranks}"
        for name, ranks in (("good", "1-2"), ("fair", "2-3"), ("poor", "4-4"))
    ]
    rows += [f"{name}\thuman DA z\t\t{z}\tz, n=400" for name, z in (("good", 0.2), ("fair", 0.1), ("poor", 0.0))]
    (folder / "official_scores.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (found,) = find_sets(tmp_path, tmp_path, [])
    assert found.truths["ESA ranks, systems"] == {("good", "poor"): "good", ("fair", "poor"): "fair"}
    # A gap of 0.1 is 1.41 standard errors of 400 ratings each, one of 0.2 is 2.83.
    assert found.truths["DA z, systems"] == {("good", "poor"): "good"}
    assert not found.known_articles


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no test set that people have judged"):
        measure(tmp_path)
    with pytest.raises(DataError, match="no folder wmt99"):
        measure(tmp_path, sets=["wmt99.de-en"])
    (tmp_path / "wmt99.de-en").mkdir()
    with pytest.raises(DataError, match=r"no source\.txt"):
        measure(tmp_path)


@pytest.mark.slow
def test_two_metrics_are_wrong_less_often_than_one(wmt_data: Path, tmp_path: Path) -> None:
    (given,) = find_sets(wmt_data, tmp_path, ["wmt23.zh-en"])
    scored = score_judged(given, strings=(), checks=False)
    records = judge("MQM", scored.truths["MQM"], scored.ways, scored.pairs, "").records
    mqm = {record.way: record for record in records}
    together = mqm["mean of COMET and cometkiwi, confirmed"]
    assert (together.right, together.wrong, together.silent) == (83, 0, 7)
    assert (mqm["COMET, confirmed"].wrong, mqm["cometkiwi, confirmed"].wrong) == (6, 3)
