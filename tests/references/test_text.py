"""Every rule about characters, lines and files, for native and for bare files."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus import text
from harness.corpus.text import LINE_BREAKS, MAX_LINE_CHARACTERS, TextFile, check_text, is_blank, read_lines
from harness.errors import DataError
from harness.reports.words.reasons import noted


def put(folder: Path, content: bytes) -> Path:
    path = folder / "a.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"one\ntwo\n", ("one", "two")),
        (b"one\ntwo", ("one", "two")),
        (b"one\n\n", ("one", "")),
        (b"\n", ("",)),
        (b"  one\t \n", ("  one\t ",)),
        ("e\u0301\u00a0x\n".encode(), ("e\u0301\u00a0x",)),
    ],
)
def test_lines_are_kept_as_written(tmp_path: Path, content: bytes, lines: tuple[str, ...]) -> None:
    file = read_lines(put(tmp_path, content))
    assert file.lines == lines
    assert file.notes == ()


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_lines(tmp_path / "absent.txt")
    with pytest.raises(DataError, match="is a folder"):
        read_lines(tmp_path)
    with pytest.raises(DataError, match="the file is empty"):
        read_lines(put(tmp_path, b""))


def test_invalid_utf8_names_line_and_byte(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt:2: byte 3 of the line \(0xE9\): not UTF-8") as caught:
        read_lines(put(tmp_path, b"fine\nca\xe9\n"))
    assert "iconv" in caught.value.hint


def test_utf16_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="UTF-16"):
        read_lines(put(tmp_path, "text\n".encode("utf-16")))


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("character", ["\x00", *LINE_BREAKS])
def test_what_other_tools_take_for_a_line_break_is_refused_everywhere(
    tmp_path: Path, character: str, bare: bool
) -> None:
    path = put(tmp_path, f"one\nab{character}c\n".encode())
    with pytest.raises(DataError, match=rf"a\.txt:2: column 3: .*U\+{ord(character):04X}"):
        read_lines(path, bom="keep" if bare else "refuse", controls="keep" if bare else "refuse")


@pytest.mark.parametrize("character", ["\x07", "\x1f", "\x7f", "\x9f"])
def test_other_control_characters_are_refused_or_kept_with_a_note(tmp_path: Path, character: str) -> None:
    path = put(tmp_path, f"one\na{character}b{character}\n".encode())
    with pytest.raises(DataError, match=r"a\.txt:2: column 2: control character"):
        read_lines(path)
    file = read_lines(path, controls="keep")
    assert file.lines[1] == f"a{character}b{character}"
    assert [noted(note) for note in file.notes] == [
        f"{path}:2: control characters kept: 2; the first is U+{ord(character):04X}"
    ]


def test_a_byte_order_mark_is_refused_kept_or_dropped(tmp_path: Path) -> None:
    path = put(tmp_path, b"\xef\xbb\xbfone\n")
    with pytest.raises(DataError, match=r"a\.txt:1: column 1: byte order mark") as caught:
        read_lines(path)
    assert "harness import" in caught.value.hint
    kept, dropped = read_lines(path, bom="keep"), read_lines(path, bom="drop")
    assert (kept.lines, dropped.lines) == (("\ufeffone",), ("one",))
    assert "kept" in kept.notes[0].what
    assert "removed" in dropped.notes[0].what


def test_a_byte_order_mark_inside_the_text_is_text(tmp_path: Path) -> None:
    assert read_lines(put(tmp_path, "a\ufeffb\n".encode())).lines == ("a\ufeffb",)
    later = put(tmp_path, "a\n\ufeffb\n".encode())
    for rule in ("refuse", "keep", "drop"):
        assert read_lines(later, bom=rule).lines == ("a", "\ufeffb")


def test_crlf_is_refused_or_read_with_a_note_and_a_lone_cr_always_refused(tmp_path: Path) -> None:
    path = put(tmp_path, b"one\r\ntwo\r\n")
    with pytest.raises(DataError, match=r"a\.txt:1: column 4: carriage return"):
        read_lines(path)
    file = read_lines(path, crlf="convert")
    assert file.lines == ("one", "two")
    assert "2 lines" in file.notes[0].what
    with pytest.raises(DataError, match="carriage return"):
        read_lines(put(tmp_path, b"on\re\r\n"), crlf="convert")


@pytest.mark.parametrize("letter", ["x", "é", "字", "𝄞"])
def test_the_longest_line_is_counted_in_characters(tmp_path: Path, letter: str) -> None:
    longest = letter * MAX_LINE_CHARACTERS
    assert read_lines(put(tmp_path, longest.encode())).lines == (longest,)
    with pytest.raises(DataError, match=r"a\.txt:1: the line is longer than 100,000"):
        read_lines(put(tmp_path, (longest + letter).encode()))


def test_a_line_far_too_long_is_refused_without_being_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt:2: the line is longer"):
        read_lines(put(tmp_path, b"short\n" + b"x" * 5_000_000))
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # a hole, which takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"huge\.txt:1: the line is longer"):
            read_lines(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@given(st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))), min_size=1, max_size=5))
def test_any_text_comes_back_unchanged(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = put(tmp_path_factory.mktemp("any"), ("\n".join(lines) + "\n").encode())
    assert read_lines(path, bom="keep").lines == tuple(lines)


PIECES = (
    *(b"a", "Ž".encode(), b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x1f", b"\x7f", b"\xff"),
    "\x85\xa0\u2028\ufeff".encode(),
)


@given(st.lists(st.sampled_from((*PIECES, *PIECES[:3] * 4)), max_size=6), st.sampled_from(("refuse", "keep")))
def test_a_file_is_the_same_whether_looked_at_as_a_whole_or_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], rule: Literal["refuse", "keep"]
) -> None:
    path = put(tmp_path_factory.mktemp("any"), b"".join(pieces))

    def read() -> TextFile | str:
        try:
            return read_lines(path, bom=rule, controls=rule, longest=3)
        except DataError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "AT_ONCE", 0)
        one_by_one = read()
    assert read() == one_by_one


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb", "line break inside a segment"),
        ("a\u2028b", "U\\+2028"),
        ("a\ud800", "surrogate"),
        (" \u00a0", "only white space"),
        ("x" * (MAX_LINE_CHARACTERS + 1), "100,001 characters"),
    ],
)
def test_texts_from_elsewhere_are_held_to_the_same_rules(text: str, message: str) -> None:
    with pytest.raises(DataError, match=f"here:1: .*{message}"):
        check_text(text, "here:1")


@pytest.mark.parametrize(
    ("text", "blank"),
    [("", True), (" \t\u3000", True), ("\u200b", True), ("\ufeff ", True), (".", False), ("\u200ba", False)],
)
def test_blank_is_what_cannot_be_seen(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
