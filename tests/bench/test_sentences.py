"""The benchmark of sentences left out and added, on a made-up set."""

from __future__ import annotations

from pathlib import Path

from harness.types import LangPair
from tests.bench.sentences import joined, measure
from tests.cli.conftest import Shell

PAIR = LangPair("en", "de")
SENTENCES = [
    (
        "The council met in the town hall of {name} on Monday evening.",
        "Der Rat tagte am Montagabend im Rathaus von {name}.",
    ),
    (
        "Nobody from {name} wanted to close the old bridge again.",
        "Niemand aus {name} wollte die alte Brücke wieder sperren.",
    ),
    (
        "It had cost {n} million euros and stood for {n} years.",
        "Sie hatte {n} Millionen Euro gekostet und stand seit {n} Jahren.",
    ),
]
NAMES = ("Kassel", "Bremen", "Potsdam", "Weimar", "Lübeck")


def texts(side: int, segments: int = 30) -> list[str]:
    return [
        " ".join(pair[side].format(name=NAMES[row % 5] + str(row), n=row + 11) for pair in SENTENCES)
        for row in range(segments)
    ]


def test_sentences_are_planted_and_found() -> None:
    rates = measure(PAIR, texts(0), texts(1), None)
    assert rates.segments == 30
    assert rates.left_out.planted["all"] == rates.added.planted["all"] == 30
    assert rates.left_out.found["all"] >= 28
    assert rates.flagged == {"omission": 0, "addition": 0}
    # Nothing is planted in segments of one sentence.
    assert measure(PAIR, ["One."] * 30, ["Eins."] * 30, None).segments == 0


def test_neighbours_of_a_document_are_joined() -> None:
    lines = [f"Satz {number}." for number in range(7)]
    assert [*joined(lines, list("aaaabbb"), "de", lines)] == ["Satz 0. Satz 1.", "Satz 2. Satz 3.", "Satz 4. Satz 5."]
    assert [*joined(lines, list("aaaabbb"), "de", ["heading", *lines[1:]])] == ["Satz 2. Satz 3.", "Satz 4. Satz 5."]


def test_the_command_prints_a_line(bench: Shell, tmp_path: Path) -> None:
    files = [tmp_path / "source.txt", tmp_path / "system.txt"]
    for side, path in enumerate(files):
        path.write_text("\n".join(texts(side)) + "\n", encoding="utf-8")
    done = bench(
        "sentences", "--source", files[0], "--hypothesis", files[1], "--pair", "en-de", "--reference", files[1]
    )
    assert done.code == 0
    assert done.out.splitlines()[2].startswith("| system | 30 | ")
    files[1].write_text("Eins.\n", encoding="utf-8")
    assert bench("sentences", "--source", files[0], "--hypothesis", files[1], "--pair", "en-de").code == 2
