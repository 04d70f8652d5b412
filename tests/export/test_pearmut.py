"""Pearmut: a campaign goes out, annotations come back on the same segments."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError, UsageError
from harness.metrics.interface import MetricContext, ScoringItem
from harness.metrics.scores.metric import Scores
from harness.metrics.scores.rows import MarkedError
from harness.reports.words.reasons import noted
from harness.store.cache.nothing import NoCache
from harness.store.runs.result import Run
from harness.types import Layout
from tests.export.conftest import PAIR, build_run, exported, layout_of, ratings_of


def campaign_of(run: Run, name: str = "pearmut") -> Any:
    return json.loads(exported(name, run).files[""])


def test_the_campaign(run: Run) -> None:
    campaign = campaign_of(run)
    assert campaign["info"] == {"assignment": "single-stream", "protocol": "ESA", "users": 1, "shuffle": False}
    assert campaign_of(run, "pearmut-mqm")["info"]["protocol"] == "MQM"
    first, second = campaign["data"]
    assert [item["item_id"] for item in (*first, *second)] == [
        "news-1:1",
        "news-1:2",
        "news-1:3",
        "blog-2:1",
        "blog-2:2",
    ]
    assert first[1]["src"] == "Er ist <b>voll</b> & laut."
    assert first[1]["tgt"] == {"good": "It is <b>full</b> & loud.", "fair": "It is loud.", "bad": "He full."}
    assert set(first[2]["tgt"]) == {"good", "fair"}, "a system without an output is left out"
    assert "ref" not in first[2]
    assert second[0]["ref"] == "=1+1 is two."
    assert "missing outputs, left out of their segments: 1" in noted(exported("pearmut", run).notes[0])


def test_systems_are_shuffled_by_document_and_seed(run: Run) -> None:
    orders = set()
    for seed in range(12):
        for document in json.loads(exported("pearmut", run, seed=seed).files[""])["data"]:
            names = [[*item["tgt"]] for item in document]
            whole = next(order for order in names if len(order) == 3)
            assert all(order == [name for name in whole if name in order] for order in names)
            orders.add(tuple(whole))
    assert len(orders) == 6


def test_texts_that_a_browser_would_run_are_defused() -> None:
    image = "<img src=x onerror=alert(1)>"
    done = exported("pearmut", build_run({"evil": [image] * 5, "other": ["a"] * 5}))
    texts = [item["tgt"]["evil"] for document in json.loads(done.files[""])["data"] for item in document]
    assert texts == [f" {image}"] * 5
    assert "texts changed: 5" in noted(done.notes[-1])


@pytest.mark.parametrize("name", ["123", 'a"b', "a<b"])
def test_names_that_pearmut_cannot_have(name: str) -> None:
    with pytest.raises(UsageError, match=f"the system '{name}'"):
        exported("pearmut", build_run({name: ["a"] * 5}))


def test_nothing_to_rate() -> None:
    with pytest.raises(UsageError, match="nothing to rate"):
        exported("pearmut", build_run({"none": [None] * 5}))


def rated(campaign: Any, user: str, seed: int) -> tuple[list[dict[str, Any]], dict[tuple[str, str], float]]:
    """What a person would answer, in the lines that Pearmut keeps, and the scores."""
    draw, lines, scores = random.Random(seed), [], {}
    for number, document in enumerate(campaign["data"]):
        answers = []
        for item in document:
            answers.append({name: {"score": draw.randint(0, 100), "error_spans": []} for name in item["tgt"]})
            scores |= {(name, item["item_id"]): float(answer["score"]) for name, answer in answers[-1].items()}
        lines.append({"item": document, "annotation": answers, "user_id": user, "item_i": number})
    return lines, scores


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def test_ratings_come_back_on_the_same_segments(run: Run, tmp_path: Path) -> None:
    lines, scores = rated(campaign_of(run), "ann", 3)
    path = write(tmp_path / "any.name", *lines)
    metric = Scores.from_tsv("esa", path)
    assert ratings_of(metric, run) == scores
    items = [ScoringItem("good", 1, "s", "h", ())]
    table = metric.statistics(items, MetricContext(PAIR, NoCache(), offline=True, layout=layout_of(run)))
    assert table.identity.traits.kind == "people"
    assert "|format:pearmut|human:yes" in table.identity.signature
    download = tmp_path / "annotations.json"
    download.write_text(json.dumps({"campaign": lines}), encoding="utf-8")
    assert ratings_of(Scores.from_tsv("esa", download), run) == scores


def test_later_lines_replace_earlier_and_a_reset_voids_them(run: Run, tmp_path: Path) -> None:
    campaign = campaign_of(run)
    (ann, _), (again, later), (ben, other) = (
        rated(campaign, "ann", 1),
        rated(campaign, "ann", 2),
        rated(campaign, "ben", 3),
    )
    assert ratings_of(Scores.from_tsv("x", write(tmp_path / "a", *ann, *again)), run) == later
    both = Scores.from_tsv("x", write(tmp_path / "b", *ann, *ben, *again))
    assert ratings_of(both, run) == {key: (later[key] + other[key]) / 2 for key in later}
    reset = {"user_id": "ann", "annotation": "__RESET__"}
    assert ratings_of(Scores.from_tsv("x", write(tmp_path / "c", *ann, *ben, reset)), run) == other


def test_training_and_checks_are_skipped(run: Run, tmp_path: Path) -> None:
    lines, scores = rated(campaign_of(run), "ann", 1)
    extra = [{**line, "item_i": f"{kind}_0"} for line, kind in zip(lines, ("welcome", "random"), strict=True)]
    metric = Scores.from_tsv("x", write(tmp_path / "a", *extra, *lines, {**lines[0], "item_i": "goodbye_1"}))
    assert ratings_of(metric, run) == scores
    assert "lines of training items and checks, left out: 3" in noted(metric.notes[0])


def test_sliders_skipped_answers_and_spans(run: Run, tmp_path: Path) -> None:
    item = {"item_id": "news-1:1", "src": "s", "tgt": {"good": "a🫖bc", "fair": "x"}}
    spans = [{"start_i": 1, "end_i": 3, "severity": "major", "category": ["Accuracy", "Omission"]},
             {"start_i": 5, "end_i": 5, "severity": "minor", "category": None}]  # fmt: skip
    answer = {"good": {"score": None, "sliders": {"a": 10, "b": 30, "c": None}, "error_spans": spans}, "fair": {}}
    metric = Scores.from_tsv("x", write(
        tmp_path / "a", {"item": [item, item], "annotation": [answer, None], "user_id": "u", "item_i": 0}
    ))  # fmt: skip
    assert ratings_of(metric, run) == {("good", "news-1:1"): 20.0}
    assert {spot.system: found for spot, found in metric.ratings.spans.items()} == {
        "good": (MarkedError((1, 3), "major", "Accuracy/Omission"), MarkedError("missing", "minor", ""))
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"item": [], "annotation": [{}]}, ":1: field 'annotation': no answer for each segment"),
        ({"item": [{"item_id": "x"}], "annotation": [{"good": {"score": 1}}]}, "'x' is not article:number"),
        ({"item": [{"item_id": "news-1:1"}], "annotation": [{"good": {"score": "high"}}]}, "'high' is not a number"),
    ],
)
def test_lines_that_are_wrong_are_named(line: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        Scores.from_tsv("x", write(tmp_path / "a", line))


def test_what_fits_nothing_is_named(run: Run, tmp_path: Path) -> None:
    def answered(item_id: str, system: str) -> Path:
        return write(tmp_path / "a", {"item": [{"item_id": item_id}], "annotation": [{system: {"score": 1}}]})

    layout: Layout = layout_of(run)
    for item_id, system, said in (
        ("nwes-1:1", "good", r"a:1: field 'article': de-en has no article 'nwes-1'"),
        ("news-1:9", "good", r"a:1: field 'segment': article 'news-1' has no segment 9; the last is 3"),
        ("news-1:1", "gut", r"none of the systems \(.*\) is rated; rated systems: gut"),
    ):
        with pytest.raises(DataError, match=said):
            Scores.from_tsv("x", answered(item_id, system)).check_layout(layout, ["good", "fair", "bad"])


@pytest.mark.skipif("PEARMUT" not in os.environ, reason="Pearmut needs Python 3.12: PEARMUT names its command")
@pytest.mark.parametrize("name", ["pearmut", "pearmut-mqm"])
def test_pearmut_itself_takes_it(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "campaign.json").write_bytes(exported(name, run).files[""])
    done = subprocess.run(
        [os.environ["PEARMUT"], "add", "campaign.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "data" / "campaigns").iterdir())
