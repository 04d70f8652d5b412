from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.interface import Batch, EngineContext, Request
from harness.engines.recorded.engine import RecordedEngine, RecordedOptions
from harness.engines.recorded.files import check_recording, origin, write_recording
from harness.errors import BadOutput, ConfigError, DataError, Unsupported, UsageError
from harness.testing import ARTICLE, SOURCES, ask, batch_of, engine_contract
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    Failed,
    LangPair,
    Segment,
    SegmentId,
    SystemName,
    Translated,
)

PAIR = LangPair("de", "en")
IDENTITY = EngineIdentity(
    "apertium", "3.8.3", {"modes": ["deu-eng"], "x": {"y": True}, "absent": None, "q": 'a"\\ü\x7f'}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "systems" / "vendor"
    (folder / "de-en").mkdir(parents=True)
    return folder


def engine(folder: Path) -> RecordedEngine:
    return RecordedEngine(RecordedOptions(), EngineContext(SystemName("vendor"), folder))


def put(folder: Path, article: str, text: str) -> None:
    (folder / "de-en" / f"{article}.txt").write_bytes(text.encode())


def request(article: str, number: int, line: int) -> Request:
    return Request(SegmentId(ArticleId(article), number), line, "Quelle")


def answers(folder: Path, *requests: Request) -> list[object]:
    return list(ask(engine(folder), Batch(PAIR, requests))[0])


def test_contract(folder: Path) -> None:
    put(folder, ARTICLE, "".join(f"{text}\n" for text in SOURCES))
    engine_contract(lambda: engine(folder), PAIR)
    assert ask(engine(folder), batch_of(SOURCES, PAIR)) == [[Translated(text) for text in SOURCES]]


def test_serves_by_line_across_paragraph_breaks_and_empty_translations(folder: Path) -> None:
    put(folder, "a", "one\n\nthree\n\n\n")
    got = answers(folder, request("a", 1, 1), request("a", 2, 3), request("a", 3, 4))
    assert got == [Translated("one"), Translated("three"), Translated("")]


def test_a_missing_file_fails_its_own_article_only(folder: Path) -> None:
    put(folder, "a", "one\n")
    got = answers(folder, request("b", 1, 1), request("a", 1, 1))
    assert got == [Failed("systems/vendor/de-en/b.txt is missing"), Translated("one")]


def test_a_line_beyond_the_end_fails_the_article(folder: Path) -> None:
    put(folder, "a", "one\ntwo\n")
    wrong = Failed("systems/vendor/de-en/a.txt has 2 lines, but the source has text on line 3")
    assert answers(folder, request("a", 1, 1), request("a", 2, 2), request("a", 3, 3)) == [wrong] * 3


def test_text_at_a_paragraph_break_fails_the_article(folder: Path) -> None:
    put(folder, "a", "one\ntwo\nthree\n")
    wrong = Failed("systems/vendor/de-en/a.txt: line 2 has text, but the source has a paragraph break there")
    assert answers(folder, request("a", 1, 1), request("a", 2, 3)) == [wrong] * 2
    assert answers(folder, request("a", 1, 1), request("a", 3, 3)) == [Translated("one"), Translated("three")]


def test_a_file_that_is_not_utf8_fails_the_article(folder: Path) -> None:
    (folder / "de-en" / "a.txt").write_bytes(b"caf\xe9\n")
    (got,) = answers(folder, request("a", 1, 1))
    assert isinstance(got, Failed)
    assert "a.txt:1" in got.error


def test_an_unrecorded_pair_is_unsupported(folder: Path) -> None:
    with pytest.raises(Unsupported, match="systems/vendor/en-de does not exist") as caught:
        engine(folder).supports(LangPair("en", "de"))
    assert caught.value.hint == "recorded pairs: de-en"


def test_identity_follows_the_content(folder: Path) -> None:
    put(folder, "a", "one\n")
    before = engine(folder).identity(PAIR)
    assert before.version.startswith("h1:")
    put(folder, "a", "two\n")
    changed = engine(folder).identity(PAIR)
    put(folder, "a", "one\n")
    assert changed != before == engine(folder).identity(PAIR)
    (folder / "de-en" / "a.txt").rename(folder / "de-en" / "b.txt")
    assert engine(folder).identity(PAIR) != before


def corpus(*lines: int) -> Corpus:
    segments = tuple(Segment(SegmentId(ArticleId("a"), n), line, 1, "Quelle", ()) for n, line in enumerate(lines, 1))
    return Corpus(PAIR, (Article(ArticleId("a"), PAIR, segments),))


@pytest.mark.parametrize("text", ["one\n\nthree\n", "one\n\nthree\n\n\n", "one\n\nthree", "one\n\n\n"])
def test_check_recording_accepts(folder: Path, text: str) -> None:
    put(folder, "a", text)
    check_recording(folder, corpus(1, 3))


@pytest.mark.parametrize(("text", "count"), [("one\n\nthree\nfour\n\n", 4), ("one\n\n", 2)])
def test_check_recording_names_both_counts(folder: Path, text: str, count: int) -> None:
    put(folder, "a", text)
    with pytest.raises(DataError, match=rf"a\.txt has {count} lines, its source has 3"):
        check_recording(folder, corpus(1, 3))


def record(folder: Path, lines: dict[str, list[str]], identity: EngineIdentity = IDENTITY, **notes: object) -> None:
    given = {ArticleId(article): texts for article, texts in lines.items()}
    write_recording(folder, PAIR, given, identity, "2026-11-23", **notes)  # type: ignore[arg-type]


def test_a_recording_serves_what_was_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "systems" / "apertium"
    record(
        folder,
        {"a": ["one", "", "\ufefftwo\x07\tthree "], "b": ["*Zyx"]},
        notes={"a": {1: {"unknown_words": 0}, 3: {"unknown_words": 0}}, "b": {1: {"unknown_words": 2}}},
    )
    got = answers(folder, request("b", 1, 1), request("a", 1, 1), request("a", 2, 3))
    assert got == [
        Translated("*Zyx", notes={"unknown_words": 2}),
        Translated("one", notes={"unknown_words": 0}),
        Translated("\ufefftwo\x07\tthree ", notes={"unknown_words": 0}),
    ]
    assert origin(folder / "de-en") == "recorded 2026-11-23, apertium 3.8.3"
    assert sorted(path.name for path in (folder / "de-en").iterdir()) == [
        "a.txt",
        "b.txt",
        "notes.tsv",
        "recorded.toml",
    ]


def test_recording_part_of_the_articles_again_keeps_the_notes_of_the_others(folder: Path) -> None:
    record(folder, {"a": ["one"], "b": ["two"]}, notes={"a": {1: {"unknown_words": 1}}, "b": {1: {"unknown_words": 2}}})
    record(folder, {"a": ["uno"]}, notes={"a": {1: {"unknown_words": 3}}})
    got = answers(folder, request("a", 1, 1), request("b", 1, 1))
    assert got == [Translated("uno", notes={"unknown_words": 3}), Translated("two", notes={"unknown_words": 2})]


def test_a_recording_never_mixes_two_versions(folder: Path) -> None:
    record(folder, {"a": ["one"], "b": ["two"]})
    newer = EngineIdentity("apertium", "3.9", IDENTITY.options)
    with pytest.raises(UsageError, match=r"two engines or versions: b\.txt"):
        record(folder, {"a": ["uno"]}, newer)
    assert (folder / "de-en" / "a.txt").read_text() == "one\n"
    record(folder, {"a": ["uno"], "b": ["dos"]}, newer)
    assert origin(folder / "de-en") == "recorded 2026-11-23, apertium 3.9"


@pytest.mark.parametrize("text", ["two\nlines", "two\u2028lines", "end\r"])
def test_what_cannot_be_kept_as_a_line_is_refused_and_nothing_is_written(folder: Path, text: str) -> None:
    record(folder, {"a": ["one"]})
    with pytest.raises(DataError, match=r"de-en/b\.txt"):
        record(folder, {"a": ["uno"], "b": [text]})
    assert sorted(path.name for path in (folder / "de-en").iterdir()) == ["a.txt", "recorded.toml"]
    assert (folder / "de-en" / "a.txt").read_text() == "one\n"


def test_origin_without_and_with_a_wrong_about_file(folder: Path) -> None:
    assert origin(folder / "de-en") == "recorded"
    (folder / "de-en" / "recorded.toml").write_text('engin = "x"\ndate = "2026-01-02"\n')
    with pytest.raises(ConfigError, match="unknown key 'engin'"):
        origin(folder / "de-en")


def test_broken_notes_are_an_error_with_file_and_line(folder: Path) -> None:
    put(folder, "a", "one\n")
    (folder / "de-en" / "notes.tsv").write_text("article\tline\tunknown_words\na\t1\tmany\n")
    with pytest.raises(BadOutput, match=r"notes\.tsv:2"):
        answers(folder, request("a", 1, 1))
