"""Appraise: a campaign goes out, scores and marked errors come back on the same segments."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError, UsageError
from harness.metrics.scores.metric import Scores
from harness.metrics.scores.rows import MarkedError
from harness.reports.words.reasons import noted
from harness.store.runs.result import Run
from harness.types import LangPair
from tests.export.conftest import build_run, exported, ratings_of

REAL = "AppraiseDev+Appraise/batches_esa.json"


def batches_of(run: Run, seed: int = 1) -> list[Any]:
    found: list[Any] = json.loads(exported("appraise", run, seed=seed).files["batches.json"])
    return found


def test_every_task_has_exactly_100_items(run: Run) -> None:
    (batch,) = batches_of(run)
    items = batch["items"]
    assert [item["itemID"] for item in items] == list(range(1, 101))
    assert Counter(item["itemType"] for item in items) == {"TGT": 14, "CHK": 86}
    assert not any(item["isCompleteDocument"] for item in items)
    assert {item["targetID"] for item in items} == {"good", "fair", "bad"}
    assert batch["task"] == {
        "batchNo": 1, "randomSeed": 1, "requiredAnnotations": 1, "sourceLanguage": "deu", "targetLanguage": "eng"
    }  # fmt: skip
    by_document = [item["documentID"] for item in items if item["itemType"] == "TGT"]
    together = list(dict.fromkeys(by_document))
    assert by_document == [document for document in together for _ in range(by_document.count(document))]
    notes = [noted(note) for note in exported("appraise", run).notes]
    again = "appraise: items shown again, so that each task has 100: 86"
    assert notes == ["appraise: missing outputs, left out: 1", again]


def test_long_documents_are_parted_and_short_ones_stay_whole(run: Run) -> None:
    (result,) = run.pairs
    first, second = result.corpus.articles
    long = replace(first, segments=first.segments * 70)
    systems = tuple(
        replace(system, outcomes=(*system.outcomes[:3] * 70, *system.outcomes[3:]), scores={}, tables={})
        for system in result.systems
    )
    corpus = replace(result.corpus, articles=(long, second))
    many = replace(run, pairs=(replace(result, corpus=corpus, systems=systems),))
    batches = batches_of(many)
    assert all(len(batch["items"]) == 100 for batch in batches)
    parts = Counter(item["documentID"] for batch in batches for item in batch["items"] if item["itemType"] == "TGT")
    assert parts["news-1#good"] == 210
    assert parts["blog-2#good"] == 2
    homes = {number for number, batch in enumerate(batches) for item in batch["items"]
             if item["documentID"] == "blog-2#good"}  # fmt: skip
    assert len(homes) == 1


def test_the_manifest(run: Run) -> None:
    manifest = json.loads(exported("appraise", run).files["manifest.json"])
    assert manifest["TASKS_TO_ANNOTATORS"] == [["deu", "eng", "uniform", 1, 1]]
    assert (manifest["TASK_TYPE"], manifest["TASK_OPTIONS"], manifest["REDUNDANCY"]) == ("Document", "ESA", 1)
    assert json.loads(exported("appraise-mqm", run).files["manifest.json"])["TASK_OPTIONS"] == "MQM"
    polish = replace(run, pairs=(replace(run.pairs[0], corpus=replace(
        run.pairs[0].corpus, pair=LangPair("en-GB", "pl")
    )),))  # fmt: skip
    assert batches_of(polish)[0]["task"]["targetLanguage"] == "plk"


def test_items_have_the_keys_of_a_real_campaign(run: Run, wmt_data: Path) -> None:
    real = json.loads((wmt_data / "formats" / REAL).read_text(encoding="utf-8"))
    needed = set(real[0]["items"][0])
    ours = set(batches_of(run)[0]["items"][0])
    assert ours == needed


def test_what_appraise_would_run_and_names_it_cannot_have() -> None:
    done = exported("appraise", build_run({"a": ["<video src=x>"] * 5}))
    texts = {item["targetText"] for item in json.loads(done.files["batches.json"])[0]["items"]}
    assert texts == {"\u200b<video src=x>"}
    for name, said in (("a#b", "has a # in its name"),):
        with pytest.raises(UsageError, match=said):
            exported("appraise", build_run({name: ["x"] * 5}))
    with pytest.raises(UsageError, match="nothing to rate"):
        exported("appraise", build_run({"none": [None] * 5}))


def answer(item: dict[str, Any], user: str, score: object, spans: object = ()) -> list[object]:
    return [user, item["targetID"], item["itemID"], item["itemType"], "deu", "eng", score, item["documentID"],
            item["isCompleteDocument"], json.dumps(list(spans)), "1710874748.117", "1710874808.075"]  # fmt: skip


def write(folder: Path, batches: object, rows: list[list[object]]) -> Path:
    (folder / "batches.json").write_text(json.dumps(batches), encoding="utf-8")
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return folder / "scores.csv"


def test_scores_come_back_on_the_same_segments(run: Run, tmp_path: Path) -> None:
    batches, draw = batches_of(run), random.Random(4)
    rows, expected = [], {}
    for item in batches[0]["items"]:
        score = draw.randint(0, 100)
        rows.append(answer(item, "engdeu01", score))
        if item["itemType"] == "TGT":
            expected[item["targetID"], item["_item"]] = float(score)
    metric = Scores.from_tsv("esa", write(tmp_path, batches, rows))
    assert ratings_of(metric, run) == expected
    assert len(expected) == 14
    assert "rows of checks and tutorials, left out: 86" in noted(metric.notes[0])


def test_marked_errors_come_back(run: Run, tmp_path: Path) -> None:
    batches = batches_of(run)
    item = next(item for item in batches[0]["items"] if item["_item"] == "news-1:1" and item["targetID"] == "good")
    spans = [{"start_i": 4, "end_i": 8, "severity": "major", "error_type": None},
             {"start_i": "missing", "end_i": "missing", "severity": "minor", "error_type": None}]  # fmt: skip
    metric = Scores.from_tsv("esa", write(tmp_path, batches, [answer(item, "a", 80, spans)]))
    assert metric.higher_is_better
    (found,) = metric.ratings.spans.values()
    assert found == (MarkedError((4, 9), "major", ""), MarkedError("missing", "minor", ""))


def test_an_mqm_campaign_is_scored_by_the_weights_of_its_errors(run: Run, tmp_path: Path) -> None:
    batches = batches_of(run)
    items = [item for item in batches[0]["items"] if item["itemType"] == "TGT" and item["targetID"] == "good"]
    kinds = (
        ("major", ["Accuracy", "Mistranslation"]),
        ("minor", ["Style", "Awkward"]),
        ("minor", ["Fluency", "Punctuation"]),
    )
    spans = [{"start_i": 0, "end_i": 1, "severity": level, "error_type": kind} for level, kind in kinds]
    rows = [answer(items[0], "a", 0, spans), answer(items[1], "a", 0), answer(items[0], "b", 0, spans[:1])]
    metric = Scores.from_tsv("mqm", write(tmp_path, batches, rows))
    assert not metric.higher_is_better
    first, second = (("good", item["_item"]) for item in items[:2])
    assert ratings_of(metric, run) == pytest.approx({first: (6.1 + 5) / 2, second: 0.0})


def test_a_campaign_of_others_is_placed_by_its_source_texts(run: Run, tmp_path: Path) -> None:
    twice = build_run()
    (result,) = twice.pairs
    texts = ["Ja.", "Nein.", "Ja."]
    article = result.corpus.articles[0]
    again = replace(article, segments=tuple(
        replace(segment, source=text) for segment, text in zip(article.segments, texts, strict=True)
    ))  # fmt: skip
    same = replace(twice, pairs=(replace(result, corpus=replace(
        result.corpus, articles=(again, result.corpus.articles[1])
    )),))  # fmt: skip

    def item(number: int, text: str) -> dict[str, Any]:
        return {"itemID": number, "itemType": "TGT", "documentID": "news-1#good", "targetID": "wmt.good",
                "sourceText": text, "isCompleteDocument": False, "mqm": []}  # fmt: skip

    tail = [item(7, "Nein."), item(8, " Ja.")]
    path = write(tmp_path, [{"items": tail}], [answer(each, "a", 10 * each["itemID"]) for each in tail])
    assert ratings_of(Scores.from_tsv("x", path), same) == {("good", "news-1:2"): 70, ("good", "news-1:3"): 80}
    alone = write(tmp_path, [{"items": tail[1:]}], [answer(tail[1], "a", 5)])
    with pytest.raises(DataError, match=r"has 2 segments with the source 'Ja\.'"):
        ratings_of(Scores.from_tsv("x", alone), same)
    unknown = write(tmp_path, [{"items": [item(7, "Doch.")]}], [answer(tail[0], "a", 5)])
    with pytest.raises(DataError, match=r"scores\.csv:1: article 'news-1' has no segment with the source 'Doch\.'"):
        ratings_of(Scores.from_tsv("x", unknown), same)


def test_parts_of_a_document_in_two_tasks_are_told_apart_by_who_did_them(run: Run, tmp_path: Path) -> None:
    first, second = "Der Zug kommt um 8 Uhr.", "Niemand steigt aus."

    def item(number: int, document: str, text: str) -> dict[str, Any]:
        return {"itemID": number, "itemType": "TGT", "documentID": document, "targetID": "good", "sourceText": text,
                "isCompleteDocument": False, "mqm": []}  # fmt: skip

    other = item(2, "blog-2#good", "Das war's.")
    batches = [{"items": [item(1, "news-1#good", first), other]}, {"items": [item(1, "news-1#good", second)]}]
    rows = [answer(other, "ann", 5), answer(item(1, "news-1#good", ""), "ann", 50)]
    found = ratings_of(Scores.from_tsv("x", write(tmp_path, batches, rows)), run)
    assert found == {("good", "blog-2:2"): 5, ("good", "news-1:1"): 50}
    with pytest.raises(DataError, match="item 1 of 'news-1#good' is several segments in the batches"):
        Scores.from_tsv("x", write(tmp_path, batches, [answer(item(1, "news-1#good", ""), "ben", 50)]))


def test_tutorials_are_left_out_and_the_last_row_of_a_person_counts(run: Run, tmp_path: Path) -> None:
    batches = batches_of(run)
    items = batches[0]["items"]
    items[0]["mqm"] = {"tutorial": {}, "payload": []}
    rows = [answer(items[0], "a", 1), answer(items[1], "a", 2), answer(items[1], "a", 3), answer(items[1], "b", 5)]
    found = ratings_of(Scores.from_tsv("x", write(tmp_path, batches, rows)), run)
    assert found == {(items[1]["targetID"], items[1]["_item"]): 4}


def test_files_that_are_wrong_are_named(run: Run, tmp_path: Path) -> None:
    batches = batches_of(run)
    item = batches[0]["items"][0]
    path = write(tmp_path, batches, [answer({**item, "itemID": 333}, "a", 1)])
    with pytest.raises(DataError, match=r"scores\.csv:1: field 'itemID': item 333 of '.*' is not in the batches"):
        Scores.from_tsv("x", path)
    with pytest.raises(DataError, match=r"scores\.csv:2: not a row of Appraise: 3 fields"):
        Scores.from_tsv("x", write(tmp_path, batches, [answer(item, "a", 1), ["a", "b", "c"]]))
    with pytest.raises(DataError, match="field 'score': 'high' is not a number"):
        Scores.from_tsv("x", write(tmp_path, batches, [answer(item, "a", "high")]))
    with pytest.raises(DataError, match="not the batches of a campaign"):
        Scores.from_tsv("x", write(tmp_path, [{}], [answer(item, "a", 1)]))
    (tmp_path / "batches.json").unlink()
    with pytest.raises(DataError, match=r"batches\.json says which segment an item is") as raised:
        Scores.from_tsv("x", tmp_path / "scores.csv")
    assert "as batches.json" in raised.value.hint
