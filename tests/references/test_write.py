"""Writing native files: what was written is read back, and nothing is half done."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus import write
from harness.corpus.importers.model import ImportedArticle, ImportedSegment
from harness.corpus.metadata import flatten, to_toml
from harness.corpus.names import ARTICLE_ID, LONGEST_ID, id_of, to_article_id
from harness.corpus.native import read_workspace
from harness.corpus.text import is_blank
from harness.corpus.write import write_articles
from harness.errors import ConfigError, DataError, UsageError
from tests.references.articles import DE_EN


def article(name: str, *texts: str, reference: str = "", meta: dict[str, str] | None = None) -> ImportedArticle:
    references = {1: reference} if reference else {}
    lines = tuple(ImportedSegment(text, references, f"f:{n}") for n, text in enumerate(texts, 1))
    return ImportedArticle(name, meta or {}, (lines,), "f")


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: not is_blank(text) and not text.startswith("\ufeff")
)
SEGMENT = st.builds(
    lambda source, references: ImportedSegment(source, references, "f:1"),
    TEXT,
    st.dictionaries(st.integers(1, 3), TEXT, max_size=3),
)
META = st.dictionaries(st.sampled_from(["title", "domain", "notes", "x", 'a "key"', "ключ"]), TEXT, max_size=6)


@given(
    st.lists(st.lists(SEGMENT, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3),
    META,
    st.sampled_from([{}, {"date": "2024-02-29"}]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    paragraphs: list[tuple[ImportedSegment, ...]],
    meta: dict[str, str],
    date: dict[str, str],
) -> None:
    folder = tmp_path_factory.mktemp("written")
    write_articles(folder, DE_EN, [ImportedArticle("a", meta | date, tuple(paragraphs), "f")])
    (corpus,) = read_workspace(folder)
    expected = [
        (number, segment.source, tuple(text for _, text in sorted(segment.references.items())))
        for number, paragraph in enumerate(paragraphs, start=1)
        for segment in paragraph
    ]
    assert [(s.paragraph, s.source, s.references) for s in corpus.segments] == expected
    assert corpus.articles[0].meta == meta | date


def test_an_existing_article_is_replaced_as_a_whole_and_only_with_force(tmp_path: Path) -> None:
    both = ImportedArticle("a", {"title": "T"}, ((ImportedSegment("x", {1: "X", 2: "Y"}, "f:1"),),), "f")
    write_articles(tmp_path, DE_EN, [both, article("b", "b")])
    with pytest.raises(UsageError, match=r"a\.de\.txt, a\.en\.2\.txt, a\.en\.txt, a\.toml") as caught:
        write_articles(tmp_path, DE_EN, [article("c", "c"), article("a", "new")])
    assert "--force" in caught.value.hint
    assert not (tmp_path / "de-en" / "c.de.txt").exists()
    written = write_articles(tmp_path, DE_EN, [article("a", "new", "er")], force=True)
    assert sorted(path.name for path in (tmp_path / "de-en").iterdir()) == ["a.de.txt", "b.de.txt"]
    assert [path.name for path in written.paths] == ["a.de.txt"]
    assert [note.what.split(":")[0] for note in written.notes] == ["replaced", "removed", "removed", "removed"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (article("b", "fine", "a\rb"), "f:2: .*carriage return"),
        (article("b", "fine", reference=" "), "f:1: only white space"),
        (article("b", "x", meta={"date": "31.5.2024"}), "'31.5.2024' is not a date"),
        (article("b", "x", meta={"title": "a\x00"}), "f: title: .*NUL"),
        (article("b.c", "x"), "'b.c' is not an article id"),
        (article("a", "x"), "the article 'a' occurs twice"),
        (article("b" * 101, "x"), "the article id has 101 characters"),
        (article("A", "x"), "differ only in case"),
        (article("b"), "has no segment"),
    ],
)
def test_nothing_is_written_when_any_article_is_wrong(tmp_path: Path, bad: ImportedArticle, message: str) -> None:
    with pytest.raises(DataError, match=message):
        write_articles(tmp_path / "references", DE_EN, [article("a", "x"), bad])
    assert not (tmp_path / "references").exists()


def test_metadata_must_not_be_empty(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="key 'title'"):
        write_articles(tmp_path, DE_EN, [article("a", "x", meta={"title": ""})])


def test_an_id_that_differs_in_case_from_a_file_on_disk_is_refused(tmp_path: Path) -> None:
    write_articles(tmp_path, DE_EN, [article("News", "x")])
    with pytest.raises(DataError, match="'News' and 'news' differ only in case"):
        write_articles(tmp_path, DE_EN, [article("news", "x")], force=True)


def test_a_failure_while_writing_leaves_no_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def full_disk(*_: object) -> Iterator[str]:
        if written:
            raise OSError(28, "No space left on device")
        written.append("x\n")
        yield from written

    monkeypatch.setattr(write, "_lines", full_disk)
    with pytest.raises(DataError, match="de-en: cannot write: No space"):
        write_articles(tmp_path, DE_EN, [article("a", "x"), article("b", "y")])
    assert written
    assert list((tmp_path / "de-en").iterdir()) == []


def test_any_character_of_metadata_survives_its_file() -> None:
    meta = {"title": 'a "b" \\ \x7f \u2028', "date": "2024-05-31", "key with space": "x", "ключ": "\ttab"}
    assert flatten(dict(tomllib.loads(to_toml(meta))), "a.toml") == meta
    assert to_toml({}) == ""


@pytest.mark.parametrize(
    ("name", "made"),
    [("Über Äpfel", "Uber-Apfel"), ("cafés_2", "cafes_2"), ("--a--", "a"), ("新聞", ""), ("a/b..c", "a-b-c")],
)
def test_an_id_is_made_of_any_name(name: str, made: str) -> None:
    assert to_article_id(name) == made


def test_names_of_which_nothing_or_too_much_is_left_give_ids_of_their_own() -> None:
    assert [id_of(name) for name in ("news_1", "Über Äpfel")] == ["news_1", "Uber-Apfel"]
    assert id_of("новости") == "article-" + hashlib.sha256("новости".encode()).hexdigest()[:8]
    names = ("новости", "погода", "a" * 300, "a" * 301, "b" * LONGEST_ID)
    ids = [id_of(name) for name in names]
    assert len(set(ids)) == len(names)
    assert all(ARTICLE_ID.fullmatch(made) and len(made) <= LONGEST_ID for made in ids)
    assert (ids[-1], id_of("百度", "system")[:7]) == (names[-1], "system-")
