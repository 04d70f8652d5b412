"""What is kept in a file reads like what is kept in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importers import spool
from harness.corpus.importers.model import ImportedSegment, Place, Request
from harness.corpus.importers.reading import read_files
from harness.corpus.importers.spool import Pool, Segments, Spool
from harness.corpus.write import write_articles
from tests.references.articles import DE_EN

UNITS = 9


def test_records_are_read_replaced_and_read_again() -> None:
    records = [("ä", ("\ud800", ""), {"id": str(number)}, None) for number in range(5)]
    made = Spool()
    assert [made.append(record) for record in records] == list(range(5))
    made.replace(2, ("longer than what was there before",))
    made.replace(4, ())
    assert [made.read(number) for number in (4, 2, 0)] == [(), ("longer than what was there before",), records[0]]
    assert len(made) == 5


@pytest.mark.parametrize("room", [0, 1, 3, 4, 100])
def test_segments_are_the_same_wherever_they_are(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", room)
    segments = [
        ImportedSegment(f"s{n}", {1: "a", 3: "b"}, f"f:{n}", Place("f", n, 4) if n else None, {"id": "x"}, {"sys": "o"})
        for n in range(4)
    ]
    pool = Pool()
    first, second = Segments(pool), Segments(pool)
    for segment in segments[:2]:
        first.append(segment)
    for segment in segments[2:]:
        second.append(segment)
    kept = [first.complete(), second.complete()]
    assert [list(one) for one in kept] == [segments[:2], segments[2:]]
    assert [kept[1][0], kept[1][-1], *kept[1][:1]] == [segments[2], segments[3], segments[2]]
    assert (len(kept[0]), all(kept)) == (2, True)
    with pytest.raises(IndexError):
        kept[0][2]


def write_memory(path: Path) -> None:
    """Two articles, one source twice."""
    units = "".join(
        f'<tu tuid="art{number % 2}:{number}"><tuv xml:lang="de"><seg>Satz {number % 8}</seg></tuv>'
        f'<tuv xml:lang="en"><seg>Sentence {number}</seg></tuv></tu>'
        for number in range(UNITS)
    )
    path.write_text(f'<tmx version="1.4"><header srclang="de"/><body>{units}</body></tmx>', encoding="utf-8")


def test_a_memory_is_written_the_same_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lxml")
    write_memory(tmp_path / "memory.tmx")
    written = []
    for room in (100, 2):
        monkeypatch.setattr(spool, "IN_MEMORY", room)
        request = Request((tmp_path / "memory.tmx",), DE_EN, article_from="tuid-prefix")
        folder = tmp_path / str(room)
        paths = write_articles(folder, DE_EN, read_files(request).articles).paths
        written.append({path.name: path.read_bytes() for path in paths})
    assert written[0] == written[1]
    assert written[0]["art0.en.txt"] == b"Sentence 0\nSentence 2\nSentence 4\nSentence 6\n"
    assert written[0]["art0.en.2.txt"] == b"Sentence 8\n\n\n\n"
