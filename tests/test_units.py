"""What the statistics take as independent: declared, kept with the run, repeated by every output, asked for if open."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import harness as package
from harness.analysis import Asked, analyse
from harness.analysis.comparison import Evidence
from harness.analysis.stats.compare import Interval
from harness.errors import IncomparableError, StoreError, UsageError
from harness.reports.words.reasons import sentence
from harness.store.runs.directory import load_run
from harness.store.runs.result import Run
from harness.store.runs.units import declare_unit
from harness.types import Missing
from harness.workspace.registry import load
from tests.cli.conftest import Shell, harness
from tests.kept import write_run
from tests.test_evidence import files
from tests.workspace import write_article, write_system

__all__ = ["harness"]

ASKED = "if its sentences are independent, add --unit segment"


def bare(root: Path, unit: str = "") -> Run:
    return declare_unit(files(root, 10, docids=False), unit or "undeclared")  # type: ignore[arg-type]


def list_of_sentences(root: Path, *, settings: str = "", articles: int = 1) -> Path:
    """A workspace of articles with 24 sentences each, and two recorded systems, one better on every sentence."""
    for number in range(articles):
        rows = [(f"Satz {n} im Korb {number}", f"sentence {n} in the basket {number} today") for n in range(24)]
        write_article(root, f"list{number}", rows)
        for name in ("good", "bad"):
            folder = root / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            words = "sentence {n} in the basket {a} today" if name == "good" else "sentence {n} of a bin {a}"
            lines = [words.format(n=n if n % 5 else "?", a=number) for n in range(24)]
            (folder / f"list{number}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name in ("good", "bad"):
        write_system(root, name, 'engine = "recorded"\n')
    (root / "harness.toml").write_text(f'metrics = ["chrf"]\n{settings}', encoding="utf-8")
    return root


def test_undeclared_segments_have_intervals_and_no_verdict(tmp_path: Path) -> None:
    evidence = package.compare(bare(tmp_path))["de-en"]
    assert (evidence.unit, evidence.units, evidence.declared) == ("segment", 40, False)
    found = evidence.metrics["bleu"]
    assert found.groups == ()
    for item in found.comparisons:
        assert isinstance(item.interval, Interval)
        assert isinstance(item.p, float)
        assert isinstance(item.p_adjusted, Missing)
        assert item.tied
    why = evidence.withheld
    assert why is not None
    assert "not declared independent" in sentence(why.why)
    assert "--unit segment" in sentence(why.fix)
    assert "--docids" in sentence(why.fix)


def test_without_a_verdict_only_detectable_differences_need_all_pairs_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undeclared, declared = bare(tmp_path), bare(tmp_path, "segment")
    whole = analyse(undeclared, every_test=True).pairs[0].evidence
    monkeypatch.setattr("harness.analysis.weighing.judge_together", None)  # what is not called cannot fail
    asked = Asked(detectable=False)
    part = analyse(undeclared, every_test=True, asked=asked).pairs[0].evidence
    levels = [item.level for found in whole.metrics.values() for item in found.comparisons]
    assert max(levels) > 0.95
    assert {item.level for found in part.metrics.values() for item in found.comparisons} == {0.95}
    assert _at_one_level(part) == _at_one_level(whole)
    with pytest.raises(TypeError):
        _ = analyse(declared, asked=asked).pairs[0].evidence


def _at_one_level(evidence: Evidence) -> Evidence:
    metrics = {
        name: replace(found, comparisons=tuple(replace(item, level=0.95) for item in found.comparisons))
        for name, found in evidence.metrics.items()
    }
    return replace(evidence, metrics=metrics)


def test_declared_segments_are_weighed_like_articles(tmp_path: Path) -> None:
    open_run, declared = bare(tmp_path), bare(tmp_path, "segment")
    evidence = package.compare(declared)["de-en"]
    assert (evidence.unit, evidence.units, evidence.declared) == ("segment", 40, True)
    assert evidence.withheld is None
    assert evidence.metrics["bleu"].groups[0] == ("good", "twin")
    assert all(isinstance(item.p_adjusted, float) for item in evidence.metrics["bleu"].comparisons)
    before = package.compare(open_run)["de-en"].metrics["bleu"].comparisons
    assert [item.interval for item in evidence.metrics["bleu"].comparisons] == [item.interval for item in before]
    assert package.decide(open_run)["de-en"].recommendation != package.decide(declared)["de-en"].recommendation
    assert declared.settings["unit"] == "segment"


def test_declared_articles_keep_bare_files_one_article(tmp_path: Path) -> None:
    evidence = package.compare(bare(tmp_path), unit="article")["de-en"]
    assert (evidence.unit, evidence.units, evidence.declared) == ("article", 1, True)
    why = evidence.withheld
    assert why is not None
    assert ASKED in sentence(why.fix)


@pytest.mark.parametrize("name", ["terminal", "md", "html", "json", "latex", "csv"])
def test_every_report_repeats_what_was_declared(tmp_path: Path, name: str) -> None:
    text = load("reports", name)().render(analyse(bare(tmp_path, "segment"))).decode("utf-8")
    said = text.replace("\\", "")
    if name == "json":
        evidence = json.loads(text)["pairs"][0]["evidence"]
        assert (evidence["unit"], evidence["unit_declared"]) == ("segment", True)
    elif name == "csv":
        assert {row["unit"] for row in csv.DictReader(text.splitlines())} == {"segment"}
    else:
        assert "declared independent" in said
        assert "overstates" not in said
        assert "too small" not in said
        assert "whole articles" not in said
        assert "not declared" not in said


def test_a_workspace_of_one_article_asks_and_then_decides(tmp_path: Path, harness: Shell) -> None:
    root = list_of_sentences(tmp_path)
    first = harness("run", "-C", root, "-q")
    assert first.code == 0
    said = " ".join(first.out.split())
    assert "No recommendation: one article is not a sample" in said
    assert f"What would help: {ASKED}" in said
    assert harness("decide", "-C", root).code == 3
    declared = harness("decide", "-C", root, "--unit", "segment")
    assert declared.code == 0
    assert declared.out.startswith("de-en: good is recommended")
    assert "24 segments, declared independent" in declared.out
    assert ASKED in " ".join(harness("compare", "-C", root).out.split())
    compared = harness("compare", "-C", root, "--unit", "segment")
    assert "24 segments, declared independent" in compared.out
    assert re.search(r"good − bad .* better", compared.out)
    for name in ("terminal", "md", "html", "latex"):
        assert "declared independent" in harness("report", "-C", root, "--format", name, "--unit", "segment").out
    # The run itself is as it was stored.
    assert ASKED in " ".join(harness("report", "-C", root).out.split())


def test_the_settings_of_a_workspace_declare_it_for_every_run(tmp_path: Path, harness: Shell) -> None:
    root = list_of_sentences(tmp_path, settings='[statistics]\nunit = "segment"\n')
    assert harness("run", "-C", root, "-q").code == 0
    assert load_run(next((root / "reports" / "runs").iterdir())).settings["unit"] == "segment"
    assert harness("decide", "-C", root).code == 0
    assert harness("baseline", "accept", "latest", "-C", root).code == 0
    for name in ("terminal", "md", "json", "junit", "github"):
        judged = harness("gate", "-C", root, "--format", name)
        assert judged.code == 0, judged
        assert "declared independent" in judged.out
    judged = harness("gate", "-C", root, "--format", "json")
    passed = [item for item in json.loads(judged.out)["findings"] if item["status"] == "pass"]
    assert {(item["unit"], item["units"], item["unit_declared"]) for item in passed} == {("segment", 24, True)}
    assert harness("gate", "-C", root, "--unit", "article", "--format", "terminal").out.count("declared") == 0


def test_a_flag_goes_before_the_settings_and_is_in_the_command(tmp_path: Path, harness: Shell) -> None:
    root = list_of_sentences(tmp_path, settings='[statistics]\nunit = "article"\n', articles=2)
    assert harness("run", "-C", root, "-q", "--unit", "segment").code == 0
    run = load_run(next((root / "reports" / "runs").iterdir()))
    assert run.settings["unit"] == "segment"
    assert run.pairs[0].unit == "segment"
    assert "--unit segment" in run.command
    assert package.compare(run)["de-en"].units == 48


def test_score_declares_it_too(tmp_path: Path, harness: Shell) -> None:
    files(tmp_path, 5)
    command = ["score", "-s", tmp_path / "src", "-r", tmp_path / "ref", "--pair", "de-en", "-q", "--metric", "chrf"]
    command += ["-t", f"good={tmp_path / 'good'}", "-t", f"bad={tmp_path / 'bad'}", "--no-checks"]
    asked = " ".join(harness(*command).out.split())
    assert "No verdict: the sentences are not declared independent" in asked
    assert "is better than" not in asked
    assert "overstates" in asked
    assert asked.count("--unit segment") == 2  # in the verdict, and in what the numbers are to be trusted for
    declared = " ".join(harness(*command, "--unit", "segment").out.split())
    assert "good is significantly better than bad" in declared
    assert "20 segments, declared independent" in declared
    assert "overstates" not in declared
    assert "too small" not in declared
    assert "--docids" not in declared
    found = json.loads(harness(*command, "--format", "json").out)
    assert (found["unit"], found["unit_declared"], found["groups"]["chrf"]) == ("segment", False, [])
    assert found["comparisons"][0]["ci"] is not None
    found = json.loads(harness(*command, "--format", "json", "--unit", "segment").out)
    assert (found["unit"], found["unit_declared"]) == ("segment", True)
    assert found["groups"]["chrf"] == [["good"], ["bad"]]


def test_wrong_units_are_refused(tmp_path: Path, harness: Shell) -> None:
    root = list_of_sentences(tmp_path, settings='[statistics]\nunit = "sentence"\n')
    refused = harness("run", "-C", root, "-q")
    assert refused.code == 2
    assert "statistics.unit" in refused.err
    assert "'article' or 'segment'" in refused.err
    refused = harness("compare", "-C", root, "--unit", "segments")
    assert refused.code == 2
    assert "--unit segments: expected article or segment" in refused.err
    with pytest.raises(UsageError, match="unit sentence"):
        package.compare(files(tmp_path, 6), unit="sentence")


def test_runs_that_declare_different_units_are_not_joined(tmp_path: Path) -> None:
    one, other, silent = (files(tmp_path, 8) for _ in range(3))
    one, other = declare_unit(one, "segment"), declare_unit(other, "article")
    with pytest.raises(IncomparableError, match="declare different units"):
        package.compare(one, other)
    assert package.compare(silent, one)["de-en"].unit == "segment"
    assert package.compare(one, other, unit="segment")["de-en"].units == 32


def test_a_stored_run_keeps_it_and_a_unit_that_is_none_is_damage(tmp_path: Path) -> None:
    folder = write_run(bare(tmp_path, "segment"), tmp_path / "runs")
    assert load_run(folder).pairs[0].unit == "segment"
    manifest = folder / "run.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8")
        .replace('"unit":"segment"', '"unit":"word"')
        .replace('"unit": "segment"', '"unit": "word"'),
        encoding="utf-8",
    )
    with pytest.raises(StoreError, match="unit is 'word'"):
        load_run(folder)
