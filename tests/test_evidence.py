"""Evidence from a run: units, ties, orientation, and agreement with the tests it is made of."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.analysis.decision.decide import decide
from harness.analysis.decision.recommendation import DecisionPolicy
from harness.analysis.evidence import weigh
from harness.analysis.stats.compare import Interval
from harness.metrics.load import formula_of, formulas
from harness.metrics.scores.metric import Scores
from harness.reports.words.reasons import sentence
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Part, Reason, told
from tests.cli.conftest import Shell, harness

__all__ = ["harness"]

REFERENCE = "The old house by the river stands empty since spring and nobody knows why number {}."


def files(root: Path, articles: int, per_article: int = 4, *, docids: bool = True) -> Run:
    rng = np.random.default_rng(1)
    references = [REFERENCE.format(number) for number in range(articles * per_article)]

    def spoil(share: float) -> list[str]:
        return [
            " ".join("xx" if rng.random() < share else word for word in reference.split()) for reference in references
        ]

    texts = {"src": references, "ref": references, "good": spoil(0.1), "bad": spoil(0.4)}
    texts["twin"] = texts["good"]
    for name, lines in texts.items():
        (root / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    ids = "".join(f"doc{number // per_article}\n" for number in range(len(references)))
    (root / "docids").write_text(ids, encoding="utf-8")
    return package.score(
        source=root / "src",
        references=[root / "ref"],
        hypotheses={name: root / name for name in ("good", "bad", "twin")},
        pair="de-en",
        docids=root / "docids" if docids else None,
        metrics=("bleu", "ter"),
    )


def test_orientation_ties_and_groups(tmp_path: Path) -> None:
    evidence = package.compare(files(tmp_path, 10))["de-en"]
    assert (evidence.unit, evidence.units) == ("article", 10)
    for name in ("bleu", "ter"):
        found = evidence.metrics[name]
        by_pair = {frozenset((item.a, item.b)): item for item in found.comparisons}
        clear = by_pair[frozenset(("good", "bad"))]
        assert {"good": 1, "bad": -1}[clear.a] * clear.delta > 0
        assert not clear.tied
        same = by_pair[frozenset(("good", "twin"))]
        assert (same.delta, same.p, same.p_adjusted, same.segment_p, same.tied) == (0.0, 1.0, 1.0, 1.0, True)
        assert found.groups == (("good", "twin"), ("bad",))
        assert all(isinstance(interval, Interval) for interval in found.intervals.values())


def test_identical_outputs_are_called_so_wherever_they_stand(tmp_path: Path) -> None:
    """``good`` leads with two copies, ``bad`` has one; ``near`` is another system that is tied with ``good``."""
    files(tmp_path, 10)
    lines = (tmp_path / "good").read_text().splitlines()
    near = [line.replace("house", "xx") if row % 7 == 0 else line for row, line in enumerate(lines)]
    (tmp_path / "near").write_text("".join(f"{line}\n" for line in near), encoding="utf-8")
    texts = {"good": "good", "copy1": "good", "copy2": "good", "near": "near", "bad": "bad", "bad2": "bad"}
    run = package.score(
        source=tmp_path / "src", references=[tmp_path / "ref"], docids=tmp_path / "docids", pair="de-en",
        hypotheses={name: tmp_path / text for name, text in texts.items()}, metrics=("chrf",), checks=False,
    )  # fmt: skip
    (pair,) = json.loads(package.report(run, "json"))["pairs"]
    assert pair["identical"] == [["good", "copy1", "copy2"], ["bad", "bad2"]]
    for form in ("terminal", "md", "html"):
        text = " ".join(str(package.report(run, form)).split())
        assert "good, copy1 and copy2 are identical: they have the same text in every segment." in text, form
        assert "bad and bad2 are identical: they have the same text in every segment." in text, form
    decision = package.spoken(package.decide(run)["de-en"])
    assert decision.reasons[0].startswith("copy1, copy2 and good are identical")
    assert "copy1 ahead of near: difference 1.3," in " ".join(pair["summary"].split())
    assert decision.reason == "nothing that was measured decides between copy1, copy2 and 2 others"


def test_p_is_adjusted_for_all_pairs(tmp_path: Path) -> None:
    comparisons = package.compare(files(tmp_path, 10))["de-en"].metrics["bleu"].comparisons
    raw = sorted(item.p for item in comparisons if not isinstance(item.p, Missing))
    assert raw[0] == pytest.approx(2 / 2**10)
    smallest = min(item.p_adjusted for item in comparisons if not isinstance(item.p_adjusted, Missing))
    # Good and its twin differ from bad in the same way: there is one question here, and Holm's correction asks three.
    # Differences themselves have four fifths of the level.
    assert smallest == pytest.approx(raw[0] / 0.8)


def test_fewer_than_six_articles_give_no_verdict(tmp_path: Path) -> None:
    evidence = package.compare(files(tmp_path, 5))["de-en"].metrics["bleu"]
    for item in evidence.comparisons:
        assert isinstance(item.p, Missing)
        assert isinstance(item.interval, Missing)
        assert sentence(item.p.why) == "no verdict: there are too few articles (5; at least 6 are needed)"
        assert item.tied
    assert evidence.groups == (), "nothing was tested, so nothing is known to be tied"
    assert package.compare(files(tmp_path, 6))["de-en"].metrics["bleu"].groups[0] == ("good", "twin")


def test_without_articles_the_segment_is_the_unit_and_that_is_said(tmp_path: Path) -> None:
    evidence = package.compare(files(tmp_path, 5, docids=False))["de-en"]
    assert (evidence.unit, evidence.units) == ("segment", 20)
    assert all(item.unit == "segment" for item in evidence.metrics["bleu"].comparisons)


def test_only_segments_both_have_are_compared(tmp_path: Path) -> None:
    run = files(tmp_path, 8)
    (tmp_path / "human").write_text(
        "system\tline\tscore\n"
        + "".join(f"good\t{line}\t{90 + line % 3}\n" for line in range(1, 25))
        + "".join(f"bad\t{line}\t{50 + line % 5}\n" for line in range(9, 33)),
        encoding="utf-8",
    )
    run = package.score(
        source=tmp_path / "src",
        references=[tmp_path / "ref"],
        hypotheses={name: tmp_path / name for name in ("good", "bad")},
        pair="de-en",
        docids=tmp_path / "docids",
        metrics=("chrf",),
        extra_metrics=[Scores.from_tsv("human", tmp_path / "human")],
    )
    (item,) = package.compare(run)["de-en"].metrics["human"].comparisons
    assert (item.segments, item.units) == (16, 4)
    lines = range(9, 25)
    expected = np.mean([90 + line % 3 for line in lines]) - np.mean([50 + line % 5 for line in lines])
    assert item.delta == pytest.approx(expected)
    assert isinstance(item.human_agreement, Missing)


def test_a_metric_by_which_two_systems_share_no_segment_compares_the_others(tmp_path: Path, harness: Shell) -> None:
    files(tmp_path, 16)
    ratings = {"good": range(1, 33), "bad": range(33, 65), "twin": range(1, 65)}
    (tmp_path / "human").write_text(
        "system\tline\tscore\n"
        + "".join(
            f"{name}\t{line}\t{50 + line % 5 + 9 * (name == 'good')}\n"
            for name, lines in ratings.items()
            for line in lines
        ),
        encoding="utf-8",
    )
    texts = ["--source", tmp_path / "src", "--reference", tmp_path / "ref", "--docids", tmp_path / "docids"]
    systems = [f"--hypothesis={name}={tmp_path / name}" for name in ratings]
    asked = ["--pair", "de-en", "--scores", f"human={tmp_path / 'human'}", "-q"]
    for form in ("table", "json", "md", "csv", "html"):
        shown = harness("score", *texts, *systems, *asked, "--metric", "chrf", "--format", form)
        assert shown.code == 0, form
        if form in ("table", "md", "html"):
            assert "Other pairs are compared on the segments they share" in " ".join(shown.out.split()), form
            assert "human by pair" in shown.out, form
    run = package.score(
        source=tmp_path / "src",
        references=[tmp_path / "ref"],
        hypotheses={name: tmp_path / name for name in ratings},
        pair="de-en",
        docids=tmp_path / "docids",
        metrics=("chrf",),
        extra_metrics=[Scores.from_tsv("human", tmp_path / "human")],
    )
    only = replace(run, pairs=tuple(replace(pair, metrics=("human",)) for pair in run.pairs))
    for form in ("terminal", "md", "html"):
        assert "human by pair" in str(package.report(only, form)), form
    for form in ("json", "csv", "xlsx", "latex", "junit"):
        assert package.report(only, form), form
    evidence = package.compare(run)["de-en"]
    assert list(evidence.metrics) == ["chrf"]
    why = Missing(
        Reason("unscored.apart", {"a": Part("system", "good"), "b": Part("system", "bad")}),
        Reason("unscored.apart_help"),
    )
    assert sentence(why.why) == "good and bad have no scored segments in common"
    assert evidence.unweighed == {"human": why}
    better, alike = evidence.partly["human"].comparisons
    assert ((better.a, better.b), better.units, better.tied, round(better.delta, 6)) == (("good", "twin"), 8, False, 9)
    assert ({alike.a, alike.b}, alike.units, alike.tied) == ({"bad", "twin"}, 8, True)
    assert (evidence.partly["human"].groups, evidence.partly["human"].letters) == ((), {})
    frame = evidence.to_frame()
    assert len(frame[frame["metric"] == "human"]) == 2
    (pair,) = run.pairs
    assert decide(evidence, pair, DecisionPolicy()).metric == "chrf"
    assert decide(evidence, pair, DecisionPolicy(metric="human")).metric == why
    only = weigh(replace(pair, metrics=("human",)), formulas(run.settings), seed=1)
    assert decide(only, replace(pair, metrics=("human",)), DecisionPolicy()).metric == why


def test_incomplete_systems_and_other_signatures_are_not_compared(tmp_path: Path) -> None:
    run = files(tmp_path, 8)
    (pair,) = run.pairs
    first = pair.systems[0]
    scores = first.scores["bleu"]
    broken = replace(first, scores={**first.scores, "bleu": replace(scores, corpus=Missing(told("2 failed")))})  # type: ignore[type-var]
    evidence = weigh(replace(pair, systems=(broken, *pair.systems[1:])), lambda name: formula_of(name, {}), seed=1)
    assert set(evidence.metrics["bleu"].ranking) == {"bad", "twin"}
    other = replace(
        first, scores={**first.scores, "bleu": replace(scores, identity=replace(scores.identity, signature="x"))}
    )  # type: ignore[type-var, union-attr]
    mixed: PairResult = replace(pair, systems=(other, *pair.systems[1:]))
    assert "bleu" not in weigh(mixed, lambda name: formula_of(name, {}), seed=1).metrics


def test_json_of_score_and_compare_command(tmp_path: Path, harness: Shell) -> None:
    files(tmp_path, 8)
    systems = [f"--hypothesis={name}={tmp_path / name}" for name in ("good", "bad")]
    texts = ["--source", tmp_path / "src", "--reference", tmp_path / "ref", "--docids", tmp_path / "docids"]
    done = harness(
        "score", *texts, *systems, "--pair", "de-en", "--metric", "bleu", "--format", "json", "--seed", 7, "-q"
    )
    document = json.loads(done.out)
    (item,) = document["comparisons"]
    assert set(item) == {
        "metric", "a", "b", "delta", "ci", "p", "p_adjusted", "unit", "units", "segment_p", "human_agreement", "tied",
    }  # fmt: skip
    assert (item["unit"], item["units"], item["tied"], document["seed"]) == ("article", 8, False, 7)
    assert item["delta"] == pytest.approx(
        document["systems"][item["a"]]["bleu"]["score"] - document["systems"][item["b"]]["bleu"]["score"]
    )
    assert item["ci"][0] < item["delta"] < item["ci"][1]
    low, high = document["systems"]["good"]["bleu"]["ci"]
    assert low < document["systems"]["good"]["bleu"]["score"] < high
    assert document["groups"] == {"bleu": [["good"], ["bad"]]}


def test_a_stored_run_is_compared_without_its_metrics(tmp_path: Path, harness: Shell) -> None:
    from tests.workspace import write_article, write_system

    for number in range(7):
        write_article(
            tmp_path, f"a{number}", [(f"Satz {number} {line}.", f"Sentence {number} {line}.") for line in range(3)]
        )
        folder = tmp_path / "systems" / "fine" / "de-en"
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"Sentence {number} {line}!\n" for line in range(3))
        (folder / f"a{number}.txt").write_text(text, encoding="utf-8")
    write_system(tmp_path, "copy", 'engine = "copy"')
    write_system(tmp_path, "fine", 'engine = "recorded"')
    assert harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q").code == 0
    table = harness("compare", "-C", tmp_path)
    assert table.code == 0
    assert re.search(r"^  fine − copy +\+\d.* better$", table.out, re.MULTILINE)
    assert "All differences are significant." in table.out
    assert "No significant difference" not in table.out
    document = json.loads(harness("compare", "-C", tmp_path, "--format", "json", "--metric", "chrf").out)
    assert [item["metric"] for item in document["comparisons"]] == ["chrf"]
    assert harness("compare", "-C", tmp_path, "--format", "csv").out.startswith("pair,metric,a,b,delta")
    assert harness("compare", "-C", tmp_path, "--system", "fin").code == 2


def test_articles_that_did_not_separate_two_systems_are_not_said_to_be_enough(tmp_path: Path) -> None:
    """Where others swing far, a pair's own standard error calls 6 articles enough though 10 did not tell it apart."""
    found = package.compare(files(tmp_path, 10))["de-en"].metrics["bleu"].comparisons[0]
    held_back = replace(found, delta=1.0, standard_error=0.01, p_adjusted=0.2)
    enough = held_back.needed
    assert not isinstance(enough, Missing)
    assert (enough.least, enough.most) == (11, 11)
    clear = replace(held_back, p_adjusted=0.01).needed
    assert not isinstance(clear, Missing)
    assert clear.least == 6
