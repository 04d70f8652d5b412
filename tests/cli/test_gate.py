"""``harness gate`` and ``harness baseline``: files, exit codes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from harness.errors import StoreError
from harness.store.baseline import Baseline, load_baseline
from tests.cli.conftest import Shell
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_baseline, write_run
from tests.runs.test_directory import a_run as a_full_run
from tests.runs.test_directory import assert_equal_runs

CORPUS = a_corpus()
BEFORE = np.linspace(20, 60, len(CORPUS.segments))
WOBBLE = np.random.default_rng(5).normal(0, 1, len(BEFORE))
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def _keep(workspace: Path, shift: float, *, run: str, noise: float = 1.0, system: str = "s") -> None:
    result = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE + shift + noise * WOBBLE}, name=system))
    write_run(a_run(result, run=run), workspace / "reports" / "runs")


@pytest.fixture
def accepted(tmp_path: Path, harness: Shell) -> Path:
    """A workspace whose first run was accepted, and is gone since: the file must be enough."""
    _keep(tmp_path, 0, run="20260101T0000-aaaaaa", noise=0)
    done = harness("baseline", "accept", "latest", "--note", "first", "-C", tmp_path)
    assert done.code == 0, done.err
    for file in sorted((tmp_path / "reports" / "runs").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    return tmp_path


@pytest.mark.parametrize(
    ("shift", "system", "code", "verdict"),
    [(0, "s", 3, "inconclusive"), (4, "s", 0, "pass"), (-6, "s", 1, "regressed"), (0, "other", 3, "incomplete")],
)
def test_exit_codes_and_json(
    accepted: Path, harness: Shell, shift: float, system: str, code: int, verdict: str
) -> None:
    _keep(accepted, shift, run="20260102T0000-bbbbbb", noise=3.0, system=system)
    done = harness("gate", "-C", accepted, "--format", "json", "--margin", "chrf=0.5")
    assert done.code == code, done.err
    data = json.loads(done.out)
    assert set(data) == {"verdict", "passed", "run", "baseline", "builds", "findings"}
    assert (data["passed"], data["run"]["id"], data["baseline"]["id"]) == (
        code == 0,
        "20260102T0000-bbbbbb",
        "20260101T0000-aaaaaa",
    )
    assert data["verdict"] == verdict


def test_the_margin_comes_from_the_file_and_the_command_line_wins(accepted: Path, harness: Shell) -> None:
    _keep(accepted, -6, run="20260102T0000-bbbbbb")
    assert harness("gate", "-C", accepted).code == 1
    (accepted / "harness.toml").write_text("[gate]\nmargin = { chrf = 10 }\n")
    assert harness("gate", "-C", accepted).code == 0
    assert harness("gate", "-C", accepted, "--margin", "chrf=1").code == 1
    (accepted / "harness.toml").write_text("[gate]\nmargins = { chrf = 10 }\n")
    done = harness("gate", "-C", accepted)
    assert done.code == 2
    assert "margins" in done.err


def test_links_that_a_user_names_stay(tmp_path: Path, harness: Shell) -> None:
    """The workspace's own baseline may be a link too, but not one that leads out: strangers make workspaces."""
    root, kept, link = tmp_path / "workspace", tmp_path / "kept.json", tmp_path / "link.json"
    _keep(root, 0, run="20260101T0000-aaaaaa")
    link.symlink_to(kept)
    assert harness("baseline", "accept", "latest", "-C", root, "--baseline", link).code == 0
    assert link.is_symlink()
    accepted = kept.read_bytes()
    assert harness("gate", "-C", root, "--baseline", link, "-o", link).code == 0
    assert harness("baseline", "chart", "-C", root, "--baseline", link).code == 2  # it is the verdict now
    assert kept.read_bytes() != accepted
    own = root / "reports" / "baseline.json"
    own.symlink_to(kept)
    done = harness("baseline", "accept", "latest", "-C", root)
    assert (done.code, "baseline.json: a link that leads out of the workspace" in done.err) == (2, True)
    own.unlink()
    own.symlink_to("elsewhere.json")
    assert harness("baseline", "accept", "latest", "-C", root).code == 0
    assert own.is_symlink()


def test_a_system_under_another_name(accepted: Path, harness: Shell) -> None:
    _keep(accepted, 4, run="20260102T0000-bbbbbb", system="new")
    assert harness("gate", "-C", accepted).code == 3
    assert harness("gate", "-C", accepted, "--system", "new=s").code == 0
    assert harness("gate", "-C", accepted, "--system", "new").code == 3


def test_every_format_to_a_file(accepted: Path, harness: Shell) -> None:
    _keep(accepted, -6, run="20260102T0000-bbbbbb")
    for name in ("terminal", "md", "json", "junit", "github"):
        file = accepted / f"gate.{name}"
        done = harness("gate", "-C", accepted, "--format", name, "-o", file)
        assert (done.code, done.out) == (1, "")
        assert "regressed" in file.read_text(encoding="utf-8").lower()
    assert ET.parse(accepted / "gate.junit").getroot().tag == "testsuites"


