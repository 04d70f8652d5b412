"""Outputs of a system for articles already in the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.api.importing import import_files
from harness.api.outputs import OutputsResult, import_outputs
from harness.corpus.importers.model import Request
from harness.errors import DataError, UsageError
from tests.references.articles import DE_EN, write_lines


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three articles of one file of six lines, whose order is not that of their names, with a paragraph break."""
    source = write_lines(tmp_path / "news.de.txt", "Eins.", "Zwei.", "", "Drei.", "Ja.", "Ja.")
    docids = write_lines(tmp_path / "docs.txt", "b.1", "b.1", "b.1", "b.1", "c", "a")
    import_files(tmp_path, Request((source,), DE_EN, docids=(docids,)))
    return tmp_path


def add(root: Path, *files: Path, system: str = "mt", force: bool = False, **options: object) -> OutputsResult:
    return import_outputs(root, system, Request(files, DE_EN, **options), force=force)  # type: ignore[arg-type]


def written(root: Path, system: str = "mt") -> dict[str, str]:
    folder = root / "systems" / system / "de-en"
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}


def test_lines_are_cut_along_the_articles(root: Path) -> None:
    result = add(root, write_lines(root / "out.txt", "One.", "Two.", "", "Three.", "Yes.", "Yeah."))
    assert written(root) == {"a": "Yeah.\n", "b-1": "One.\nTwo.\n\nThree.\n", "c": "Yes.\n"}
    assert (root / "systems/mt.toml").read_text(encoding="utf-8") == 'engine = "recorded"\n'
    assert (len(result.articles), result.segments, result.notes) == (3, 5, ())
    with pytest.raises(UsageError, match=r"already has: b-1, c, a|already has: a, b-1, c"):
        add(root, root / "out.txt")
    add(root, root / "out.txt", force=True)


def test_docids_and_names_of_files(root: Path) -> None:
    out = write_lines(root / "out.txt", "Yeah.", "1", "2", "3")
    docids = write_lines(root / "d.txt", "a", "b.1", "b.1", "b.1")
    (note,) = add(root, out, docids=(docids,)).notes
    assert written(root) == {"a": "Yeah.\n", "b-1": "1\n2\n\n3\n"}
    assert "articles without an output: 1 (c)" in note.what
    (root / "o").mkdir()
    files = [write_lines(root / "o/a.en.txt", "A"), write_lines(root / "o/b-1.txt", "x", "y", "", "z")]
    add(root, *files, system="two")
    assert written(root, "two") == {"a": "A\n", "b-1": "x\ny\n\nz\n"}


def test_tables_and_memories_are_matched_by_their_source(root: Path) -> None:
    table = write_lines(
        root / "t.csv",
        "article,source,target",
        "c,Ja.,Yes.",
        "b.1,Drei.,3",
        "b.1,Zwei.,2",
        "b.1,Eins.,1",
        "a,Ja.,Y",
    )
    add(root, table)
    assert written(root) == {"a": "Y\n", "b-1": "1\n2\n\n3\n", "c": "Yes.\n"}
    table = write_lines(root / "u.csv", "source,target,mt", "Ja.,Yes.,first", "Ja.,Yes.,second", "Eins.,One.,1")
    notes = add(root, table, system="mt2").notes
    assert written(root, "mt2") == {"a": "first\n", "c": "second\n"}
    assert "no output for 2 of 3 segments of 'b-1'" in str(notes[0])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("One.", "Two."), r"out.txt: 2 lines, which fit no article; the files .* have 6"),
        (("<tmx>",), r"out.txt:2: not well-formed XML"),
    ],
)
def test_lines_that_fit_nothing(root: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        add(root, write_lines(root / "out.txt", *lines))
    assert not (root / "systems").exists()


def test_segments_that_fit_nothing_are_named(root: Path) -> None:
    table = write_lines(root / "t.csv", "source,target", "Ja.,Yes.", "Ja!,Yes!")
    with pytest.raises(DataError, match=r"outputs that fit no segment of de-en: 1; at .*t.csv:3"):
        add(root, table)
    docids = write_lines(root / "d.txt", "a", "a")
    with pytest.raises(DataError, match=r"d.txt:1: 2 lines of 'a', but the article has 1 segment"):
        add(root, write_lines(root / "out.txt", "x", "y"), docids=(docids,))
    with pytest.raises(DataError, match=r"d.txt:1: no article 'zz'"):
        add(root, root / "out.txt", docids=(write_lines(root / "d.txt", "zz", "a"),))


def test_an_edited_source_no_longer_says_its_lines(root: Path) -> None:
    write_lines(root / "references/de-en/a.de.txt", "Nein.")
    with pytest.raises(DataError, match="the source of 'a' was edited after its import"):
        add(root, write_lines(root / "out.txt", "One.", "Two.", "", "Three.", "Yes.", "Yeah."))


def test_a_system_with_an_engine_of_its_own_is_left_alone(root: Path) -> None:
    (root / "systems").mkdir()
    write_lines(root / "systems/mt.toml", 'engine = "copy"')
    with pytest.raises(UsageError, match="the engine is 'copy'"):
        add(root, write_lines(root / "a.txt", "Yes."))
    with pytest.raises(UsageError, match="--system a b: not a name"):
        add(root, root / "a.txt", system="a b")


def test_an_output_is_taken_from_the_column_of_its_system_alone(root: Path) -> None:
    table = write_lines(
        root / "t.csv", "article,source,target,system:A,system:B", "c,Ja.,Yes.,A c,B c", "a,Ja.,Yes.,A a,"
    )
    (note,) = add(root, table, system="B").notes
    assert written(root, "B") == {"c": "B c\n"}
    assert "articles without an output: 2 (a, b-1)" in note.what
    with pytest.raises(UsageError, match=r"t.csv: no outputs of 'mt', but of A, B"):
        add(root, table)
    one = write_lines(root / "u.csv", "article,source,target,system:A b", "c,Ja.,Yes.,A c", "a,Ja.,Yes.,")
    add(root, one)
    add(root, one, system="A-b")
    assert written(root) == written(root, "A-b") == {"c": "A c\n"}


def test_an_article_without_whole_outputs_replaces_none(root: Path) -> None:
    add(root, write_lines(root / "t.csv", "article,source,target", "a,Ja.,Y"))
    _remove(root, "a")
    table = write_lines(root / "n.csv", "article,source,mt", "a,Nein.,", "a,Ja.,1", "d,Ja.,3")
    import_files(root, Request((table,), DE_EN))
    assert written(root) == {"a": "Y\n", "d": "3\n"}
    table = write_lines(root / "n.csv", "article,source,mt", "d,Ja.,3", "e,Ja.,4")
    _remove(root, "d")
    with pytest.raises(UsageError, match="already has: d"):
        import_files(root, Request((table,), DE_EN))


def _remove(root: Path, article: str) -> None:
    for path in (root / "references/de-en").glob(f"{article}.*"):
        path.unlink()


def test_an_output_of_a_part_says_which_segments_it_lacks(root: Path) -> None:
    part = write_lines(root / "t.csv", "article,source,target", "b.1,Eins.,One.", "b.1,Drei.,Three.")
    with pytest.raises(DataError, match=r"t\.csv: no article .*; 'b-1' lacks 1 of 3: 2$") as caught:
        add(root, part)
    assert caught.value.hint == "add an output for each of these segments"
    empty = write_lines(root / "e.csv", "article,source,target", "b.1,Eins.,", "c,Ja.,")
    with pytest.raises(DataError, match=r"e\.csv: no output for any segment$") as caught:
        add(root, empty)
    assert "--columns" in caught.value.hint
