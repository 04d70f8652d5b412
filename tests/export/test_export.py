"""``harness export``: a part of a run as the files of another tool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, OriginalLine
from harness.reports.exporters.load import check_names, load_exporter
from harness.reports.words.reasons import noted, sentence
from harness.store.runs.directory import write_run
from harness.store.runs.result import Run
from harness.testing.exporter import sample_handoff
from harness.types import ArticleId, SegmentId, SystemName
from tests.cli.conftest import Shell
from tests.cli.conftest import harness as shell
from tests.export.conftest import build_run, exported
from tests.workspace import write_article

__all__ = ["shell"]


def test_plain_files(run: Run) -> None:
    files = exported("plain", run).files
    assert {name: data.decode().splitlines() for name, data in files.items()} == {
        "src.txt": ["Der Zug kommt um 8 Uhr.", "Er ist <b>voll</b> & laut.", "Niemand steigt aus.", "=1+1 ist zwei.",
                    "Das war's."],
        "docs.txt": ["news\tnews-1"] * 3 + ["blog\tblog-2"] * 2,
        "segments.txt": ["news-1:1", "news-1:2", "news-1:3", "blog-2:1", "blog-2:2"],
        "ref.txt": ["The train arrives at 8.", "It is <b>full</b> & loud.", "", "=1+1 is two.", "That was it."],
        "ref2.txt": ["", "", "", "=1+1 makes two.", ""],
        "hyp.good.txt": ["The train arrives at 8.", "It is <b>full</b> & loud.", "Nobody gets off.", "=1+1 is two.",
                         "That was it."],
        "hyp.fair.txt": ["The train comes at 8.", "It is loud.", "No one gets out.", "=1+1 are two.", "That is it."],
        "hyp.bad.txt": ["Train 8.", "He full.", "", "=2", "It."],
    }  # fmt: skip
    assert [noted(note) for note in exported("plain", run).notes] == ["plain: missing outputs, left as empty lines: 1"]


def test_plain_files_are_scored_as_the_run_was(run: Run, tmp_path: Path) -> None:
    for name, data in exported("plain", run).files.items():
        (tmp_path / name).write_bytes(data)
    again = harness.score(
        source=tmp_path / "src.txt", references=[tmp_path / "ref.txt", tmp_path / "ref2.txt"], pair="de-en",
        hypotheses={name: tmp_path / f"hyp.{name}.txt" for name in ("good", "fair")}, docids=tmp_path / "docs.txt",
        checks=False,
    )  # fmt: skip
    for system in again.pairs[0].systems:
        (before,) = (other for other in run.pairs[0].systems if other.name == system.name)
        assert system.scores["chrf"].corpus == before.scores["chrf"].corpus  # type: ignore[union-attr]


def test_plain_files_are_in_the_order_of_the_imported_file(run: Run) -> None:
    handoff = sample_handoff(run)
    places = {segment.id: OriginalLine("x.de", 9 - row) for row, segment in enumerate(run.pairs[0].corpus.segments)}
    exporter = load_exporter("plain")
    files = exporter.export(replace(handoff, originals=places)).files
    assert files["segments.txt"].decode().split() == ["blog-2:2", "blog-2:1", "news-1:3", "news-1:2", "news-1:1"]
    assert files["src.txt"].decode().startswith("Das war's.\n")
    del places[SegmentId(ArticleId("news-1"), 1)]
    partly = exporter.export(replace(handoff, originals=places))
    assert partly.files["segments.txt"].decode().split()[0] == "news-1:1"
    assert "the original line of some segments is unknown" in noted(partly.notes[0])


def test_line_ends_in_a_text_do_not_end_the_line() -> None:
    texts = ["One\nline", "a\u2028b", "c\rd", "e\x00f", "g\x85h"]
    done = exported("plain", build_run({"odd": texts, "other": texts}))
    assert done.files["hyp.odd.txt"].decode().split("\n") == ["One line", "a b", "c d", "e\ufffdf", "g h", ""]
    assert "texts changed: 10" in noted(done.notes[-1])


def test_a_name_that_is_no_file_name() -> None:
    with pytest.raises(UsageError, match=r"'\.\./up' cannot be the name of a file"):
        exported("plain", build_run({"../up": ["a"] * 5}))


@pytest.mark.parametrize(
    ("extension", "name"), [("", "../x"), ("", "/x"), ("", ""), ("txt", "x"), ("txt", "./x"), ("", "a\\b")]
)
def test_files_stay_where_they_belong(extension: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"not a name for a file|no file has the empty name"):
        check_names(Exported({name: b"", **({"": b""} if extension else {})}), extension)


def test_a_part_of_a_run(run: Run, tmp_path: Path) -> None:
    done = harness.export(run, "plain", tmp_path / "out", systems=["fair"], which="slice domain=blog")
    assert (done.segments, done.systems) == (2, 1)
    assert {path.name for path in done.paths} == {
        "src.txt", "docs.txt", "segments.txt", "ref.txt", "ref2.txt", "hyp.fair.txt"
    }  # fmt: skip
    assert (tmp_path / "out" / "segments.txt").read_text(encoding="utf-8") == "blog-2:1\nblog-2:2\n"
    with pytest.raises(UsageError, match="is not empty"):
        harness.export(run, "plain", tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": "plian"}, "unknown exporter 'plian'"),
        ({"pair": "de-fr"}, "no pair 'de-fr'"),
        ({"systems": ["god"]}, "no system 'god'"),
        ({"output": "file"}, "is a file, but this format is a folder"),
    ],
)
def test_what_is_not_there(run: Run, tmp_path: Path, options: dict[str, str], said: str) -> None:
    (tmp_path / "file").touch()
    given = {"to": "plain", "output": "out", **options}
    given["output"] = str(tmp_path / given["output"])
    with pytest.raises(UsageError, match=said):
        harness.export(run, **given)  # type: ignore[arg-type] # as the caller wrote them


def test_a_run_of_several_pairs(run: Run, tmp_path: Path) -> None:
    (result,) = run.pairs
    two = replace(run, pairs=(result, result))
    with pytest.raises(UsageError, match="several pairs") as raised:
        harness.export(two, "plain", tmp_path / "x")
    assert raised.value.hint == "--pair de-en"
    assert harness.export(two, "plain", tmp_path / "x", pair="de-en").segments == 5


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("xliff", "de-en.xliff"),
        ("xliff2-references", "de-en.xliff2-references.xliff"),
        ("pearmut", "de-en.pearmut.json"),
    ],
)
def test_files_have_one_suffix_by_default(to: str, name: str, run: Run, tmp_path: Path) -> None:
    assert harness.export(run, to, workspace=tmp_path).paths[0].name == name


def test_the_command(run: Run, tmp_path: Path, shell: Shell) -> None:
    folder = write_run(run, tmp_path / "reports" / "runs", sentence)
    done = shell("export", "--to", "plain", "-C", tmp_path)
    assert done.code == 0, done.err
    target = tmp_path / "reports" / "exports" / folder.name / "de-en.plain"
    assert done.out.split() == [str(target / name) for name in exported("plain", run).files]
    assert "note: plain: missing outputs, left as empty lines: 1" in done.err
    assert "5 segments, 3 systems" in done.err
    assert (target / "hyp.good.txt").read_bytes() == exported("plain", run).files["hyp.good.txt"]
    assert shell("export", "--to", "plain", "-C", tmp_path).code == 2
    some = shell("export", "--to", "plain", "--which", "sample", "--n", "2", "--seed", "3", "--system", "good,bad",
                 "-C", tmp_path, "-o", tmp_path / "some")  # fmt: skip
    assert some.code == 0
    assert "2 segments, 2 systems" in some.err


def test_the_original_lines_are_those_of_the_workspace(tmp_path: Path, shell: Shell) -> None:
    write_article(tmp_path, "other", [("Yes.", "Sí.")], "en-es")
    for name, text in {"x.de": "Eins.\nZwei.\nDrei.\n", "x.en": "One.\nTwo.\nThree.\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "docs").write_text("b\nb\na\n", encoding="utf-8")
    files = {"source": tmp_path / "x.de", "references": [tmp_path / "x.en"], "docids": tmp_path / "docs"}
    run = harness.score(**files, hypotheses={"one": tmp_path / "x.en"}, pair="de-en", metrics=["chrf"], checks=False)
    (result,) = run.pairs
    articles = tuple(sorted(result.corpus.articles, key=lambda article: article.id))  # as a workspace has them
    run = replace(run, pairs=(replace(result, corpus=replace(result.corpus, articles=articles)),))
    before = harness.export(run, "plain", tmp_path / "before", workspace=tmp_path)
    assert before.paths[0].read_text(encoding="utf-8") == "Drei.\nEins.\nZwei.\n"
    command = ("import", tmp_path / "x.de", tmp_path / "x.en", "--docids", tmp_path / "docs", "--pair", "de-en")
    done = shell(*command, "-C", tmp_path, "--format", "parallel")
    assert done.code == 0, done.err
    after = harness.export(run, "plain", tmp_path / "after", workspace=tmp_path)
    assert after.paths[0].read_text(encoding="utf-8") == "Eins.\nZwei.\nDrei.\n"


def test_the_best_is_the_first_of_the_standing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Look:
        extension = "txt"

        def export(self, handoff):  # type: ignore[no-untyped-def]
            seen.append(handoff.best)
            return Exported({"": b""})

    monkeypatch.setattr("harness.api.exporting.load_exporter", lambda name: Look())
    harness.export(run, "look", tmp_path / "x.txt")
    with pytest.raises(UsageError, match=r"already there: .*x\.txt"):
        harness.export(run, "look", tmp_path / "x.txt", systems=["fair", "bad"])
    harness.export(run, "look", tmp_path / "x.txt", systems=["fair", "bad"], force=True)
    with pytest.raises(UsageError, match=r"this format is a \.txt file"):
        harness.export(run, "look", tmp_path / "x.csv")
    assert seen == [SystemName("good"), SystemName("fair"), SystemName("fair")]


@pytest.mark.parametrize("name", ["../../../out", "/tmp/out", "..", "a/b"])
def test_the_id_of_a_run_leads_nowhere_else(name: str, run: Run, tmp_path: Path) -> None:
    workspace = tmp_path / "a" / "b"
    workspace.mkdir(parents=True)
    with pytest.raises(UsageError, match="is not in the workspace") as refused:
        harness.export(replace(run, id=name), "plain", workspace=workspace)
    assert refused.value.hint == "say where to write: -o PATH"
    assert harness.export(replace(run, id=name), "plain", tmp_path / "out", workspace=workspace).paths


def test_links_of_a_workspace_are_not_followed(run: Run, tmp_path: Path) -> None:
    outside, workspace = tmp_path / "outside", tmp_path / "workspace"
    for folder in (outside, workspace / "reports"):
        folder.mkdir(parents=True)
    (workspace / "reports" / "exports").symlink_to(outside)
    with pytest.raises(UsageError, match="is not in the workspace"):
        harness.export(run, "pearmut", workspace=workspace)
    assert not [*outside.iterdir()]
    target = workspace / "campaign.json"
    kept = outside / "kept"
    kept.write_text("mine", encoding="utf-8")
    target.symlink_to(kept)
    with pytest.raises(UsageError):
        harness.export(run, "pearmut", target, workspace=workspace)
    harness.export(run, "pearmut", target, workspace=workspace, force=True)
    assert (kept.read_text(encoding="utf-8"), target.is_symlink()) == ("mine", False)
    (link := tmp_path / "link.json").symlink_to(kept)  # the user's own
    harness.export(run, "pearmut", link, workspace=workspace, force=True)
    assert (kept.read_bytes(), link.is_symlink()) == (target.read_bytes(), True)
