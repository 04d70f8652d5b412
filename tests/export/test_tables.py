"""Marot, Label Studio, and a data set with texts."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as parquet
import pytest
import yaml

from harness.errors import UsageError
from harness.metrics.scores.foreign.mqm import is_mqm
from harness.reports.words.reasons import noted
from harness.store.runs.result import MetricScores, Run
from tests.export.conftest import OUTPUTS, build_run, exported


def test_marot(run: Run) -> None:
    done = exported("marot", run)
    header, *rows = (line.split("\t") for line in done.files[""].decode().removesuffix("\n").split("\n"))
    assert header == ["system", "doc", "docSegId", "globalSegId", "rater", "source", "target", "category", "severity",
                      "metadata"]  # fmt: skip
    assert len(rows) == 14
    system, doc, number, whole, rater, source, target, category, severity, about = rows[3]
    assert (system, doc, number, whole) == ("good", "blog-2", "1", "4")
    assert (source, target) == ("=1+1 ist zwei.", "=1+1 is two.")
    assert rater == category == severity == ""
    segment = json.loads(about)["segment"]
    scores = run.pairs[0].systems[0].scores["chrf"]
    assert isinstance(scores, MetricScores)
    assert segment["metrics"]["chrf"] == scores.segments[3]
    assert segment["references"] == {"ref1": "=1+1 is two.", "ref2": "=1+1 makes two."}
    assert segment["primary_reference"] == "ref1"
    assert "references" not in json.loads(rows[2][-1])["segment"]
    assert json.loads(rows[2][-1])["segment"]["metrics"] == {}, "no reference, no score"
    assert is_mqm(done.files[""]), "what is marked in it comes back by --scores"


def test_marks_tabs_and_line_ends_in_a_text_stay_in_their_field() -> None:
    done = exported("marot", build_run({"odd": ["a\tb", "c\nd", "<v>e</v>", "f", "g"]}))
    targets = [line.split("\t")[6] for line in done.files[""].decode().removesuffix("\n").split("\n")[1:]]
    assert targets == ["a b", "c d", "<v >e</v >", "f", "g"]
    assert "texts changed: 3" in noted(done.notes[-1])


def test_label_studio(run: Run) -> None:
    done = exported("label-studio", run)
    tasks: list[Any] = json.loads(done.files[""])
    config = ET.fromstring(done.files[".config.xml"])
    shown = {str(value).removeprefix("$") for node in config.iter() if (value := node.get("value", ""))[:1] == "$"}
    assert shown == {"source", "reference", "mt_A", "mt_B", "mt_C"}
    names = {node.get("name") for node in config.iter() if node.get("name")}
    assert {node.get("toName") for node in config.iter() if node.get("toName")} <= names
    for row, task in enumerate(tasks):
        assert shown <= set(task["data"])
        for letter, system in task["data"]["systems"].items():
            assert task["data"][f"mt_{letter}"] == (OUTPUTS[system][row] or "")
        (prediction,) = task["predictions"]
        (result,) = prediction["result"]
        assert {result["from_name"], result["to_name"]} <= names
        assert result["value"]["text"] == [OUTPUTS["good"][row]]
    assert tasks[2]["data"]["reference"] == ""
    assert len({tuple(task["data"]["systems"].values()) for task in tasks}) > 1
    worst: list[Any] = json.loads(exported("label-studio", run, best="bad").files[""])
    assert [len(task["predictions"]) for task in worst] == [1, 1, 0, 1, 1]
    with pytest.raises(UsageError, match="27 systems"):
        exported("label-studio", build_run({f"s{number}": ["a"] * 5 for number in range(27)}))


def test_a_data_set_with_texts(run: Run) -> None:
    files = exported("parquet", run).files
    rows = parquet.read_table(io.BytesIO(files["data/test-00000-of-00001.parquet"])).to_pylist()
    assert [(row["article"], row["segment"]) for row in rows] == [
        ("news-1", 1), ("news-1", 2), ("news-1", 3), ("blog-2", 1), ("blog-2", 2)
    ]  # fmt: skip
    assert rows[3]["references"] == ["=1+1 is two.", "=1+1 makes two."]
    assert rows[2]["references"] == []
    assert dict(rows[2]["outputs"]) == {"good": "Nobody gets off.", "fair": "No one gets out."}
    assert dict(rows[0]["meta"]) == {"domain": "news"}
    scores = run.pairs[0].systems[1].scores["bleu"]
    assert isinstance(scores, MetricScores)
    assert dict(dict(rows[4]["scores"])["bleu"])["fair"] == scores.segments[4]
    assert rows[2]["scores"] == []
    assert rows[0]["id"] is None
    head = yaml.safe_load(files["README.md"].decode().split("---\n")[1])
    assert head["configs"] == [{"config_name": "default", "data_files": [{"split": "test", "path": "data/test-*"}]}]
    assert (head["language"], head["license"], head["task_categories"]) == (["de", "en"], "other", ["translation"])
