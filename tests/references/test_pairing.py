"""Files paired by their names, and what keeps another article from being taken for a translation."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.api.import_checks import check_languages
from harness.api.importing import import_files
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.pairing import article_of, group_files
from harness.corpus.importers.reading import read_files
from harness.errors import DataError, UsageError
from harness.reports.words.reasons import noted
from harness.types import LangPair
from tests.references.articles import DE_EN, write_lines
from tests.references.test_tables import segments

GERMAN = [
    "Der Vorstand hat gestern beschlossen, das Werk im kommenden Jahr zu schließen.",
    "Die Gewerkschaft will das nicht hinnehmen und ruft für morgen zum Streik auf.",
    "Betroffen sind 1.200 Menschen, die meisten von ihnen arbeiten seit Jahren dort.",
    "Der Bürgermeister sprach von einem schweren Schlag für die ganze Region.",
]
ENGLISH = [
    "Yesterday the board decided to close the plant in the coming year.",
    "The union will not accept this and is calling for a strike tomorrow.",
    "1,200 people are affected, most of whom have been working there for years.",
    "The mayor spoke of a heavy blow to the entire region.",
]
AGAIN = [
    "The board resolved yesterday that the plant will close next year.",
    "The union refuses to accept that and calls for a strike tomorrow.",
    "Some 1,200 people are affected, most of them have worked there for years.",
    "The mayor called it a heavy blow to the whole region.",
]
OTHERS = [
    "Cats sleep for up to sixteen hours a day, usually in short naps.",
    "Nobody knows exactly why they purr, although there are several theories.",
    "A kitten opens its eyes about ten days after it was born.",
    "Its whiskers tell it whether it can fit through a gap.",
]


def load(*files: Path, **options: object) -> Imported:
    return read_files(Request(files, DE_EN, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "reference"),
    [
        ("x.de.txt", "x.en.txt"),
        ("x_de.txt", "x_en.txt"),
        ("x-DE.txt", "x-EN.txt"),
        ("x.de_AT.txt", "x.en-GB.txt"),
        ("x_german.txt", "x_english.txt"),
        ("x (Deutsch).txt", "x (Englisch).txt"),
        ("x.ger.txt", "x.eng.txt"),
        ("x.deu", "x.eng"),
        ("de_x.txt", "en_x.txt"),
        ("x-src.de.txt", "x-ref.en.txt"),
        ("de/x.txt", "en/x.txt"),
        ("Deutsch/x.docx", "English/x.docx"),
    ],
)
def test_names_that_differ_in_the_language_belong_together(source: str, reference: str) -> None:
    others = [Path("in/y.de.txt"), Path("in/y.en.txt"), Path("in/y.en.2.txt")]
    files = [Path("in") / reference, Path("in") / source, *others]
    groups, notes = group_files(files, DE_EN)
    assert [group.files for group in groups] == [
        (Path("in") / source, Path("in") / reference),
        tuple(others),
    ]
    assert notes == ()


def test_real_names_of_test_sets() -> None:
    names = ("newstest2019-src.eng.txt", "newstest2019-ref.spa.txt")
    (group,), _ = group_files([Path(name) for name in reversed(names)], LangPair("en", "es"))
    assert group.files == (Path(names[0]), Path(names[1]))
    (group,), _ = group_files([Path("a.zh_Hans.txt"), Path("a.pt-BR.txt")], LangPair("pt-BR", "zh-Hans"))
    assert group.source == Path("a.pt-BR.txt")


@pytest.mark.parametrize(
    "names",
    [
        ("a.de.txt", "a.en.txt", "a.en.2.txt", "a.en.3.txt"),
        ("a-src.de.txt", "a-refA.en.txt", "a-refB.en.txt", "a-refC.en.txt"),
        ("a.de.txt", "a-ref1.en.txt", "a-ref2.en.txt", "a-ref10.en.txt"),
        ("de/a.txt", "en/a.ref.1.txt", "en/a.ref.2.txt", "en/a.ref.3.txt"),
    ],
)
def test_references_go_by_their_numbers(names: tuple[str, ...]) -> None:
    for files in ([Path(name) for name in names], [Path(name) for name in sorted(names, reverse=True)]):
        (group,), _ = group_files(files, DE_EN)
        assert group.files == tuple(Path(name) for name in names)


def test_numbers_of_chapters_are_part_of_the_name() -> None:
    for pattern in ("chapter-{}.{}.txt", "{1}/chapter.{0}.txt", "{}.{}.txt"):
        files = [Path(pattern.format(number, language)) for number in (1, 2) for language in ("de", "en")]
        groups, _ = group_files(files, DE_EN)
        assert [group.files for group in groups] == [tuple(files[:2]), tuple(files[2:])]


def test_files_whose_names_say_nothing_go_by_their_order() -> None:
    files = [Path("one.txt"), Path("two.txt"), Path("three.txt")]
    (group,), _ = group_files(files, DE_EN)
    assert group.files == tuple(files)
    (group,), _ = group_files([Path("reference.en.txt"), Path("text.txt")], DE_EN)
    assert group.files == (Path("text.txt"), Path("reference.en.txt"))


def test_two_files_with_names_of_their_own_are_a_pair_with_a_note() -> None:
    (group,), (note,) = group_files([Path("article.en.txt"), Path("artikel.de.txt")], DE_EN)
    assert group.files == (Path("artikel.de.txt"), Path("article.en.txt"))
    assert "although their names differ" in note.what


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a.de.txt", "a.en.txt", "b.de.txt"), "b.de.txt: no file of these is its partner in en"),
        (("a.de.txt", "a.en.txt", "b.en.txt"), "b.en.txt: no file of these is its partner in de"),
        (("a.de.txt", "a-DE.txt", "a.en.txt"), "a.de.txt and a-DE.txt are both the de of 'a'"),
        (("a.de.txt", "a.en.txt", "notes.txt"), "notes.txt: its name does not say which language"),
    ],
)
def test_names_that_do_not_pair(names: tuple[str, ...], message: str) -> None:
    with pytest.raises((DataError, UsageError), match=message) as caught:
        group_files([Path(name) for name in names], DE_EN)
    assert caught.value.hint


def test_articles_are_called_by_what_is_left_of_the_name() -> None:
    names = ("news.de.txt", "news_German.txt", "news-deu", "news.de_AT.csv", "memory.de-en.tmx", "de.txt", "v1.2.txt")
    assert [article_of(Path(name), DE_EN) for name in names] == ["news"] * 4 + ["memory", "de", "v1.2"]


def test_several_articles_in_one_go(tmp_path: Path) -> None:
    files = [
        write_lines(tmp_path / "a.de.txt", "Eins"),
        write_lines(tmp_path / "a.en.txt", "One"),
        write_lines(tmp_path / "b.de.txt", "Zwei"),
        write_lines(tmp_path / "b.en.txt", "Two"),
    ]
    assert segments(load(*files)) == {"a": [[("Eins", {1: "One"})]], "b": [[("Zwei", {1: "Two"})]]}
    with pytest.raises(UsageError, match="--article, but the names of the files give 2 articles"):
        load(*files, article="x")


def test_another_article_is_no_second_reference(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s.txt", *GERMAN)
    first = write_lines(tmp_path / "r1.txt", *ENGLISH)
    again, other = write_lines(tmp_path / "r2.txt", *AGAIN), write_lines(tmp_path / "r3.txt", *OTHERS)
    assert segments(load(source, first, again))["s"][0][0][1] == {1: ENGLISH[0], 2: AGAIN[0]}
    with pytest.raises(DataError, match=r"r3.txt does not translate the same text as .*r1.txt"):
        load(source, first, other)
    short = [write_lines(tmp_path / f"{n}.txt", "Ja.") for n in range(3)]
    assert "too short to check" in noted(load(*short).notes[0])


def test_every_side_must_be_in_its_language(tmp_path: Path) -> None:
    pytest.importorskip("eldc")
    source, reference = write_lines(tmp_path / "s.txt", *GERMAN), write_lines(tmp_path / "r.txt", *ENGLISH)
    imported = load(source, reference)
    assert check_languages(imported.articles, DE_EN) == ()
    assert check_languages(imported.articles, LangPair("de", "de-AT")) == ()
    swapped = Request((reference, source), DE_EN)
    with pytest.raises(DataError, match="the source of 'r' reads like English, not German"):
        import_files(tmp_path, swapped)
    with pytest.raises(DataError, match="the reference of 's' reads like German, not English"):
        check_languages(load(source, write_lines(tmp_path / "copy.txt", *GERMAN)).articles, DE_EN)
    assert not (tmp_path / "references").exists()
    (note,) = check_languages(load(source).articles, LangPair("nl", "en"))
    assert "reads like German, not Dutch" in note.what


def test_articles_and_systems_of_any_name(tmp_path: Path) -> None:
    files = [
        write_lines(tmp_path / f"{name}.{language}.txt", text)
        for name in ("новости", "погода", "n" * 200)
        for language, text in (("de", "Eins"), ("en", "One"))
    ]
    articles = load(*files).articles
    import_files(tmp_path, Request(tuple(files), DE_EN))
    assert len({article.id for article in articles}) == 3
    assert [article.meta["original_id"] for article in articles] == ["новости", "погода", "n" * 200]
    table = write_lines(tmp_path / "t.csv", "article,source,system:百度", "новости,Zwei,Two")
    import_files(tmp_path, Request((table,), DE_EN), force=True)
    (system,) = (tmp_path / "systems").glob("system-*.toml")
    assert system.read_text(encoding="utf-8") == 'engine = "recorded"\nlabel = "百度"\n'
