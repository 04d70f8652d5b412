"""Which texts of a test set are in other data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.corpus.lint import overlap
from harness.corpus.lint.overlap import check_overlap
from harness.errors import DataError
from tests.cli.conftest import Shell, harness
from tests.references.articles import make_corpus

__all__ = ["harness"]

LONG = "Am Montag beschloss der Stadtrat nach langer Debatte, die alte Brücke am Hafen zu sanieren."
LONG_EN = "On Monday the council decided after a long debate to repair the old bridge at the harbour."
SHORT = "Der Hafen bleibt geschlossen."
SHORT_EN = "The harbour remains closed."
CORPUS = make_corpus({"news": [(LONG, LONG_EN), (SHORT, SHORT_EN), ("Der Hafen", "The harbour")]})


def overlaps(path: Path) -> list[tuple[str, str]]:
    return [(item.where, item.what.replace(str(path), path.name)) for item in check_overlap([CORPUS], path)]


def test_equal_lines_and_runs_of_words_are_found_on_each_side(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text(f"x\nder  hafen bleibt geschlossen\tno\nIt is said: {LONG_EN} So be it.\n", encoding="utf-8")
    extent = "of at least 4 words are also in train.txt: scores of systems that know it say little"
    assert overlaps(path) == [
        ("de-en", f"1 of 42 references {extent}"),
        ("de-en", f"1 of 42 sources {extent}"),
        ("de-en/news.en.txt:1", "this reference is in train.txt, too: 100% of its runs of 8 words"),
        ("de-en/news.de.txt:2", "this source is also at train.txt:2"),
    ]


def test_runs_are_gathered_from_the_whole_file_and_seven_in_ten_are_enough(tmp_path: Path) -> None:
    words = LONG_EN.split()
    path = tmp_path / "train.txt"
    runs = len(words) - 7
    for kept, expected in ((7, 1), (6, 0)):
        assert (kept / runs >= 0.7) == bool(expected)
        path.write_text("\n".join(" ".join(words[at : at + 8]) for at in range(kept)), encoding="utf-8")
        assert len(overlaps(path)) == 2 * expected


def test_short_texts_must_be_equal_and_phrases_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text(f"Man sagt: {SHORT}\nDer Hafen\nThe harbour\n", encoding="utf-8")
    assert overlaps(path) == []


def test_memories_are_read_by_their_segments(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    text = SHORT_EN.replace("remains", "<bpt i='1'>&lt;b></bpt>remains<ept i='1'>&lt;/b></ept>")
    path.write_text(
        f'<tmx version="1.4"><header/><body>\n<tu><tuv xml:lang="en"><seg>{text}</seg></tuv></tu></body></tmx>',
        encoding="utf-8",
    )
    assert overlaps(path)[1] == ("de-en/news.en.txt:2", "this reference is also at memory.tmx:2")


def test_scripts_without_spaces_are_compared_by_character(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("（前文）市議会は月曜日に古い橋の修理を決めた。次の文。\n", encoding="utf-8")
    corpus = make_corpus({"news": [("市議会は月曜日に古い橋の修理を決めた", "x")]})
    assert [item.where for item in check_overlap([corpus], path)] == ["de-en", "de-en/news.de.txt:1"]


def test_a_line_of_any_length_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "LONGEST_LINE", 200)
    path = tmp_path / "train.txt"
    path.write_text(f"{'é' * 200}{LONG_EN}{' y' * 500}\n{SHORT}\n", encoding="utf-8")
    assert [where for where, _ in overlaps(path)[2:]] == ["de-en/news.en.txt:1", "de-en/news.de.txt:2"]
    assert overlaps(path)[-1][1].endswith("train.txt:2")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a\n\xff\n", "not UTF-8"), (b"a\nb\0\n", "train.txt:2: not a text file"), (b"<xliff></xliff>", "<xliff>")],
)
def test_what_is_neither_text_nor_tmx_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        overlaps(path)
    assert error.value.hint.startswith("convert it")


def test_lint_shows_them_where_they_are(tmp_path: Path, harness: Shell) -> None:
    folder = tmp_path / "references" / "de-en"
    folder.mkdir(parents=True)
    (folder / "news.de.txt").write_text(f"{LONG}\n{SHORT}\n", encoding="utf-8")
    (folder / "news.en.txt").write_text(f"{LONG_EN}\n{SHORT_EN}\n", encoding="utf-8")
    (tmp_path / "tm.txt").write_text(f"{SHORT_EN}\n", encoding="utf-8")
    command = ["lint", "-C", str(tmp_path), "--overlap", str(tmp_path / "tm.txt"), "--format", "json"]
    done = harness(*command)
    findings = [item for item in json.loads(done.out) if item["check"] == "overlap"]
    assert [line for line in done.err.splitlines() if line.startswith("overlap: ")][-1].startswith("overlap: 1/1")
    assert [item["where"] for item in findings] == ["de-en", "de-en/news.en.txt:2"]
    assert {item["severity"] for item in findings} == {"warning"}
