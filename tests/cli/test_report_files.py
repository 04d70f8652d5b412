"""``-o FILE`` of ``report`` and ``score``: any format by its suffix, several at once, refused before any work."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.report_files import destinations
from harness.reports.load import EXTENSIONS, load_report
from harness.workspace import registry
from harness.workspace.registry import names
from tests.cli.conftest import Shell
from tests.kept import write_run
from tests.reports.build import normal_run
from tests.reports.rich import rich_run

SUFFIXES = {"terminal": "txt", "md": "md", "json": "json", "csv": "csv", "html": "html", "latex": "tex",
            "parquet": "parquet", "xlsx": "xlsx", "junit": "xml"}  # fmt: skip

BEGINS = {
    "terminal": b"Translation engines compared",
    "md": b"## ",
    "json": b"{",
    "csv": b"pair,",
    "latex": b"% ",
    "html": b"<!doctype html>",
    "parquet": b"PAR1",
    "xlsx": b"PK",
    "junit": b"<?xml",
}


@pytest.fixture(params=["report", "score"])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> list[object]:
    """A command that writes reports."""
    if request.param == "report":
        write_run(normal_run(), tmp_path / "reports" / "runs")
        return ["report", "-C", tmp_path]
    for name in ("src", "ref", "out"):
        (tmp_path / name).write_text("One.\nTwo.\n", encoding="utf-8")
    texts = ["-s", tmp_path / "src", "-r", tmp_path / "ref", "-t", f"mt={tmp_path / 'out'}"]
    return ["score", *texts, "--pair", "de-en", "--metric", "chrf", "--no-checks", "-q"]


def test_a_link_stays_and_the_file_it_leads_to_is_replaced(words: list[object], tmp_path: Path, harness: Shell) -> None:
    kept, link = tmp_path / "kept.md", tmp_path / "link.md"
    kept.write_text("old", encoding="utf-8")
    link.symlink_to(kept)
    done = harness(*words, "-o", link)
    assert (done.code, done.err) == (0, f"report: {link}\n")
    assert link.is_symlink()
    assert kept.read_bytes().startswith(BEGINS["md"])


def test_one_call_writes_every_format_by_the_suffixes(words: list[object], tmp_path: Path, harness: Shell) -> None:
    assert SUFFIXES.keys() == BEGINS.keys() == set(names("reports"))
    assert {name: load_report(name).extension for name in names("reports")} == EXTENSIONS
    files = {name: tmp_path / f"written.{suffix}" for name, suffix in SUFFIXES.items()}
    done = harness(*words, *[word for file in files.values() for word in ("-o", file)])
    assert (done.code, done.out) == (0, "")
    assert done.err == "".join(f"report: {file}\n" for file in files.values())
    for name, file in files.items():
        assert file.read_bytes().startswith(BEGINS[name]), name
        if words[0] == "report" and name != "html":  # a score is of another moment, and a page takes its time
            assert harness(*words, "--format", name, "-o", tmp_path / "alone").code == 0
            assert (tmp_path / "alone").read_bytes() == file.read_bytes(), name
    assert zipfile.ZipFile(files["xlsx"]).testzip() is None
    assert json.loads(files["json"].read_text(encoding="utf-8"))["schema"] == 1


@pytest.mark.parametrize(
    ("given", "error", "hint"),
    [
        (["r.XLSX"], "no format has the suffix .XLSX", "did you mean r.xlsx?"),
        (["r.Md"], "no format has the suffix .Md", "did you mean r.md?"),
        (["r.xslx"], "no format has the suffix .xslx", "did you mean '.xlsx'?"),
        (["r.pdf"], "no format has the suffix .pdf", "or name the format: --format md"),
        (["r.md", "r.md"], "is given twice", "name each file once"),
        (["r.md", "r.csv", "--format", "md"], "--format md with 2 files", "leave out --format"),
        (["nowhere/r.md"], "does not exist", "create it first"),
        (["."], "is a folder", "name a file in it"),
        (["r.md", "--format", "jsn"], "unknown format 'jsn'", "did you mean"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    words: list[object], given: list[str], error: str, hint: str, tmp_path: Path, harness: Shell
) -> None:
    files = [word for name in given if not name.startswith("-") and "." in name for word in ("-o", tmp_path / name)]
    before = sorted(tmp_path.iterdir())
    # Nothing is read either: these files are not there.
    words = [tmp_path / "gone" if word == tmp_path / "src" else word for word in words]
    done = harness(*words, *files, *given[given.index("--format") :] if "--format" in given else [])
    assert (done.code, done.out) == (2, "")
    said, _, helped = done.err.partition("\nhint: ")
    assert error in said
    assert hint in helped
    assert sorted(tmp_path.iterdir()) == before


def test_a_missing_package_is_said_before_any_work(
    words: list[object], tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    real = importlib.import_module

    def without(module: str, *rest: str) -> object:
        if module.split(".")[0] in ("xlsxwriter", "pyarrow"):
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return real(module, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    for suffix in ("xlsx", "parquet"):
        done = harness(*words, "-o", tmp_path / "first.md", "-o", tmp_path / f"r.{suffix}")
        assert (done.code, "which is not installed" in done.err) == (2, True)
    assert not (tmp_path / "first.md").exists()


def test_the_suffix_is_known_without_loading_other_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda group, name: loaded.append(name) or load(group, name))
    (where,) = destinations(None, [tmp_path / "run.tex"], "harness report")
    assert (where.format, loaded) == ("latex", ["latex"])


def test_a_file_without_a_suffix_is_plain_text(words: list[object], tmp_path: Path, harness: Shell) -> None:
    assert harness(*words, "-o", tmp_path / "plain").code == 0
    assert harness(*words, "-o", tmp_path / "plain.txt").code == 0
    plain, named = ((tmp_path / name).read_text(encoding="utf-8") for name in ("plain", "plain.txt"))
    assert plain.splitlines()[:8] == named.splitlines()[:8]
    assert "\x1b" not in plain


def test_several_files_in_another_language_leave_those_for_programs_in_english(tmp_path: Path, harness: Shell) -> None:
    write_run(normal_run(), tmp_path / "reports" / "runs")
    words = 'language = "de"\n[leaderboard]\ntitle = "Rangliste"\n[status]\ncomplete = "fertig"\n'
    (tmp_path / "de.toml").write_text(words, encoding="utf-8")
    files = [tmp_path / "a.html", tmp_path / "a.json"]
    done = harness("report", "-C", tmp_path, "-o", files[0], "-o", files[1], "--messages", tmp_path / "de.toml")
    assert done.code == 0, done.err
    plain = tmp_path / "plain.json"
    assert harness("report", "-C", tmp_path, "-o", plain).code == 0
    assert files[1].read_bytes() == plain.read_bytes()
    assert "Rangliste</h3>" in files[0].read_text(encoding="utf-8")
    done = harness("report", "-C", tmp_path, "-o", plain, "--messages", tmp_path / "de.toml")
    assert (done.code, "json is for programs" in done.err) == (2, True)


def test_open_takes_the_page_among_the_files(tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    write_run(normal_run(), tmp_path / "reports" / "runs")
    page, table = tmp_path.resolve() / "a.html", tmp_path / "a.csv"
    done = harness("report", "--open", "-C", tmp_path, "-o", table, "-o", page)
    assert (done.code, done.out, done.err) == (0, f"{page}\n", f"report: {table}\n")
    assert opened == [page.as_uri()]
    done = harness("report", "--open", "-C", tmp_path, "-o", table, "-o", tmp_path / "a.md")
    assert (done.code, "none is written" in done.err) == (2, True)


def test_report_shows_slices_and_ratings_of_a_stored_run(tmp_path: Path, harness: Shell) -> None:
    write_run(rich_run(), tmp_path / "reports" / "runs")
    words = ("report", "-C", tmp_path, "--human", "mqm", "--slice", "domain")
    shown = harness(*words).out
    assert "Agreement with mqm" in shown
    assert "chrF by domain" in shown
    done = harness("report", "-C", tmp_path, "--human", "mqn")
    assert (done.code, "did you mean 'mqm'?" in done.err) == (2, True)
    write_run(replace(rich_run(), id="20261124T0437-ab12cd"), tmp_path / "reports" / "runs")
    done = harness("report", "-C", tmp_path, "--history", "--slice", "domain")
    assert (done.code, "--human and --slice take one run" in done.err) == (2, True)
