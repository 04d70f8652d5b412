"""The native form: what is read, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.align import where_they_part
from harness.corpus.native import read_workspace
from harness.errors import ConfigError, DataError, UsageError
from harness.types import LangPair
from harness.workspace.languages import parse_pair
from tests.references.articles import DE_EN, lines_of, write_lines

EN_PT = LangPair("en", "pt-BR")


def workspace(folder: Path, files: dict[str, tuple[str, ...]]) -> Path:
    for name, lines in files.items():
        write_lines(folder / name, *lines)
    return folder


def test_an_article_with_paragraphs_references_and_metadata(tmp_path: Path) -> None:
    folder = workspace(
        tmp_path,
        {
            "README.md": ("about",),
            ".hidden": ("x",),
            "de-en/README.md": ("about",),
            "de-en/news.de.txt": ("Titel", "", "", "Eins.", "Zwei."),
            "de-en/news.en.txt": ("Title", "", "", "One.", ""),
            "de-en/news.en.2.txt": ("Heading", "", "", "", ""),
            "de-en/news.toml": (
                'title = "T"',
                'domain = "news"',
                "date = 2024-05-01",
                "[metadata]",
                'desk = "economy"',
            ),
        },
    )
    (corpus,) = read_workspace(folder)
    (article,) = corpus.articles
    assert (corpus.pair, article.id) == (DE_EN, "news")
    assert article.meta == {"title": "T", "domain": "news", "date": "2024-05-01", "desk": "economy"}
    assert [(s.id.number, s.line, s.paragraph, s.source, s.references) for s in article.segments] == [
        (1, 1, 1, "Titel", ("Title", "Heading")),
        (2, 4, 2, "Eins.", ("One.",)),
        (3, 5, 2, "Zwei.", ()),
    ]


def test_an_article_without_target_file_has_no_references(tmp_path: Path) -> None:
    (corpus,) = read_workspace(workspace(tmp_path, {"de-en/a.de.txt": ("Eins", "Zwei")}))
    assert [segment.references for segment in corpus.segments] == [(), ()]


def test_articles_are_sorted_and_pairs_and_articles_can_be_chosen(tmp_path: Path) -> None:
    folder = workspace(
        tmp_path,
        {
            "en-pt_BR/b.en.txt": ("One",),
            "de-en/b.de.txt": ("B",),
            "de-en/a.de.txt": ("A",),
            "de-en/a-1.de.txt": ("A1",),
        },
    )
    assert [[str(corpus.pair), *(a.id for a in corpus.articles)] for corpus in read_workspace(folder)] == [
        ["de-en", "a", "a-1", "b"],
        ["en-pt_BR", "b"],
    ]
    assert [corpus.pair for corpus in read_workspace(folder, pairs=[EN_PT])] == [EN_PT]
    chosen = read_workspace(folder, articles=["a"])
    assert [(corpus.pair, [a.id for a in corpus.articles]) for corpus in chosen] == [(DE_EN, ["a"])]
    with pytest.raises(UsageError, match="no article 'aa'") as caught:
        read_workspace(folder, articles=["aa"])
    assert "did you mean 'a'" in caught.value.hint or "known: a, a-1, b" in caught.value.hint
    with pytest.raises(UsageError, match="pair 'de-es'") as caught:
        read_workspace(folder, pairs=[parse_pair("de-es")])
    assert "de-en" in caught.value.hint


def test_a_broken_article_that_was_not_chosen_does_not_matter(tmp_path: Path) -> None:
    folder = workspace(tmp_path, {"de-en/a.de.txt": ("A",), "de-en/b.de.txt": ("B", "B"), "de-en/b.en.txt": ("B",)})
    assert len(read_workspace(folder, articles=["a"])) == 1
    with pytest.raises(DataError, match="2 lines"):
        read_workspace(folder)


GOOD = {"de-en/a.de.txt": ("Eins", "", "Zwei"), "de-en/a.en.txt": ("One", "", "Two")}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"de-en/a.en.txt": ("One", "x", "Two")},
            r"a\.en\.txt:2: this line has text, but the same line of a\.de\.txt is empty",
        ),
        ({"de-en/a.de.txt": ("Eins", " ", "Zwei")}, r"a\.de\.txt:2: only white space"),
        ({"de-en/a.en.txt": ("One", "\u00a0", "Two")}, r"a\.en\.txt:2: only white space"),
        ({"de-en/a.de.txt": ("", "", "")}, r"a\.(de|en)\.txt"),
        ({"de-en/b.de.txt": ("", "")}, r"b\.de\.txt: no segment"),
        ({"de-en/a.fr.txt": ("Un", "", "Deux")}, r"a\.fr\.txt: 'fr' is neither side"),
        ({"de-en/a.en.3.txt": ("One", "", "Two")}, "reference 3 exists, but reference 2 is missing"),
        ({"de-en/a.en.1.txt": ("One", "", "Two")}, "'1' is not the number of a reference"),
        ({"de-en/a.en.02.txt": ("One", "", "Two")}, "'02' is not the number of a reference"),
        ({"de-en/a.de.2.txt": ("Eins", "", "Zwei")}, "'2' is not the number of a reference"),
        ({"de-en/b.en.2.txt": ("x",), "de-en/b.de.txt": ("x",)}, "reference 2 exists, but reference 1 is missing"),
        ({"de-en/b.en.txt": ("x",)}, r"article 'b' has no source file"),
        ({"de-en/b.toml": ('title = "x"',)}, r"article 'b' has no source file"),
        ({"de-en/-b.de.txt": ("x",)}, "'-b' is not an article id"),
        ({"de-en/b c.de.txt": ("x",)}, "'b c' is not an article id"),
        ({"de-en/A.de.txt": ("x",)}, "differ only in case"),
        ({"de-en/notes.md": ("x",)}, "notes.md: does not belong here"),
        ({"de-en/b.c.d.de.txt": ("x",)}, "does not belong here"),
        ({"de-en/sub/b.de.txt": ("x",)}, "sub: does not belong here"),
        ({"notes.txt": ("x",)}, "notes.txt: does not belong here"),
        ({"german/a.de.txt": ("x",)}, "'german' is not a language pair"),
        ({"de-xx1y/a.de.txt": ("x",)}, "'xx1y' is not a language tag"),
        ({"en-pt_br/a.en.txt": ("x",)}, "the pair is written 'en-pt_BR'"),
        ({"en-de/.keep": ("x",)}, "en-de: no article"),
    ],
)
def test_what_breaks_the_contract_is_refused(tmp_path: Path, files: dict[str, tuple[str, ...]], message: str) -> None:
    assert read_workspace(workspace(tmp_path / "good", GOOD))
    with pytest.raises(DataError, match=message) as caught:
        read_workspace(workspace(tmp_path / "bad", GOOD | files))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (('titel = "x"',), "unknown key 'titel'"),
        (("title = 3",), "key 'title'"),
        (('title = ""',), "key 'title'"),
        (('date = "2024-05-01"',), "key 'date'"),
        (("date = 2024-05-01T10:00:00",), "key 'date'"),
        (("[metadata]", "x = 1"), r"key 'metadata\.x'"),
        (("[metadata]", 'title = "x"'), r"key 'metadata\.title'"),
        (("title",), r"line 1, column|after a key"),
    ],
)
def test_metadata_errors_name_file_and_key(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    folder = workspace(tmp_path, GOOD | {"de-en/a.toml": lines})
    with pytest.raises(ConfigError, match=message) as caught:
        read_workspace(folder)
    assert "a.toml" in str(caught.value)


def test_a_missing_folder_and_a_folder_without_pairs(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_workspace(tmp_path / "absent")
    with pytest.raises(DataError, match="no pair folder"):
        read_workspace(tmp_path)


@pytest.mark.parametrize(
    ("source", "reference", "line", "what"),
    [
        ("a b - c d", "A - C D", 2, "the reference has a paragraph break here"),
        ("a b - c", "A B B - C", 3, "the source has a paragraph break here"),
        ("a - - b", "A - B", 3, "the source has a paragraph break here"),
        ("a b c d", "A B - C D", 3, "the reference line is empty"),
        ("a b c d", "A B", 3, "only the source has this line"),
        ("a b", "A B C", 3, "only the reference has this line"),
        ("a b c d", "A - C", 4, "only the source has this line"),
        # The reference of line 2 is missing, which is legal; a line was lost in the second paragraph.
        ("a b c - d e f - g", "A - C - D E - G", 7, "the reference has a paragraph break here"),
    ],
)
def test_the_place_where_files_part(source: str, reference: str, line: int, what: str) -> None:
    lines = [["" if word == "-" else word for word in side.split()] for side in (source, reference)]
    found, text = where_they_part(*lines)
    assert found == line
    assert what in text


def test_misaligned_files_are_refused_with_both_counts_and_the_place(tmp_path: Path) -> None:
    folder = workspace(tmp_path, {"de-en/a.de.txt": ("a", "b", "", "c"), "de-en/a.en.txt": ("A", "", "C")})
    with pytest.raises(DataError) as caught:
        read_workspace(folder)
    message = str(caught.value)
    assert "a.de.txt has 4 lines" in message
    assert "a.en.txt has 3" in message
    assert "at line 2" in message


@given(data=st.data(), side=st.sampled_from(["de", "en"]))
def test_losing_any_one_line_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, side: str
) -> None:
    pairs = lines_of(data.draw(st.sampled_from(["bees", "bridge", "harvest"])))
    lines = {"de": [source for source, _ in pairs], "en": [reference for _, reference in pairs]}
    lines[side].pop(data.draw(st.integers(0, len(pairs) - 1)))
    folder = tmp_path_factory.mktemp("lost")
    for tag, texts in lines.items():
        write_lines(folder / f"de-en/a.{tag}.txt", *texts)
    with pytest.raises(DataError, match="must match line by line"):
        read_workspace(folder)
