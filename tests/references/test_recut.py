"""Outputs that merged or split segments, cut along the references."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import api
from harness.api.outputs import import_outputs
from harness.corpus import recut as module
from harness.corpus.bare import corpus_from_files, hypotheses_from_file
from harness.corpus.importers.model import Request
from harness.corpus.recut import recut
from harness.engines.load import load_system
from harness.errors import DataError
from harness.types import LangPair
from tests.references.articles import write_lines

REFERENCES = [
    "The bridge of Altenburg",
    "The bridge over the Elbe was built in 1897.",
    'The architect, Johann Weber, said: "It will stand." He died in 1896.',
    "Why did it take so long?",
    "Today 12,000 cars cross it every day.",
]
OUTPUTS = [
    "Altenburg Bridge",
    "The bridge across the Elbe was constructed in 1897.",
    'Architect Johann Weber said: "It is going to stand." He passed away in 1896.',
    "Why was it taking such a long time?",
    "12,000 cars are driving over it daily today.",
]


def test_an_article_in_one_piece_is_cut_where_its_references_are() -> None:
    assert recut(" ".join(OUTPUTS), REFERENCES) == tuple(OUTPUTS)


def test_lines_that_merge_and_split_sentences_are_cut_too() -> None:
    text = "\n".join([f"{OUTPUTS[0]} {OUTPUTS[1]}", *OUTPUTS[2].split(" He "), " ".join(OUTPUTS[3:])])
    assert recut(text, REFERENCES)[1] == OUTPUTS[1]
    assert recut(text, REFERENCES)[3:] == tuple(OUTPUTS[3:])


def test_what_an_output_left_out_is_an_empty_piece() -> None:
    assert recut(" ".join([*OUTPUTS[:3], OUTPUTS[4]]), REFERENCES) == (*OUTPUTS[:3], "", OUTPUTS[4])


def test_characters_are_compared_where_there_are_no_spaces() -> None:
    references = ["エルベ川の橋は1897年に建てられた。", "建築家はヨハン・ウェーバーだった。", "「なぜ遅れたのか。」"]
    outputs = ["1897年、エルベ川に橋が架けられた。", "設計者はヨハン・ウェーバーである。", "「なぜ遅れたのですか。」"]
    assert recut("".join(outputs), references) == tuple(outputs)


def test_no_word_is_cut_in_two() -> None:
    pieces = recut("don't mother-in-law's U.S.-based", ["don", "mother", "based"])
    assert [word for piece in pieces for word in piece.split()] == ["don't", "mother-in-law's", "U.S.-based"]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_cut_into_nothing(text: str) -> None:
    assert recut(text, REFERENCES) == ("",) * 5


@given(
    st.text(alphabet="ab A.!\"'東。\n", max_size=50),
    st.lists(st.text(alphabet="ab A.東。", max_size=12), min_size=1, max_size=6),
)
def test_no_character_is_lost(text: str, references: list[str]) -> None:
    pieces = recut(text, references)
    assert len(pieces) == len(references)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_memory_grows_with_the_length_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 200)
    rng = random.Random(5)
    words = [f"w{number}" for number in range(300)]
    lines = [" ".join(rng.choices(words, k=25)) + "." for _ in range(100)]
    tracemalloc.start()
    assert recut(" ".join(lines), lines) == tuple(lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000  # all of 2,600 by 2,600 would be 27 MB


def test_a_long_text_is_cut_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SEGMENTS", 8)
    rng = random.Random(2)
    words = [f"w{number}" for number in range(90)]
    lines = [f"{' '.join(rng.choices(words, k=rng.randint(3, 12)))}." for _ in range(60)]
    assert recut(" ".join(lines), lines) == tuple(lines)


def test_score_cuts_an_output_that_has_other_lines_and_says_so(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s", *(f"Zeile {number}." for number in range(5)))
    reference = write_lines(tmp_path / "r", *REFERENCES)
    whole = write_lines(tmp_path / "whole", *OUTPUTS)
    merged = write_lines(tmp_path / "merged", " ".join(OUTPUTS[:2]), " ".join(OUTPUTS[2:]))
    files = {"whole": whole, "merged": merged}
    with pytest.raises(DataError, match="merged has 2 lines") as caught:
        api.score(source=source, references=[reference], hypotheses=files, pair="de-en", checks=False)
    assert "--recut" in caught.value.hint
    run = api.score(source=source, references=[reference], hypotheses=files, pair="de-en", checks=False, recut=True)
    by_name = {system.name: system for system in run.pairs[0].systems}
    assert [outcome.text for outcome in by_name["merged"].outcomes] == OUTPUTS
    assert by_name["merged"].origin == "file merged, cut along the references"
    assert by_name["whole"].origin == "file whole"
    (note,) = [note for note in run.pairs[0].notes if "cut into" in note.what]
    assert note.where == str(merged)
    assert note.what.startswith("2 lines cut into 5 segments along the references: corpus scores count")


def test_where_a_segment_has_no_reference_its_source_stands_in(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s", "Guten Tag, Frau Novak.", "Es war 1897.", "Warum?")
    reference = write_lines(tmp_path / "r", "Good morning, Ms Novak.", "", "Why?")
    corpus, _ = corpus_from_files(LangPair("de", "en"), source, [reference], None)
    output = write_lines(tmp_path / "h", "Hello, Ms Novak. It was 1897. Why that?")
    assert hypotheses_from_file(output, corpus, recut=True).texts == ("Hello, Ms Novak.", "It was 1897.", "Why that?")


def test_a_file_with_a_line_for_every_segment_is_never_cut(tmp_path: Path) -> None:
    """Its lines stay where they are, even where a sentence would fit another segment better."""
    source = write_lines(tmp_path / "s", "Guten Tag, Frau Novak.", "Es war 1897.")
    reference = write_lines(tmp_path / "r", "Good morning, Ms Novak.", "It was 1897.")
    corpus, _ = corpus_from_files(LangPair("de", "en"), source, [reference], None)
    lines = ("Good morning, Ms Novak. It was", "1897.")
    output = hypotheses_from_file(write_lines(tmp_path / "h", *lines), corpus, recut=True)
    assert (output.texts, output.recut) == (lines, False)


def test_imported_outputs_are_cut_and_the_recording_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "references" / "de-en"
    write_lines(folder / "bridge.de.txt", *(f"Zeile {number}." for number in range(5)))
    write_lines(folder / "bridge.en.txt", *REFERENCES)
    request = Request((write_lines(tmp_path / "bridge.txt", " ".join(OUTPUTS)),), LangPair("de", "en"))
    with pytest.raises(DataError, match="1 line, but 'bridge' has 5 segments") as caught:
        import_outputs(tmp_path, "Merger", request)
    assert "--recut" in caught.value.hint
    result = import_outputs(tmp_path, "Merger", request, recut=True)
    assert (result.folder / "bridge.txt").read_text(encoding="utf-8").split("\n")[:-1] == OUTPUTS
    recorded = load_system(tmp_path / "systems" / "Merger.toml").resolve(LangPair("de", "en"))
    assert recorded.origin.endswith(", Merger, cut along the references")
