"""Ratings come back into the run, say how far raters agree, and decide."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from harness.analysis import analyse
from harness.api import decide, report, score, spoken
from harness.api.rating import Budget, Tool, take_back, write_campaign
from harness.api.rating.campaign import described
from harness.errors import DataError, UsageError
from harness.metrics.load import load_metric
from harness.reports.words.reasons import noted
from harness.store.runs.directory import load_run
from harness.store.runs.result import Run
from harness.types import Corpus, EngineIdentity, LangPair

from .conftest import LIKED, Judge, Scene, attentive, build, careless, fill, manifest_of

RATERS = ("rater-1", "rater-2")

CHANGED = "the ratings change the decision: without them, chrF and BLEU would recommend literal"


def taken(scene: Scene, tmp_path: Path, *judges: Judge, tool: Tool = "page", articles: int | None = None) -> Run:
    """The run with what so many people said."""
    raters = tuple(f"rater-{number}" for number in range(1, len(judges) + 1))
    campaign = write_campaign(scene.run, Budget(raters, articles, shared=1), tmp_path / "c", tool=tool)
    for number, (rater, judge) in enumerate(zip(raters, judges, strict=True)):
        FILL[tool](campaign.folder, rater, judge, number)
    return load_run(take_back(scene.run, campaign.folder / "campaign.json", scene.runs).folder)


def fill_workbook(folder: Path, rater: str, judge: Judge, seed: int) -> None:
    key = json.loads((folder / f"{rater}.key.json").read_text(encoding="utf-8"))
    path, draw = folder / f"{rater}.xlsx", random.Random(seed)
    book = openpyxl.load_workbook(path)
    sheet = book["Rating"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        named = sheet.cell(row, 1).value
        for letter in "ABCD":
            if sheet.cell(row, columns[letter]).value is not None:
                system = key["rows"][named].get(letter, "")
                sheet.cell(row, columns[f"score {letter}"]).value = judge(system, draw)
    book.save(path)


def fill_pearmut(folder: Path, rater: str, judge: Judge, seed: int) -> None:
    """What Pearmut 1.1.6 writes, a line for each document."""
    campaign, draw = json.loads((folder / "pearmut.json").read_text(encoding="utf-8")), random.Random(seed)
    annotations = folder / "data" / "annotations"
    annotations.mkdir(parents=True, exist_ok=True)
    documents = campaign["data"][campaign["info"]["users"].index(rater)]
    with (annotations / f"{campaign['campaign_id']}.jsonl").open("a", encoding="utf-8") as file:
        for number, document in enumerate(documents):
            answers = [
                {name: {"score": judge("" if name.startswith("check:") else name, draw)} for name in item["tgt"]}
                for item in document
            ]
            line = {"user_id": rater, "item_i": number, "item": document, "annotation": answers}
            file.write(f"{json.dumps(line)}\n")


FILL: dict[Tool, Callable[[Path, str, Judge, int], None]] = {
    "page": fill, "xlsx": fill_workbook, "pearmut": fill_pearmut
}  # fmt: skip


def notes_of(run: Run) -> Sequence[str]:
    return [noted(note) for note in run.pairs[0].notes if note.where == "human"]


@pytest.mark.parametrize("tool", ["page", "xlsx", "pearmut"])
def test_people_change_the_decision_and_every_report_says_so(scene: Scene, tmp_path: Path, tool: Tool) -> None:
    before = decide(scene.run)["de-en"]
    assert (before.recommendation, before.metrics) == ("literal", ("chrf", "bleu"))
    run = taken(scene, tmp_path, attentive, attentive, tool=tool)
    after = decide(run)["de-en"]
    assert (after.recommendation, after.metrics) == ("free", ("human",))
    assert spoken(after).cautions[0] == CHANGED
    averaged, agreement = notes_of(run)
    assert averaged == "human: 90 segments were rated more than once; their score is the mean of the ratings"
    assert agreement.startswith("human: 90 translations have several ratings: Krippendorff's alpha 0.")
    assert agreement.endswith("from 6 articles); 1 is perfect agreement, 0 chance")
    means = {system.name: system.scores["human"].corpus.value for system in run.pairs[0].systems}  # type: ignore[union-attr]
    assert means == pytest.approx({"free": 85, "literal": 60, "poor": 40}, abs=3)
    if tool == "page":
        text, html, data = (report(run, name) for name in ("terminal", "html", "json"))
        for rendered in (text, html, data):
            assert "Krippendorff" in str(rendered)
            assert "free" in str(rendered)
            assert CHANGED in " ".join(str(rendered).split())
        signs = [sign.why.key for sign in analyse(run).pairs[0].trust if sign.topic == "people"]
        assert "trust.raters" in signs


@pytest.mark.parametrize("tool", ["page", "xlsx", "pearmut"])
def test_who_does_not_read_is_left_out_by_name(scene: Scene, tmp_path: Path, tool: Tool) -> None:
    run = taken(scene, tmp_path, attentive, careless, tool=tool)
    agreement, *others = notes_of(run)
    alone = [note for note in (agreement, *others) if "left out" in note]
    assert len(alone) == 1
    assert alone[0].startswith("human: ratings by rater-2 left out: ")
    assert "of 8 attention checks passed, which chance alone does with p = 0." in alone[0]
    same = taken(scene, tmp_path / "alone", attentive, tool=tool)
    tables = [item.pairs[0].systems[0].tables["human"] for item in (run, same)]
    assert tables[0].scored.sum() == tables[1].scored.sum() > 0


def test_chosen_articles_are_said_to_stretch_the_differences(scene: Scene, tmp_path: Path) -> None:
    campaign = write_campaign(scene.run, Budget(("a",), 3), tmp_path / "c")
    fill(campaign.folder, "a", attentive)
    run = take_back(scene.run, campaign.folder / "campaign.json", scene.runs).run
    assert any("on which systems and metrics disagree" in note for note in notes_of(run))
    # Three articles are too few for a verdict, so people do not decide.
    assert decide(run)["de-en"].metrics == ("chrf", "bleu")


def test_a_decision_by_people_on_chosen_articles_says_that_leads_are_larger(tmp_path: Path) -> None:
    scene = build(tmp_path, articles=8, lines=2)
    for at_random in (False, True):
        folder = tmp_path / ("drawn" if at_random else "chosen")
        campaign = write_campaign(scene.run, Budget(("a",), 6), folder, at_random=at_random)
        fill(campaign.folder, "a", attentive)
        decision = decide(take_back(scene.run, campaign.folder / "campaign.json", scene.runs).run)["de-en"]
        assert (decision.recommendation, decision.metrics) == ("free", ("human",))
        said = [line for line in spoken(decision).cautions if "disagree most, so leads are larger" in line]
        assert len(said) == (0 if at_random else 1)


def test_answers_given_again_count_once_and_unfinished_campaigns_count(scene: Scene, tmp_path: Path) -> None:
    campaign = write_campaign(scene.run, Budget(("a", "b")), tmp_path / "c")
    answers = campaign.folder / "answers.jsonl"
    items = manifest_of(campaign.folder)["items"]["a"]
    lines = [
        {"rater": "a", "item": index, "letter": letter, "score": score}
        for index, item in enumerate(items[:7])
        for letter in item["key"]
        for score in (5, 70)
    ]
    first = next(letter for letter in items[0]["key"])
    lines.append({"rater": "a", "item": 0, "letter": first, "score": None})
    answers.write_text("".join(f"{json.dumps(line)}\n" for line in lines) + '{"rater": "a", "it', encoding="utf-8")
    run = take_back(scene.run, campaign.folder / "campaign.json", scene.runs).run
    tables = [system.tables["human"] for system in run.pairs[0].systems]
    assert sum(int(table.scored.sum()) for table in tables) == 7 * 3 - 1
    assert {float(value) for table in tables for value in table.rows[table.scored, 0]} == {70.0}
    assert "human: the last line of answers.jsonl was cut off and is left out" in notes_of(run)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"rater": "a", "item": 999, "letter": "A", "score": 1}, "no such translation"),
        ({"rater": "x", "item": 0, "letter": "A", "score": 1}, "no such translation"),
        ({"rater": "a", "item": 0, "letter": "Z", "score": 1}, "no such translation"),
        ({"rater": "a", "item": -1, "letter": "A", "score": 1}, "not an answer"),
        ({"rater": ["a"], "item": 0, "letter": "A", "score": 1}, "not an answer"),
        ({"rater": "a", "item": 0, "letter": "A", "score": 101}, "not a number from 0 to 100"),
        ({"rater": "a", "item": 0, "letter": "A", "score": True}, "not a number from 0 to 100"),
        ({"rater": "a", "item": 0, "letter": "A"}, "not an answer"),
        ([1], "not an answer"),
    ],
)
def test_an_answer_that_fits_nothing_is_named_by_line(scene: Scene, tmp_path: Path, line: Any, said: str) -> None:
    campaign = write_campaign(scene.run, Budget(("a",)), tmp_path / "c")
    good = {"rater": "a", "item": 0, "letter": "A", "score": 1}
    text = f"{json.dumps(good)}\n{json.dumps(line)}\n"
    (campaign.folder / "answers.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        take_back(scene.run, campaign.folder / "campaign.json", scene.runs)
    assert "answers.jsonl:2" in str(caught.value)


def test_a_campaign_without_ratings_or_with_a_name_that_leads_out_is_refused(scene: Scene, tmp_path: Path) -> None:
    for tool in FILL:
        campaign = write_campaign(scene.run, Budget(("a",)), tmp_path / tool, tool=tool)
        with pytest.raises(DataError, match="no ratings yet"):
            take_back(scene.run, campaign.folder / "campaign.json", scene.runs)
    manifest = manifest_of(tmp_path / "xlsx")
    for raters in (["../a"], ["/etc/passwd"], [1], "a"):
        (tmp_path / "xlsx" / "campaign.json").write_text(json.dumps({**manifest, "raters": raters}), encoding="utf-8")
        with pytest.raises(DataError, match=r"not a campaign of harness rate|not names"):
            take_back(scene.run, tmp_path / "xlsx" / "campaign.json", scene.runs)
    (tmp_path / "xlsx" / "a.xlsx").unlink()
    (tmp_path / "xlsx" / "campaign.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.xlsx"):
        take_back(scene.run, tmp_path / "xlsx" / "campaign.json", scene.runs)


def test_a_metric_keeps_its_name(scene: Scene, tmp_path: Path) -> None:
    run = taken(scene, tmp_path, attentive)
    with pytest.raises(UsageError, match="already has a metric 'human'"):
        take_back(run, tmp_path / "c" / "campaign.json", scene.runs)
    both = take_back(run, tmp_path / "c" / "campaign.json", scene.runs, column="esa").run
    assert both.pairs[0].metrics == ("bleu", "chrf", "human", "esa")


def test_nobody_rates_a_copy_of_the_source_and_people_decide_without_it(scene: Scene, tmp_path: Path) -> None:
    (result,) = scene.run.pairs
    systems = tuple(
        replace(system, engine=EngineIdentity("copy", "1", {})) if system.name == "poor" else system
        for system in result.systems
    )
    run = replace(scene.run, pairs=(replace(result, systems=systems),))
    campaign = write_campaign(run, Budget(("a",)), tmp_path / "c")
    items = manifest_of(campaign.folder)["items"]["a"]
    assert {name for item in items for names in item["key"].values() for name in names} == {"free", "literal"}
    fill(campaign.folder, "a", attentive)
    rated = take_back(run, campaign.folder / "campaign.json", scene.runs).run
    after = decide(rated)["de-en"]
    assert (after.recommendation, after.metrics) == ("free", ("human",))


def test_ratings_of_one_pair_leave_the_others_as_they_are(scene: Scene, tmp_path: Path) -> None:
    (result,) = scene.run.pairs
    french = LangPair("de", "fr")
    articles = tuple(replace(article, pair=french) for article in result.corpus.articles)
    other = replace(result, corpus=Corpus(french, articles))
    run = replace(scene.run, pairs=(result, other))
    with pytest.raises(UsageError, match="several pairs"):
        write_campaign(run, Budget(("a",)), tmp_path / "c")
    for pair in ("de-en", "de-fr"):
        campaign = write_campaign(run, Budget(("a",)), tmp_path / pair, pair=pair)
        fill(campaign.folder, "a", attentive)
        file, named, of = described(campaign.folder)
        assert (named, of) == (scene.run.id, pair)
        rated = take_back(run, file, scene.runs, pair=of).run
        assert [str(item.pair) for item in rated.pairs if "human" in item.metrics] == [pair]


def test_a_workspace_reads_its_campaigns_in_every_run(scene: Scene, tmp_path: Path) -> None:
    campaign = write_campaign(scene.run, Budget(("a",)), tmp_path / "c")
    fill(campaign.folder, "a", attentive)
    rescored = score(
        source=scene.files / "source.txt",
        references=[scene.files / "reference.txt"],
        hypotheses={name: scene.files / f"{name}.txt" for name in LIKED if name},
        pair="de-en",
        docids=scene.files / "docids.txt",
        metrics=["chrf"],
        extra_metrics=[load_metric("human", {"metric": "scores", "file": str(campaign.folder / "campaign.json")}, "x")],
        checks=False,
    )
    assert decide(rescored)["de-en"].metrics == ("human",)
    first = rescored.pairs[0].identities["human"].signature
    fill(campaign.folder, "a", careless)
    again = load_metric("human", {"metric": "scores", "file": str(campaign.folder / "campaign.json")}, "x")
    assert first.split("|")[1] not in again.ratings.signature  # type: ignore[attr-defined]