def test_one_call_writes_files_in_the_formats_of_their_suffixes(accepted: Path, harness: Shell) -> None:
    _keep(accepted, -6, run="20260102T0000-bbbbbb")
    files = {suffix: accepted / f"gate.{suffix}" for suffix in ("txt", "md", "json", "xml")}
    done = harness("gate", "-C", accepted, *[word for file in files.values() for word in ("-o", file)])
    assert (done.code, done.out) == (1, "")
    assert done.err == "".join(f"regressed: {file}\n" for file in files.values())
    assert ET.parse(files["xml"]).getroot().tag == "testsuites"
    assert json.loads(files["json"].read_text(encoding="utf-8"))["verdict"] == "regressed"
    assert files["md"].read_text(encoding="utf-8") == harness("gate", "-C", accepted, "--format", "md").out
    assert files["txt"].read_text(encoding="utf-8").startswith("REGRESSED")
    done = harness("gate", "-C", accepted, "-o", accepted / "gate.XML")
    assert (done.code, "did you mean gate.xml?" in done.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--margin", "chrf"),
        ("--margin", "chrf=-1"),
        ("--margin", "chrf=nan"),
        ("--margin", "chfr=1"),
        ("--format", "html"),
        ("--metric", ""),
        ("--candidate", "nothing"),
        ("-o", "missing/folder/file"),
    ],
)
def test_refusals(accepted: Path, harness: Shell, arguments: tuple[str, str]) -> None:
    _keep(accepted, 0, run="20260102T0000-bbbbbb")
    done = harness("gate", "-C", accepted, *arguments)
    assert done.code == 2
    assert done.err.startswith("error: ")


def test_without_a_baseline_it_says_how_to_make_one(tmp_path: Path, harness: Shell) -> None:
    done = harness("gate", "-C", tmp_path)
    assert done.code == 2
    assert "harness baseline accept" in done.err
    assert harness("baseline", "show", "-C", tmp_path).code == 2


def test_show(accepted: Path, harness: Shell) -> None:
    done = harness("baseline", "show", "-C", accepted)
    assert done.code == 0
    assert "run\t20260101T0000-aaaaaa" in done.out
    assert "note\tfirst" in done.out
    assert "de-en\ts\tchrF\t40.0\tv1" in done.out


def test_only_accept_moves_the_baseline(accepted: Path, harness: Shell) -> None:
    file = accepted / "reports" / "baseline.json"
    before = file.read_bytes()
    _keep(accepted, 4, run="20260102T0000-bbbbbb")
    assert harness("gate", "-C", accepted).code == 0
    assert file.read_bytes() == before
    assert harness("baseline", "accept", "20260102", "-C", accepted).code == 0
    assert load_baseline(file).run.id == "20260102T0000-bbbbbb"


def test_a_baseline_comes_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "new" / "baseline.json"
    run = a_full_run()
    write_baseline(Baseline(run, WHEN, "why \u2028 not"), path)
    back = load_baseline(path)
    assert (back.accepted, back.note) == (WHEN, "why \u2028 not")
    assert_equal_runs(back.run, run)


def _future(data: dict[str, Any]) -> None:
    data["schema_version"] = 99


def _future_run(data: dict[str, Any]) -> None:
    data["run"]["schema_version"] = 99


def _cut(data: dict[str, Any]) -> None:
    data["statistics"] = data["statistics"][: len(data["statistics"]) // 8 * 4]


def _no_base64(data: dict[str, Any]) -> None:
    data["segments"] = "!!!"


def _no_zlib(data: dict[str, Any]) -> None:
    data["outcomes"] = "AAAA"


def _other_corpus(data: dict[str, Any]) -> None:
    data["run"]["pairs"][0]["corpus"] = "h1:0"


def _no_zone(data: dict[str, Any]) -> None:
    data["accepted"] = "2026-01-01T00:00:00"


def _unknown_key(data: dict[str, Any]) -> None:
    data["extra"] = 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_future, "newer harness"),
        (_future_run, "newer harness"),
        (_cut, "damaged"),
        (_no_base64, "damaged"),
        (_no_zlib, "damaged"),
        (_other_corpus, "damaged"),
        (_no_zone, "time zone"),
        (_unknown_key, "extra"),
    ],
)
def test_future_and_damage(tmp_path: Path, change: Callable[[dict[str, Any]], None], says: str) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(Baseline(a_full_run(), WHEN, ""), path)
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(StoreError, match=says):
        load_baseline(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 1, "run": []}', "\udcff"])
def test_what_is_no_baseline(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="damaged"):
        load_baseline(path)
