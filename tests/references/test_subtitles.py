"""SRT and VTT: cues, tags, times, encodings, and which cue of a translation belongs to which."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import read_files
from harness.errors import DataError
from harness.types import LangPair

PAIR = LangPair("de", "en")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def srt(*cues: tuple[float, float, str]) -> str:
    def clock(seconds: float) -> str:
        return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}".replace(".", ",")

    blocks = (f"{n}\n{clock(a)} --> {clock(b)}\n{text}\n" for n, (a, b, text) in enumerate(cues, start=1))
    return "\n".join(blocks)


def load(*files: Path) -> Imported:
    return read_files(Request(files, PAIR))


def texts(imported: Imported) -> list[tuple[str, str]]:
    (article,) = imported.articles
    return [(s.source, s.references.get(1, "")) for p in article.paragraphs for s in p]


TIME = "00:00:01,000 --> 00:00:02,000"
VTT = """WEBVTT - Titel

NOTE a --> b
nein

STYLE
::cue {}

intro
00:01.000 --> 00:02.000 align:left
<v Anna>Eins &amp; <c.x>zwei</c></v>

01:00:03.000 --> 01:00:04.000
<00:03.500>Drei
"""

CUES = {
    "two lines": (f"1\n{TIME}\nEins\nzwei\n", ["Eins zwei"]),
    "tags": (f'1\n{TIME}\n<i>Eins</i> {{\\an8}}<font color="#fff">zwei</font>\n', ["Eins zwei"]),
    "positions": (f"1\n{TIME} X1:100 Y1:2\nEins\n", ["Eins"]),
    "Windows and old Mac line ends": (f"1\r\n{TIME}\r\nEins\r\n\r\n2\r{TIME}\rZwei\r", ["Eins", "Zwei"]),
    "no empty line between": (f"1\n{TIME}\nEins\n2\n{TIME}\nZwei", ["Eins", "Zwei"]),
    "several empty lines": (f"\n\n1\n{TIME}\nEins\n\n\n\n2\n{TIME}\nZwei\n\n\n", ["Eins", "Zwei"]),
    "no numbers": (f"{TIME}\nEins\n\n{TIME}\nZwei\n", ["Eins", "Zwei"]),
    "a number as text": (f"1\n{TIME}\n42\n\n2\n{TIME}\nZwei\n", ["42", "Zwei"]),
    "an empty cue": (f"1\n{TIME}\n\n2\n{TIME}\nZwei\n", ["Zwei"]),
    "angle brackets in text": (f"1\n{TIME}\n1 < 2 & 3 > 2\n", ["1 < 2 & 3 > 2"]),
    "a point in the time": ("1\n0:00:01.5 --> 0:00:02.0\nEins\n", ["Eins"]),
    "VTT": (VTT, ["Eins & zwei", "Drei"]),
}


@pytest.mark.parametrize("name", CUES)
def test_cues(name: str, tmp_path: Path) -> None:
    text, expected = CUES[name]
    assert [source for source, _ in texts(load(write(tmp_path / "film.srt", text)))] == expected


def test_cues_are_paired_by_number_where_they_are_shown_at_the_same_time(tmp_path: Path) -> None:
    source = write(tmp_path / "film.de.srt", srt((1, 3, "Eins"), (4, 6, "Zwei")))
    target = write(tmp_path / "film.en.srt", srt((1.2, 3.1, "One"), (4.1, 6, "Two")))
    imported = load(source, target)
    assert (imported.articles[0].id, texts(imported)) == ("film", [("Eins", "One"), ("Zwei", "Two")])
    assert dict(imported.articles[0].paragraphs[0][1].meta) == {"id": "2", "time": "00:00:04.000 --> 00:00:06.000"}
    assert not imported.notes


def test_subtitles_of_several_films_are_paired_by_their_names(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"{film}.{language}.srt", srt((1, 3, f"{film} {language}")))
        for film in ("a", "b")
        for language in ("en", "de")
    ]
    articles = {a.id: a.paragraphs[0][0] for a in load(*files).articles}
    assert {name: (s.source, dict(s.references)) for name, s in articles.items()} == {
        "a": ("a de", {1: "a en"}),
        "b": ("b de", {1: "b en"}),
    }


def test_cues_are_paired_by_time_where_the_numbers_differ(tmp_path: Path) -> None:
    source = write(tmp_path / "a.srt", srt((1, 3, "Eins"), (4, 6, "Zwei"), (7, 9, "Drei"), (10, 11, "Vier")))
    cues = ((0, 0.5, "Title"), (1, 3, "One"), (4, 5.2, "Two"), (5.2, 6.5, "and"), (7, 9, "Three"))
    imported = load(source, write(tmp_path / "b.srt", srt(*cues)))
    assert texts(imported) == [("Eins", "One"), ("Zwei", "Two and"), ("Drei", "Three"), ("Vier", "")]
    assert [note.what for note in imported.notes] == [
        "cues without a partner in b.srt, so without a reference: 1",
        "cues joined, because they translate one of a.srt: 2",
        "cues without a partner in a.srt, left out: 1",
    ]


def test_a_cue_that_translates_two_is_a_reference_of_neither(tmp_path: Path) -> None:
    source = write(tmp_path / "a.srt", srt((1, 3, "Eins,"), (3.1, 5, "zwei."), (6, 8, "Drei"), (9, 10, "Vier")))
    target = write(tmp_path / "b.srt", srt((1, 5, "One, two."), (6, 8, "Three"), (9, 10, "Four")))
    imported = load(source, target)
    assert texts(imported) == [("Eins,", ""), ("zwei.", ""), ("Drei", "Three"), ("Vier", "Four")]
    assert [note.what for note in imported.notes] == [
        "cues without a partner in b.srt, so without a reference: 2",
        "cues that translate several of a.srt, left out: 1",
    ]


def test_a_cue_that_spans_the_film_takes_neither_time_nor_partners(tmp_path: Path) -> None:
    count = 4_000
    film = (0, 2 * count, "Sender")
    cues = [(2 * n, 2 * n + 1.5, f"S{n}") for n in range(count)]
    source = write(tmp_path / "a.srt", srt(film, *cues))
    target = write(tmp_path / "b.srt", srt(film, (0, 0.1, "Title"), *((a, b, f"T{text}") for a, b, text in cues)))
    started = time.process_time()
    imported = load(source, target)
    assert time.process_time() - started < 4
    assert [reference for _, reference in texts(imported)][2:] == [f"TS{n}" for n in range(1, count)]


def test_cues_that_all_last_to_the_end_take_no_time(tmp_path: Path) -> None:
    cues = [(n / 10, 1_000, f"S{n}") for n in range(4_000)]
    source = write(tmp_path / "a.srt", srt(*cues))
    started = time.process_time()
    load(source, write(tmp_path / "b.srt", srt((0, 0.01, "Title"), *cues)))
    assert time.process_time() - started < 4


def test_subtitles_of_another_film_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.srt", srt((1, 3, "Eins"), (4, 6, "Zwei")))
    target = write(tmp_path / "b.srt", srt((101, 103, "One"), (104, 106, "Two")))
    with pytest.raises(DataError, match="only 0 are shown at the same time"):
        load(source, target)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.srt", srt((1, 2, "Größe")), encoding)
    assert texts(load(path)) == [("Größe", "")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (srt((1, 2, "Größe")).encode("latin-1"), "byte 35: not UTF-8"),
        (b"1\n00:00:01,000 --> 00:02\nEins\n", "a.srt:2, unit '1': not a time"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\n", "no cue with text"),
        (b"WEBVTT\n", "no cue with text"),
        (b"1\n00:00:01,000 --> 00:00:02,000\na\x07\n", "a.srt:2, unit '1': character 2"),
    ],
)
def test_what_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        load(path)
