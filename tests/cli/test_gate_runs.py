"""``harness run && harness gate``: the run just made is judged, whatever else lies in the workspace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.store.runs.directory import list_runs
from harness.store.runs.latest import record_of
from tests.cli.conftest import Shell
from tests.workspace import write_article, write_system

GOOD, BAD = "Sentence {} is here.", "Wrong words only, number {}."


def _record(root: Path, text: str) -> None:
    outputs = root / "systems" / "mine" / "de-en"
    outputs.mkdir(parents=True, exist_ok=True)
    for number in range(6):
        (outputs / f"a{number}.txt").write_text(f"{text.format(number)}\n" * 2, encoding="utf-8")


def _run(root: Path, harness: Shell, *arguments: str) -> str:
    """The id of a new run."""
    file = root / "run-id"
    assert harness("run", "-C", root, "-q", "--id-file", file, *arguments).code in (0, 3)
    return file.read_text(encoding="utf-8").strip()


@pytest.fixture
def workspace(tmp_path: Path, harness: Shell) -> Path:
    """A good run is the baseline."""
    for number in range(6):
        write_article(tmp_path, f"a{number}", [(f"Satz {number} ist hier.", GOOD.format(number))] * 2)
    write_system(tmp_path, "mine", 'engine = "recorded"\n')
    _record(tmp_path, GOOD)
    (tmp_path / "harness.toml").write_text('metrics = ["bleu", "chrf"]\n', encoding="utf-8")
    _run(tmp_path, harness)
    assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
    return tmp_path


def _in_future(root: Path) -> str:
    """The good run again, under a name greater than any that a clock will make."""
    runs = root / "reports" / "runs"
    name = "99991231T235959-ffffff"
    shutil.copytree(list_runs(runs)[0], runs / name)
    return name


def test_a_copied_folder_does_not_win(workspace: Path, harness: Shell) -> None:
    copied = _in_future(workspace)
    _record(workspace, BAD)
    made = _run(workspace, harness)
    done = harness("gate", "-C", workspace, "--format", "json")
    assert done.code == 1, done.err
    assert json.loads(done.out)["run"]["id"] == made
    for arguments in (("latest",), ("--candidate", made), (made,), (made, "--candidate", made)):
        assert harness("gate", "-C", workspace, *arguments).code == 1
    assert harness("gate", "-C", workspace, copied).code == 0
    for command in ("report", "decide", "compare"):
        usual, named, other = (harness(command, *run, "-C", workspace).out for run in ((), (made,), (copied,)))
        assert usual == named
        assert (usual != other) == (command == "report")


def test_a_clock_put_back_changes_nothing(workspace: Path, harness: Shell) -> None:
    _record(workspace, BAD)
    _run(workspace, harness)
    runs = workspace / "reports" / "runs"
    good, bad = list_runs(runs)
    late = good.rename(runs / "99991231T235959-ffffff")
    assert harness("gate", "-C", workspace).code == 1
    assert list_runs(runs) == [bad, late]


def test_without_a_record_several_runs_are_not_guessed_from(workspace: Path, harness: Shell) -> None:
    copied = _in_future(workspace)
    record_of(workspace / "reports" / "runs").unlink()
    for command in (["gate"], ["baseline", "accept", "latest"], ["report"], ["decide"], ["compare"]):
        done = harness(*command, "-C", workspace)
        assert done.code == 2, command
        assert "no record of the most recent one" in done.err
        assert "harness list runs" in done.err
    assert harness("gate", copied, "-C", workspace).code == 0


def test_a_trial_is_never_latest_and_never_passes(workspace: Path, harness: Shell) -> None:
    (whole,) = (folder.name for folder in list_runs(workspace / "reports" / "runs"))
    trial = _run(workspace, harness, "--article", "a0,a1")
    baseline = workspace / "reports" / "baseline.json"
    before = baseline.read_bytes()
    for command in (["gate", "latest"], ["baseline", "accept", "latest"]):
        done = harness(*command, "-C", workspace)
        assert done.code == 2
        assert (
            f"the later run {trial} is limited by --article; the last complete and unfiltered run is {whole}"
            in done.err
        )
    assert baseline.read_bytes() == before
    done = harness("gate", "-C", workspace)
    assert done.code == 3
    assert done.out.startswith("INCOMPLETE\n")
    assert trial in done.out
    shown = harness("report", "latest", "-C", workspace, "--format", "json")
    assert json.loads(shown.out)["run"]["id"] == whole
    assert trial in shown.err


def test_every_format_names_run_and_baseline(workspace: Path, harness: Shell) -> None:
    (whole,) = (folder.name for folder in list_runs(workspace / "reports" / "runs"))
    harness("baseline", "accept", whole, "--note", "release <1.4>", "-C", workspace)
    _record(workspace, BAD)
    made = _run(workspace, harness)
    shown = {name: harness("gate", "-C", workspace, "--format", name).out for name in ("terminal", "md", "github")}
    junit = ET.fromstring(harness("gate", "-C", workspace, "--format", "junit").out)
    shown["junit"] = junit.findtext("testsuite/system-out") or ""
    for name, text in shown.items():
        assert made in text, name
        assert whole in text, name
        assert "1.4" in text, name
        assert text.count(" UTC") == 3, name
    data = json.loads(harness("gate", "-C", workspace, "--format", "json").out)
    assert (data["run"]["id"], data["baseline"]["id"], data["baseline"]["note"]) == (made, whole, "release <1.4>")
    assert all(key in data["baseline"] for key in ("created", "accepted"))


def test_losses_stand_before_gains(workspace: Path, harness: Shell) -> None:
    outputs = workspace / "systems" / "mine" / "de-en"
    _record(workspace, "Sentence {} was there.")
    _run(workspace, harness)
    assert harness("baseline", "accept", "latest", "-C", workspace).code == 0
    for number in range(5):
        (outputs / f"a{number}.txt").write_text(f"{GOOD.format(number)}\n" * 2, encoding="utf-8")
    (outputs / "a5.txt").write_text("Nothing alike whatsoever.\n" * 2, encoding="utf-8")
    _run(workspace, harness)
    data = json.loads(harness("gate", "-C", workspace, "--format", "json").out)
    for finding in data["findings"]:
        for kind in ("segments", "articles"):
            deltas = [move["delta"] for move in finding["moved"][kind]]
            losses = [delta for delta in deltas if delta < 0]
            assert losses
            assert deltas == [*sorted(losses), *sorted((delta for delta in deltas if delta > 0), reverse=True)]


def test_two_runs_are_one_too_many(workspace: Path, harness: Shell) -> None:
    done = harness("gate", "latest", "--candidate", "other", "-C", workspace)
    assert done.code == 2
    assert "two runs are named" in done.err


@pytest.mark.parametrize("file", ["", "missing/run-id"])
def test_where_no_id_can_be_written_nothing_is_run(workspace: Path, harness: Shell, file: str) -> None:
    done = harness("run", "-C", workspace, "--id-file", workspace / file)
    assert done.code == 2
    assert len(list_runs(workspace / "reports" / "runs")) == 1


@pytest.mark.parametrize(
    ("settings", "arguments", "code"),
    [
        ("", (), 3),
        ("", ("--accept", "inconclusive"), 0),
        ("", ("--accept", "incomplete,inconclusive"), 0),
        ("", ("--accept", "incomplete", "--accept", "incomparable"), 3),
        ('accept = ["inconclusive"]', (), 0),
        ('accept = ["inconclusive"]', ("--accept", "incomplete"), 3),
        ('accept = ["inconclusive"]', ("--accept", "none"), 3),
        ('accept = ["incomplete", "incomparable"]', (), 3),
    ],
)
def test_what_is_accepted_exits_with_0_and_is_still_said(
    workspace: Path, harness: Shell, settings: str, arguments: tuple[str, ...], code: int
) -> None:
    for number in range(2, 6):
        (workspace / "references" / "de-en" / f"a{number}.en.txt").write_text("New words.\n" * 2, encoding="utf-8")
    _record(workspace, BAD)
    _run(workspace, harness)
    (workspace / "harness.toml").write_text(f"[gate]\n{settings}\n", encoding="utf-8")
    done = harness("gate", "-C", workspace, "--format", "json", *arguments)
    assert done.code == code, done.err
    data = json.loads(done.out)
    assert (data["verdict"], data["passed"]) == ("inconclusive", code == 0)
    assert {item["accepted"] for item in data["findings"] if item["blocking"]} == {code == 0}
    junit = ET.fromstring(harness("gate", "-C", workspace, "--format", "junit", *arguments).out)
    assert [suite.get("failures") == "0" for suite in junit] == [code == 0]
    assert ("(accepted)" in harness("gate", "-C", workspace, *arguments).out) == (code == 0)


def test_accepting_the_worst_finding_accepts_no_other(workspace: Path, harness: Shell) -> None:
    """A missing metric is worse than an open difference, and says nothing about it."""
    _record(workspace, GOOD.replace("here", "there"))
    (workspace / "harness.toml").write_text('metrics = ["bleu", "chrf"]\n[gate]\nmax_flagged = { empty = 0 }\n')
    for number in range(5):
        (workspace / "references" / "de-en" / f"a{number}.en.txt").write_text("New words.\n" * 2, encoding="utf-8")
    _run(workspace, harness, "--metric", "chrf")
    assert harness("gate", "-C", workspace).code == 3
    assert harness("gate", "-C", workspace, "--accept", "incomplete").code == 3
    assert harness("gate", "-C", workspace, "--accept", "inconclusive").code == 3
    assert harness("gate", "-C", workspace, "--accept", "inconclusive,incomplete").code == 0


def test_a_regression_is_never_accepted(workspace: Path, harness: Shell) -> None:
    _record(workspace, BAD)
    _run(workspace, harness)
    done = harness("gate", "-C", workspace, "--accept", "regressed")
    assert done.code == 2
    assert "harness baseline accept" in done.err
    assert harness("gate", "-C", workspace, "--accept", "inconclusive,incomplete,incomparable").code == 1


@pytest.mark.parametrize(
    ("settings", "arguments", "says"),
    [
        ("margins = { chrf = 1 }", (), "did you mean 'margin'?"),
        ("max_flaged = { empty = 0 }", (), "did you mean 'max_flagged'?"),
        ("margin = { chfr = 1 }", (), "did you mean 'chrf'?"),
        ('metrics = ["commet"]', (), "did you mean 'comet'?"),
        ('slices = ["domian"]', (), "did you mean 'domain'?"),
        ("max_flagged = { emtpy = 0 }", (), "did you mean 'empty'?"),
        ('accept = ["inconclusiv"]', (), "did you mean 'inconclusive'?"),
        ('[gate.tiers]\nquick = ["chfr"]', (), "did you mean 'chrf'?"),
        ("", ("--metric", "chfr"), "did you mean 'chrf'?"),
        ("", ("--margin", "chfr=1"), "did you mean 'chrf'?"),
        ("", ("--system", "mien"), "did you mean 'mine'?"),
        ("", ("--system", "mine=mien"), "did you mean 'mine'?"),
        ("", ("--accept", "incompleet"), "did you mean 'incomplete'?"),
        ("", ("--max-flagged", "emtpy=0"), "did you mean 'empty'?"),
        ("", ("--tier", "chaep"), "did you mean 'cheap'?"),
    ],
)
def test_a_slip_of_the_pen_is_an_error(
    workspace: Path, harness: Shell, settings: str, arguments: tuple[str, ...], says: str
) -> None:
    (workspace / "references" / "de-en" / "a0.toml").write_text('domain = "news"\n', encoding="utf-8")
    _run(workspace, harness)
    assert harness("gate", "-C", workspace).code == 0
    (workspace / "harness.toml").write_text(f"[gate]\n{settings}\n", encoding="utf-8")
    done = harness("gate", "-C", workspace, *arguments)
    assert done.code == 2, done.out
    assert says in done.err


def test_what_is_only_missing_here_is_no_slip(workspace: Path, harness: Shell) -> None:
    (workspace / "harness.toml").write_text(
        'metrics = ["bleu", "chrf"]\n[metric.mine]\nmetric = "scores"\nfile = "x.tsv"\n'
        "[gate]\nmargin = { comet = 0.003, mine = 1, ter = 2 }\n",
        encoding="utf-8",
    )
    assert harness("gate", "-C", workspace).code == 0
