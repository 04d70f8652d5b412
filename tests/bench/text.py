"""Text to measure on when none is given: made-up words, with the repetitions and shifts that cost TER its time."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = 4000
SHORTEST, LONGEST = 6, 42
SHORT_TEXT = 2000


def read_segments(path: Path) -> list[str]:
    """The lines of a file."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def write_texts(folder: Path, systems: int, segments: int, seed: int = 1) -> tuple[Path, list[Path]]:
    """Write a reference and the outputs of systems of falling quality; the same arguments give the same files."""
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkqjxz"
    words = ["".join(rng.choices(letters, weights=range(26, 0, -1), k=rng.randint(1, 9))) for _ in range(WORDS)]
    weights = [1 / (rank + 3) for rank in range(WORDS)]
    references = [rng.choices(words, weights, k=rng.randint(SHORTEST, LONGEST)) for _ in range(segments)]
    reference = folder / "reference.txt"
    _write(reference, references)
    outputs = []
    for system in range(systems):
        path = folder / f"system{system:02}.txt"
        _write(path, [_disturb(rng, text, words, 0.15 + 0.01 * system) for text in references])
        outputs.append(path)
    return reference, outputs


def write_long_texts(folder: Path, systems: int, segments: int) -> tuple[Path, list[Path]]:
    """The same for very many segments: a short text over and over, every line made different by its number."""
    short = folder / "short"
    short.mkdir()
    reference, outputs = write_texts(short, systems, min(segments, SHORT_TEXT))
    made = []
    for path in (reference, *outputs):
        lines = path.read_text(encoding="utf-8").splitlines()
        with (folder / path.name).open("w", encoding="utf-8") as stream:
            stream.writelines(f"{lines[number % len(lines)]} {number}\n" for number in range(segments))
        made.append(folder / path.name)
    return made[0], made[1:]


def _disturb(rng: random.Random, text: list[str], words: list[str], share: float) -> list[str]:
    """Replace, drop and move words."""
    made = [rng.choice(words) if rng.random() < share else word for word in text if rng.random() > share / 3]
    if len(made) > 4 and rng.random() < 0.7:
        start = rng.randrange(len(made) - 2)
        piece = made[start : start + rng.randint(1, 3)]
        del made[start : start + len(piece)]
        place = rng.randrange(len(made) + 1)
        made[place:place] = piece
    return made


def _write(path: Path, texts: list[list[str]]) -> None:
    path.write_text("".join(f"{' '.join(text).capitalize()}.\n" for text in texts), encoding="utf-8")
