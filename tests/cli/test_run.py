"""``harness run`` and what comes after it, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.reports.words.reasons import noted
from harness.store.runs.directory import list_runs, load_run
from harness.types import Failed
from tests.cli.conftest import Shell
from tests.workspace import asked, counting_system, small_workspace, write_article, write_system


@pytest.fixture
def root(tmp_path: Path) -> Path:
    small_workspace(tmp_path, articles=2, segments=5)
    return tmp_path


def test_a_run_leaves_a_report_and_a_second_asks_nothing(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    first = harness("run", "-C", root, "--metric", "bleu,chrf")
    assert first.code == 0
    assert "counting" in first.out
    (folder,) = list_runs(root / "reports" / "runs")
    assert {path.name for path in folder.iterdir()} == {
        "run.json", "segments.jsonl", "outcomes.jsonl", "statistics.npz", "report.html", "report.md",
    }  # fmt: skip
    assert f"report: {folder / 'report.html'}" in first.err
    assert "counting de-en: 10/10" in first.err
    assert len(asked(ledger)) == 10
    assert load_run(folder).project == root.resolve().name
    second = harness("run", "-C", root, "--metric", "bleu,chrf")
    assert second.code == 0
    assert len(asked(ledger)) == 10


def test_quiet_is_silent_on_stderr(root: Path, harness: Shell) -> None:
    counting_system(root)
    done = harness("run", "-C", root, "--metric", "bleu", "--quiet")
    assert (done.code, done.err) == (0, "")


def test_dry_run_sends_nothing_and_counts(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    text = (root / "systems" / "counting.toml").read_text(encoding="utf-8")
    write_system(root, "counting", f"{text}[price]\nper_million_characters = 20.0\n")
    write_system(root, "copy", 'engine = "copy"')
    done = harness("run", "-C", root, "--dry-run", "--metric", "bleu")
    characters = sum(len(f"Satz {segment} von Artikel {article}.") for article in range(2) for segment in range(5))
    cost = f"{characters * 20 / 1e6:.4f} USD"
    assert done.out.split("\n")[1:3] == [
        f"de-en\tcounting\t10\t0\t10\t{characters}\t{cost}\t0\t{cost}",
        "",
    ]
    assert asked(ledger) == []
    assert not (root / "reports" / "runs").exists()


def test_dry_run_names_who_cannot_be_asked(root: Path, harness: Shell) -> None:
    counting_system(root)
    write_system(root, "elsewhere", 'engine = "recorded"')
    write_system(root, "nowhere", 'engine = "command"\n[options]\nargv = ["no-such-program-anywhere"]')
    done = harness("run", "-C", root, "--dry-run", "--metric", "bleu")
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
    assert "Cannot run: de-en nowhere: no program 'no-such-program-anywhere' on PATH" in done.err
    assert "Cannot run: de-en elsewhere: no outputs are recorded for de-en" in done.err


def test_recording_takes_whole_articles_only(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    done = harness("run", "-C", root, "--metric", "bleu", "--record", "--limit", 7)
    assert (done.code, done.out) == (2, "")
    assert "--limit" in done.err
    assert asked(ledger) == []
    assert not (root / "systems" / "counting").exists()


@pytest.mark.parametrize("flag", ["--metric", "--system", "--pair", "--article"])
@pytest.mark.parametrize("value", ["", " , "])
def test_an_empty_name_is_not_taken_for_all(root: Path, harness: Shell, flag: str, value: str) -> None:
    ledger = counting_system(root)
    done = harness("run", "-C", root, flag, value)
    assert done.code == 2
    assert f"the value of {flag} is empty" in done.err
    assert asked(ledger) == []


def test_filters(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    write_system(root, "copy", 'engine = "copy"')
    done = harness(
        "run", "-C", root, "--metric", "bleu", "--system", "counting", "--article", "article-1", "--limit", 3, "-q"
    )
    assert done.code == 0
    assert sorted(asked(ledger)) == [f"Satz {number} von Artikel 1." for number in range(3)]
    run = load_run(list_runs(root / "reports" / "runs")[0])
    assert [system.name for system in run.pairs[0].systems] == ["counting"]
    assert run.command == "harness run --system counting --article article-1 --metric bleu --limit 3"
    assert "Limited to the first 3 segments" in done.out


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        (["--system", "countin"], "did you mean 'counting'?"),
        (["--article", "article-9"], "known: article-0, article-1"),
        (["--pair", "de-fr"], "known: de-en"),
        (["--pair", "german"], "write SOURCE-TARGET"),
        (["--metric", "blue"], "did you mean 'bleu'?"),
        (["--format", "htm"], "did you mean 'html'?"),
    ],
)
def test_unknown_names(root: Path, harness: Shell, flags: list[str], hint: str) -> None:
    counting_system(root)
    done = harness("run", "-C", root, *flags)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert hint in done.err
    assert done.out == ""


def test_a_failing_system_makes_the_run_incomplete_and_is_asked_again(root: Path, harness: Shell) -> None:
    write_system(root, "copy", 'engine = "copy"')
    write_system(root, "broken", 'engine = "command"\n[options]\nargv = ["false"]')
    done = harness("run", "-C", root, "--metric", "bleu", "-q")
    assert done.code == 3
    assert "incomplete" in done.err
    run = load_run(list_runs(root / "reports" / "runs")[0])
    broken, copy = run.pairs[0].systems
    assert all(isinstance(outcome, Failed) for outcome in broken.outcomes)
    (reason,) = [noted(note) for note in run.pairs[0].notes if note.where == "broken"]
    assert reason.startswith("broken: 10 failed: false ended with exit code 1")
    assert "Not judged: broken lacks 10 of 10 segments" in " ".join(done.out.split())
    assert getattr(copy.scores["bleu"], "corpus", None) is not None
    counting_system(root)
    (root / "systems" / "broken.toml").unlink()
    assert harness("run", "-C", root, "--metric", "bleu", "-q").code == 0


def test_a_system_that_cannot_run_is_absent_with_the_reason(root: Path, harness: Shell) -> None:
    write_system(root, "copy", 'engine = "copy"')
    write_system(root, "nowhere", 'engine = "command"\n[options]\nargv = ["no-such-program-anywhere"]')
    done = harness("run", "-C", root, "--metric", "bleu", "-q")
    assert done.code == 3
    assert "no program 'no-such-program-anywhere' on PATH" in " ".join(done.out.split())


def test_only_systems_that_were_meant_are_absent(root: Path, harness: Shell) -> None:
    write_system(root, "copy", 'engine = "copy"')
    write_system(root, "any", 'engine = "recorded"')
    write_system(root, "listed", 'engine = "recorded"\npairs = ["de-en"]')
    assert harness("run", "-C", root, "--metric", "bleu", "-q").code == 0
    (result,) = load_run(list_runs(root / "reports" / "runs")[0]).pairs
    assert list(result.absent) == ["listed"]
    assert [noted(note) for note in result.notes if note.where == "de-en"] == ["de-en: not used for this pair: any"]
    assert harness("run", "-C", root, "--metric", "bleu", "-q", "--system", "copy,any").code == 0
    named = [load_run(folder).pairs[0] for folder in list_runs(root / "reports" / "runs")]
    assert [list(pair.absent) for pair in named if "listed" not in pair.absent] == [["any"]]


def test_record_and_fall_back(root: Path, harness: Shell) -> None:
    write_article(root, "paragraphs", [("Eins.", "One."), ("", ""), ("Zwei.", "")])
    counting_system(root)
    write_system(root, "copy", 'engine = "copy"')
    assert harness("run", "-C", root, "--metric", "bleu", "--record", "-q").code == 0
    assert not (root / "systems" / "copy").exists()
    recorded = root / "systems" / "counting" / "de-en" / "paragraphs.txt"
    assert recorded.read_text(encoding="utf-8") == "EINS.\n\nZWEI.\n"
    live = load_run(list_runs(root / "reports" / "runs")[-1])
    write_system(root, "counting", 'engine = "command"\nfallback = "recorded"\n[options]\nargv = ["gone-away"]')
    done = harness("run", "-C", root, "--metric", "bleu", "-q")
    assert done.code == 0
    run = load_run(max(list_runs(root / "reports" / "runs"), key=lambda path: (path / "run.json").stat().st_mtime_ns))
    (system,) = [item for item in run.pairs[0].systems if item.name == "counting"]
    assert system.origin.startswith("recorded ")
    assert any("gone-away" in noted(note) for note in run.pairs[0].notes)
    (before,) = [item for item in live.pairs[0].systems if item.name == "counting"]
    assert system.scores["bleu"].corpus == before.scores["bleu"].corpus  # type: ignore[union-attr]


def test_a_segment_without_reference_is_translated_shown_and_not_scored(tmp_path: Path, harness: Shell) -> None:
    write_article(tmp_path, "one", [("Titel", "Title"), ("", ""), ("Ohne Referenz.", "")])
    counting_system(tmp_path)
    assert harness("run", "-C", tmp_path, "--metric", "bleu", "-q").code == 0
    (folder,) = list_runs(tmp_path / "reports" / "runs")
    run = load_run(folder)
    scores = run.pairs[0].systems[0].scores["bleu"]
    assert scores.scored.tolist() == [True, False]  # type: ignore[union-attr]
    assert "OHNE REFERENZ." in (folder / "report.html").read_text(encoding="utf-8")


def test_report_renders_a_stored_run_in_every_format(root: Path, harness: Shell, tmp_path: Path) -> None:
    counting_system(root)
    harness("run", "-C", root, "--metric", "bleu", "-q")
    as_json = harness("report", "-C", root, "--format", "json")
    assert json.loads(as_json.out)["schema"] == 1
    assert harness("report", "latest", "-C", root, "--format", "csv").out.startswith("pair,")
    assert harness("report", "-C", root).out == harness("report", "latest", "-C", root, "--format", "terminal").out
    target = tmp_path / "r.html"
    done = harness("report", "-C", root, "--format", "html", "-o", target)
    assert done.code == 0
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert harness("report", "2099", "-C", root).code == 2


def test_where_a_report_cannot_go(root: Path, harness: Shell) -> None:
    counting_system(root)
    harness("run", "-C", root, "--metric", "bleu", "-q")
    before = sorted(root.rglob("*"))
    for target, message in (
        (root / "new" / "r.md", f"the folder {root / 'new'} does not exist"),
        (root, "is a folder"),
    ):
        done = harness("report", "-C", root, "--format", "md", "-o", target)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
    assert sorted(root.rglob("*")) == before


def test_an_unknown_run_is_answered_with_a_few_names(root: Path, harness: Shell) -> None:
    for number in range(8):
        folder = root / "reports" / "runs" / f"2026010{number}T0000-abcdef"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}", encoding="utf-8")
    for name in ("2099", "2026"):
        hint = harness("report", name, "-C", root).err.splitlines()[1]
        assert hint.count("-abcdef") == 5
        assert "20260107T0000-abcdef" in hint


def test_list(root: Path, harness: Shell) -> None:
    counting_system(root)
    assert harness("list", "systems", "-C", root).out == "counting\tcommand\tall pairs\tcounting\n"
    assert harness("list", "system", "-C", root).out == harness("list", "systems", "-C", root).out
    assert "did you mean 'engines'?" in harness("list", "engins").err
    assert harness("list", "references", "-C", root).out.split("\n")[0].startswith("de-en\tarticle-0\t5 segments")
    assert harness("list", "metrics").out.split("\n")[:2] == ["bleu", "chrf"]
    assert "apertium" in harness("list", "engines").out.split("\n")
    assert harness("list", "runs", "-C", root).out == ""
    harness("run", "-C", root, "--metric", "bleu", "-q")
    assert "\tcomplete\t" in harness("list", "runs", "-C", root).out


def test_cache_commands(root: Path, harness: Shell) -> None:
    assert harness("cache", "stats", "-C", root).code == 2
    counting_system(root)
    harness("run", "-C", root, "--metric", "bleu", "-q")
    assert "translations\t10" in harness("cache", "stats", "-C", root).out
    assert harness("cache", "verify", "-C", root).code == 0
    assert harness("cache", "verify", "--format", "json", "-C", root).out == "[]\n"
    exported = [json.loads(line) for line in harness("cache", "export", "-C", root).out.splitlines()]
    assert exported[0]["answer"]["text"] == exported[0]["request"]["source"].upper()
    assert harness("cache", "prune", "-C", root).code == 2
    assert harness("cache", "prune", "-C", root, "--before", "yesterday").code == 2
    assert "10 records deleted" in harness("cache", "prune", "-C", root, "--system", "counting").err


def test_init_makes_a_workspace_that_runs(tmp_path: Path, harness: Shell) -> None:
    folder = tmp_path / "new"
    assert "--pair de-en" in harness("init", folder, "--pair", "de-en").out
    assert "--pair de-fr" in harness("init", tmp_path / "other", "--pair", "de-fr").out
    write_article(folder, "one", [("Haus", "House")])
    assert harness("run", "-C", folder, "--metric", "chrf", "-q").code == 0
    (folder / "systems" / "copy.toml").write_text('engine = "copy"\nlabel = "mine"\n', encoding="utf-8")
    assert harness("init", folder).code == 0
    assert "mine" in (folder / "systems" / "copy.toml").read_text(encoding="utf-8")


def test_doctor_says_what_is_missing(root: Path, harness: Shell) -> None:
    write_system(root, "nowhere", 'engine = "command"\n[options]\nargv = ["no-such-program-anywhere"]')
    done = harness("doctor", "-C", root)
    assert "missing system nowhere de-en: no program 'no-such-program-anywhere' on PATH" in done.out
    assert "ok      metric bleu: ready" in done.out


def test_imported_bilingual_article_runs_through_every_engine(tmp_path: Path, harness: Shell) -> None:
    article = tmp_path / "column.txt"
    article.write_text(
        "Why the Baker Sleeps Late\n\n<--\n\nWarum der Bäcker ausschläft\n\nie Stadt wacht auf, er nicht.\n\n"
        "Um vier Uhr früh ist die Backstube leer.\n\nAbout this publication",
        encoding="utf-8",
    )
    done = harness("import", article, "--pair", "de-en", "-C", tmp_path)
    assert done.code == 0
    assert "web chrome" in done.err
    counting_system(tmp_path)
    write_system(tmp_path, "copy", 'engine = "copy"')
    assert harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q").code == 0
    run = load_run(list_runs(tmp_path / "reports" / "runs")[0])
    segments = run.pairs[0].corpus.segments
    assert [len(segment.references) for segment in segments] == [1, 0, 0, 0]
    assert segments[1].source == "ie Stadt wacht auf, er nicht."
    for system in run.pairs[0].systems:
        assert len(system.outcomes) == 4
        assert system.scores["bleu"].corpus.n == 1  # type: ignore[union-attr]


def test_an_engine_whose_answers_are_fixed_is_not_asked_again(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    write_system(root, "copy", 'engine = "copy"')
    assert harness("run", "-C", root, "--metric", "chrf", "--repeat", 2, "-q").code == 0
    (folder,) = list_runs(root / "reports" / "runs")
    repeats = {system.name: system.repeats for system in load_run(folder).pairs[0].systems}
    assert repeats["copy"] == {}
    assert len(repeats["counting"]["chrf"]) == 2
    assert len(asked(ledger)) == 20


def test_a_limit_counts_through_the_articles(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    assert harness("run", "-C", root, "--metric", "chrf", "--limit", 7, "-q").code == 0
    (folder,) = list_runs(root / "reports" / "runs")
    assert [len(article.segments) for article in load_run(folder).pairs[0].corpus.articles] == [5, 2]
    assert len(asked(ledger)) == 7


def test_a_run_stops_before_lint_errors_cost_money(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    source = [
        f"Der Vorstand hat am {day}. Mai beschlossen, dass das Werk nicht geschlossen wird." for day in range(1, 9)
    ]
    write_article(root, "copied", [(text, text) for text in source])
    refused = harness("run", "-C", root, "--metric", "bleu")
    assert (refused.code, asked(ledger)) == (2, [])
    assert "harness lint finds 1 error in the articles, and translating them may cost money" in refused.err
    assert "de-en/copied.en.txt:1: " in refused.err
    assert "--ignore-lint" in refused.err
    dry = harness("run", "-C", root, "--metric", "bleu", "--dry-run")
    assert (dry.code, asked(ledger)) == (0, [])
    assert "without --ignore-lint, the run stops here" in dry.err
    assert harness("run", "-C", root, "--metric", "bleu", "--ignore-lint").code == 0
    assert len(asked(ledger)) == 18
