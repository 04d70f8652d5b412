"""The planner: what it reads from a run, what it prints, and whether its promise is kept on real outputs."""

from __future__ import annotations

import json
import math
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.analysis import plan_from_run
from harness.analysis.stats.compare import compare_roughly, make_profiles
from harness.analysis.stats.design import make_design, unit_sums
from harness.analysis.stats.family import judge_together
from harness.analysis.units import units_of
from harness.cli.plan import plan as plan_command
from harness.metrics.load import formulas
from harness.types import SystemName
from harness.workspace import progress
from tests.cli.conftest import Shell, harness
from tests.test_late_bars import Terminal
from tests.workspace import write_article, write_system

__all__ = ["harness"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two systems of which one is a little worse, and the copied source."""
    rng = np.random.default_rng(1)
    words = ["old", "grey", "tall", "warm", "late", "soft"]
    for number in range(12):
        lines = [" ".join(rng.choice(words, 6)) + f" {number} {line}." for line in range(12)]
        write_article(tmp_path, f"a{number}", [(f"Satz {line}", line) for line in lines])
        for name, rate in (("fine", 0.1), ("poor", 0.3)):
            folder = tmp_path / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            text = "".join(
                " ".join("bad" if rng.random() < rate else word for word in line.split()) + "\n" for line in lines
            )
            (folder / f"a{number}.txt").write_text(text, encoding="utf-8")
    write_system(tmp_path, "fine", 'engine = "recorded"\n[price]\nper_million_characters = 20\ncurrency = "USD"')
    write_system(tmp_path, "poor", 'engine = "recorded"')
    write_system(tmp_path, "copy", 'engine = "copy"')
    return tmp_path


def test_a_plan_from_a_run(workspace: Path, harness: Shell) -> None:
    assert harness("run", "-C", workspace, "--metric", "chrf", "-q").code == 0
    (plan,) = json.loads(harness("plan", "latest", "-C", workspace, "--format", "json").out)
    # The floor is no system to tell apart.
    assert (plan["systems"], plan["units"], plan["segments"], plan["level"]) == (2, 12, 144, 0.95)
    assert (plan["metric"], plan["difference"]) == ("chrf", 1.0)
    whole, *shorter = plan["needed"]
    assert [item["segments_per_article"] for item in shorter] == [10, 5, 3]
    assert shorter[-1]["units"] > whole["units"]
    assert whole["segments"] == whole["units"] * 12
    (cost,) = whole["costs"]
    assert cost == {"amount": pytest.approx(20e-6 * whole["characters"]), "currency": "USD"}
    assert plan["unpriced"] == ["poor"]
    (more,) = json.loads(harness("plan", "latest", "-C", workspace, "--systems", 9, "--format", "json").out)
    assert more["level"] > 0.99
    assert more["needed"][0]["units"] > whole["units"]
    (wide,) = json.loads(harness("plan", "latest", "-C", workspace, "--difference", 3, "--format", "json").out)
    assert wide["needed"][0]["units"] < whole["units"]


def test_whoever_waits_for_a_plan_sees_a_bar(workspace: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert harness("run", "-C", workspace, "--metric", "chrf", "-q").code == 0
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(progress, "PATIENCE", 0)
    plan_command(run="latest", workspace=workspace)
    assert "sample sizes" in terminal.getvalue()


def test_a_plan_in_words(workspace: Path, harness: Shell) -> None:
    assert harness("run", "-C", workspace, "--metric", "chrf", "-q").code == 0
    shown = harness("plan", "latest", "-C", workspace, "--difference", 2).out
    assert shown.startswith("de-en, chrF: 12 articles (144 segments), 2 systems compared\n")
    assert "A difference of 2 needs:" in shown
    assert "The price of poor is not known." in shown
    assert max(map(len, shown.splitlines())) <= 80
    usual = harness("plan", "-C", workspace, "--without-run").out
    assert harness("plan", "-C", workspace, "--difference", 2).out == shown
    assert "12 articles like these confirm a difference of" in usual
    assert "To plan by your own systems: harness plan RUN" in usual


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--metric", "blue"], "no scores of 'blue'"),
        (["--system", "fin,poor"], "did you mean 'fine'"),
        (["--system", "fine"], "no two systems"),
        (["--difference", "0"], "needs no articles"),
        (["--systems", "1"], "--systems"),
    ],
)
def test_what_cannot_be_planned(workspace: Path, harness: Shell, options: list[str], said: str) -> None:
    assert harness("run", "-C", workspace, "--metric", "chrf", "-q").code == 0
    done = harness("plan", "latest", "-C", workspace, *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_few_articles_say_so(tmp_path: Path, harness: Shell) -> None:
    write_article(tmp_path, "a", [("Eins.", "One."), ("Zwei.", "Two.")])
    write_system(tmp_path, "copy", 'engine = "copy"')
    assert "1 article cannot confirm any difference. At least 6 are needed." in harness("plan", "-C", tmp_path).out


def test_lint_and_a_dry_run_say_what_the_articles_can_confirm(workspace: Path, harness: Shell) -> None:
    (workspace / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    (usual,) = json.loads(harness("plan", "-C", workspace, "--without-run", "--format", "json").out)
    line = f"compare de-en: 12 articles confirm a difference of {math.ceil(usual['finds'] * 10) / 10:g} chrF"
    needs = "a difference of 1 needs about 140 articles"
    linted = " ".join(harness("lint", "-C", workspace).err.split())
    assert line in linted
    assert f"between 2 systems 80 % of the time; {needs}" in linted
    dry = " ".join(harness("run", "--dry-run", "-C", workspace).err.split())
    # Recorded outputs cost nothing, and the copied source is no system to compare.
    assert f"{line} between 2 systems 80 % of the time; {needs} (harness plan)" in dry
    write_system(
        workspace,
        "paid",
        'engine = "http"\n[options]\nurl = "http://127.0.0.1:1"\nbody = { q = "{text}" }\nresponse = "t"\n'
        '[price]\nper_million_characters = 20\ncurrency = "USD"\n',
    )
    alone = harness("run", "--dry-run", "-C", workspace, "--system", "paid,copy", "--format", "json")
    assert json.loads(alone.out)["sizes"] == []
    write_system(workspace, "dear", (workspace / "systems" / "paid.toml").read_text(encoding="utf-8"))
    paid = harness("run", "--dry-run", "-C", workspace, "--system", "paid,dear", "--format", "json")
    (size,) = json.loads(paid.out)["sizes"]
    (cost,) = size["needed"][0]["costs"]
    assert cost["amount"] == pytest.approx(2 * 20e-6 * size["needed"][0]["characters"])
    shown = " ".join(harness("run", "--dry-run", "-C", workspace, "--system", "paid,dear").err.split())
    assert f"{cost['amount']:.2f} USD for all systems" in shown


def test_articles_cut_to_their_first_segments(workspace: Path, harness: Shell) -> None:
    done = harness("run", "-C", workspace, "--metric", "chrf", "--segments-per-article", 5, "--format", "json", "-q")
    assert done.code == 0
    (result,) = package.load_run(workspace=workspace).pairs
    assert {len(article.segments) for article in result.corpus.articles} == {5}
    assert len(result.corpus.articles) == 12
    refused = harness("run", "-C", workspace, "--metric", "chrf", "--segments-per-article", 5, "--record")
    assert refused.code == 2
    assert "whole articles" in refused.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "metric", "systems", "pairs"),
    [
        ("wmt24.en-cs", "chrf", ("GPT-4", "Claude-3.5"), 1),
        ("wmt22.de-en", "chrf", ("JDExploreAcademy", "Online-A", "Online-B", "PROMT", "LT22"), 3),
        ("wmt24.en-cs", "chrf", ("Aya23", "CUNI-MH", "CUNI-GA", "Claude-3.5", "IKUN"), 3),
    ],
)
def test_the_promise_is_kept(wmt_data: Path, name: str, metric: str, systems: tuple[str, ...], pairs: int) -> None:
    """Corpora of the recommended size, drawn from real articles: the test of reports confirms four in five or more."""
    folder = wmt_data / name
    run = package.score(
        source=folder / "source.txt", references=[min(folder.glob("reference.*.txt"))],
        hypotheses={system: folder / "systems" / f"{system}.txt" for system in systems},
        pair=name.partition(".")[2], docids=folder / "docids.txt", metrics=(metric,), checks=False,
    )  # fmt: skip
    (result,) = run.pairs
    formula = formulas(run.settings)
    _, units = units_of(result.corpus, result.unit)
    everything = np.ones(len(result.corpus.segments), dtype=np.bool_)
    sizes = units.sizes(everything)
    tables = {system.name: unit_sums(system.tables[metric].rows, units.starts) for system in result.systems}
    scores = {system: float(formula(metric)(rows.sum(axis=0))) for system, rows in tables.items()}
    families = list(combinations(tables, 2))
    rng = np.random.default_rng(3)
    tried, confirmed = 0, 0
    for a, b in sorted(families, key=lambda pair: abs(scores[pair[0]] - scores[pair[1]]), reverse=True):
        difference = abs(scores[a] - scores[b])
        plan = plan_from_run(result, metric, formula, difference, between=(SystemName(a), SystemName(b)))
        size = plan.sizings[0].units
        if not 14 <= size <= 150 or tried == 100 * pairs:
            continue
        design = make_design(size, 1, shuffles=2000)
        for _ in range(100):
            drawn = rng.integers(len(sizes), size=size)
            profiles = make_profiles([rows[drawn] for rows in tables.values()], sizes[drawn], formula(metric), design)
            by_name = dict(zip(tables, profiles, strict=True))
            differences = [compare_roughly(by_name[x], by_name[y], design, higher_is_better=True) for x, y in families]
            confirmed += judge_together(differences, design).adjusted[families.index((a, b))] <= 0.05
            tried += 1
    assert tried == 100 * pairs
    assert 0.72 <= confirmed / tried <= 0.92
