"""Bare files: every line is a segment, counts must agree, and whatever is odd is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.bare import corpus_from_files, hypotheses_from_file
from harness.errors import DataError
from harness.reports.words.reasons import noted
from tests.references.articles import DE_EN, write_lines


def test_every_line_is_a_segment_in_the_order_of_the_file(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s", "eins", "", "drei")
    one = write_lines(tmp_path / "r1", "one", "two", " ")
    two = write_lines(tmp_path / "r2", "ONE", "", "THREE")
    corpus, notes = corpus_from_files(DE_EN, source, [one, two], None)
    assert [(s.line, s.source, s.references) for s in corpus.segments] == [
        (1, "eins", ("one", "ONE")),
        (2, "", ("two",)),
        (3, "drei", ("THREE",)),
    ]
    assert [article.id for article in corpus.articles] == ["all"]
    text = "\n".join(map(noted, notes))
    assert f"{source}:2: 1 empty source lines" in text
    assert f"{one}:3: 1 empty lines: these segments have no reference" in text
    assert "--docids" in text


def test_docids_make_articles_with_domains(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s", "a", "b", "c")
    docids = write_lines(tmp_path / "d", "news\tbbc.1", "news\tbbc.1", "\tx y")
    corpus, notes = corpus_from_files(DE_EN, source, [], docids)
    assert [(a.id, dict(a.meta), [str(s.id) for s in a.segments]) for a in corpus.articles] == [
        ("bbc.1", {"domain": "news"}, ["bbc.1:1", "bbc.1:2"]),
        ("x y", {}, ["x y:1"]),
    ]
    assert [segment.line for segment in corpus.segments] == [1, 2, 3]
    assert notes == ()


@pytest.mark.parametrize(
    ("docids", "message"),
    [
        (("a", "b", "a"), "d:3: the docid 'a' occurs again; its lines began at line 1"),
        (("n\ta", "m\ta", "m\ta"), "d:2: domain 'm', but the article 'a' began as 'n' in line 1"),
        (("n\ta", "a", "a"), "d:2: expected domain<TAB>docid"),
        (("a", "", "b"), "d:2: expected a docid"),
        (("x\ty\tz",) * 3, "d:1: expected"),
        (("a", "a"), "has 2 lines, .*s has 3"),
    ],
)
def test_docids_that_do_not_fit(tmp_path: Path, docids: tuple[str, ...], message: str) -> None:
    source = write_lines(tmp_path / "s", "a", "b", "c")
    with pytest.raises(DataError, match=message):
        corpus_from_files(DE_EN, source, [], write_lines(tmp_path / "d", *docids))


def test_counts_that_differ_are_named_with_both_files(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s", "a", "b")
    short = write_lines(tmp_path / "short", "A")
    with pytest.raises(DataError, match=r"short has 1 line, .*s has 2"):
        corpus_from_files(DE_EN, source, [short], None)
    corpus, _ = corpus_from_files(DE_EN, source, [], None)
    with pytest.raises(DataError, match=r"short has 1 line, .*s has 2"):
        hypotheses_from_file(short, corpus, source=source)


def test_hypotheses_keep_bom_empty_lines_and_control_characters_with_notes(tmp_path: Path) -> None:
    corpus, _ = corpus_from_files(DE_EN, write_lines(tmp_path / "s", "a", "b", "c"), [], None)
    output = hypotheses_from_file(write_lines(tmp_path / "h", "\ufeffA", "", "C\x07"), corpus)
    texts, notes = output.texts, output.notes
    assert texts == ("\ufeffA", "", "C\x07")
    assert [note.what.split(";")[0] for note in notes] == [
        "byte order mark kept as part of the first line",
        "control characters kept: 1",
        "1 empty lines, kept as empty translations (the first is line 2)",
    ]


def test_real_test_sets_are_read_line_for_line(wmt_data: Path) -> None:
    folder = wmt_data / "wmt23.en-de"
    corpus, _ = corpus_from_files(DE_EN, folder / "source.txt", [folder / "reference.refA.txt"], folder / "docids.txt")
    assert (len(corpus.articles), len(corpus.segments)) == (192, 557)
    assert [segment.line for segment in corpus.segments] == list(range(1, 558))
    for system in (folder / "systems").glob("*.txt"):
        output = hypotheses_from_file(system, corpus)
        texts, notes = output.texts, output.notes
        assert "\n".join(texts) + "\n" == system.read_bytes().decode()
        assert any("byte order mark" in note.what for note in notes) == texts[0].startswith("\ufeff")
