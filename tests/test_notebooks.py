"""What people who use Python see: short texts, tables in notebooks, stored runs and reports by one call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.errors import UsageError
from harness.store.runs.result import Run
from harness.types import told
from harness.workspace.registry import names
from tests.workspace import write_article, write_system

NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    for number in range(6):
        write_article(folder, f"a{number}", [(f"Satz {number} ist hier.", f"Sentence {number} is here.")] * 2)
    write_system(folder, "copy", f'engine = "copy"\nlabel = "{NASTY}"\n')
    write_system(folder, "shout", 'engine = "command"\n[options]\nargv = ["tr", "a-z", "A-Z"]\nmode = "batch"\n')
    (folder / "harness.toml").write_text('metrics = ["bleu", "chrf", "comet"]\n')
    return folder


@pytest.fixture(scope="module")
def run(root: Path) -> Run:
    return harness.run(root, tier="cheap", name="release 1.4")


def test_a_tier_chooses_the_metrics(root: Path, run: Run) -> None:
    assert run.pairs[0].metrics == ("bleu", "chrf")
    with pytest.raises(UsageError, match="a tier has its own metrics"):
        harness.run(root, tier="cheap", metrics=["bleu"])
    with pytest.raises(UsageError, match="unknown tier 'chep'"):
        harness.run(root, tier="chep")


def test_every_repr_is_one_short_line(root: Path, run: Run) -> None:
    (decision,) = harness.decide(run).values()
    (pair,) = run.pairs
    assert repr(run) == f"<Run release 1.4 ({run.id}), complete: de-en, 2 systems, 6 articles, 12 segments>"
    assert repr(pair) == "<PairResult de-en, 2 systems, 6 articles, 12 segments; bleu, chrf>"
    assert repr(decision).startswith("<Decision de-en: ")
    compared = harness.compare(run)
    assert repr(compared) == "<Compared <Evidence de-en: 2 comparisons; bleu, chrf>>"
    corpus, (copy, _) = pair.corpus, pair.systems
    assert repr(corpus) == "<Corpus de-en: 6 articles, 12 segments>"
    assert repr(corpus.articles[0]) == "<Article a0 de-en: 2 segments>"
    assert repr(copy) == "<SystemResult copy: 12 outputs; bleu, chrf>"
    assert all(len(repr(item)) < 120 and "\n" not in repr(item) for item in (run, pair, decision, compared))


def test_a_verdict_is_short(root: Path, run: Run) -> None:
    from harness.cli.app import main

    assert main(["baseline", "accept", run.id, "-C", str(root)]) == 0
    verdict = harness.gate(run, workspace=root)
    assert repr(verdict).startswith(f"<Verdict {verdict.status}: 0 of ")
    assert len(repr(verdict)) < 80


def test_notebooks_get_escaped_tables(run: Run) -> None:
    html = run._repr_html_()
    assert "release 1.4" in html
    assert html.count("<tr>") == 3
    assert "<th>bleu</th><th>chrf</th>" in html
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<script" not in replace(run, name=NASTY)._repr_html_()
    html = harness.compare(run)._repr_html_()
    assert html.count("<tr>") == 3
    assert "<caption>de-en</caption>" in html
    assert (
        "<script" not in harness.api.Compared({"x": replace(harness.compare(run)["de-en"], pair=NASTY)})._repr_html_()
    )
    (decision,) = harness.decide(run).values()
    assert "<li>" in harness.spoken(decision)._repr_html_()
    told_nasty = (told(NASTY),)
    nasty = replace(decision, pair=NASTY, reasons=told_nasty, cautions=told_nasty, warnings=told_nasty)
    html = harness.spoken(nasty)._repr_html_()
    assert html.count("&lt;script&gt;") == 4
    assert "<script" not in html


def test_a_stored_run_is_read_by_any_of_its_names(root: Path, run: Run) -> None:
    for called in ("", "latest", "release 1.4", run.id, run.id[:12], root / "reports" / "runs" / run.id):
        assert harness.load_run(called, root).id == run.id
    with pytest.raises(UsageError, match="no run 'nothing'"):
        harness.load_run("nothing", root)


def test_latest_is_the_last_whole_run_and_says_when_a_later_one_is_not(root: Path, run: Run) -> None:
    trial = harness.run(root, systems=[run.pairs[0].systems[0].name], name="trial")
    with pytest.warns(UserWarning, match=f"{trial.id}.*the last complete and unfiltered run is {run.id}"):
        assert harness.load_run("latest", root).id == run.id
    assert harness.load_run("", root).id == trial.id


def test_a_notebook_is_offered_what_is_public() -> None:
    assert {name for name in dir(harness) if not name.startswith("_")} >= {*harness.FUNCTIONS}
    assert not {"Any", "TYPE_CHECKING", "FUNCTIONS", "annotations"} & {*dir(harness)}


def test_a_report_in_every_format(run: Run, tmp_path: Path) -> None:
    formats = names("reports")
    assert {"terminal", "md", "html", "json", "xlsx"} <= set(formats)
    for name in formats:
        data = harness.report(run, name, tmp_path / "report")
        assert isinstance(data, bytes) == (name in {"xlsx", "parquet"}), name
        assert (tmp_path / "report").read_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert run.id in harness.report(run)
    with pytest.raises(UsageError, match="unknown report 'markdwn'"):
        harness.report(run, "markdwn")
    with pytest.raises(UsageError, match="not a file in an existing folder"):
        harness.report(run, "md", tmp_path)


def test_all_of_it_is_public() -> None:
    assert set(harness.__all__) >= {"compare", "decide", "gate", "load_run", "report", "run", "score", "spoken"}
    assert all(callable(getattr(harness, name)) for name in harness.__all__ if name != "__version__")
