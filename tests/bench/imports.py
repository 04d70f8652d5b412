"""What the import of large files takes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Cost, in_process
from tests.bench.text import WORDS

MEGABYTE = 10**6

TMX = (
    '<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" '
    'adminlang="en" srclang="de" datatype="plaintext"/><body>\n'
)
TMX_UNIT = (
    '<tu tuid="{number}"><prop type="x-project">news</prop><tuv xml:lang="de"><seg>{source}</seg></tuv>'
    '<tuv xml:lang="en"><seg>{target}</seg></tuv></tu>\n'
)
XLIFF = (
    '<xliff version="1.2"><file original="a" source-language="de" target-language="en" datatype="plaintext"><body>\n'
)
XLIFF_UNIT = '<trans-unit id="{number}"><source>{source}</source><target state="final">{target}</target></trans-unit>\n'
FRAMES = {
    "tmx": (TMX, TMX_UNIT, "</body></tmx>\n"),
    "xlf": (XLIFF, XLIFF_UNIT, "</body></file></xliff>\n"),
}
"""Suffix to what is before the units, a unit, and what is behind them."""


def measure(folder: Path, megabytes: int) -> Iterator[tuple[str, int, Cost]]:
    """The suffix of a file of about this size, its units, and what ``harness import`` took."""
    for suffix in FRAMES:
        file = folder / f"large.{suffix}"
        units = write_file(file, suffix, megabytes * MEGABYTE)
        workspace = folder / suffix
        workspace.mkdir()
        arguments = ["import", "--workspace", str(workspace), "--pair", "de-en", str(file)]
        yield suffix, units, in_process("tests.bench.whole", "command", {"arguments": arguments})


def write_file(path: Path, suffix: str, size: int, seed: int = 1) -> int:
    """Write units of 5 to 28 made-up words until the file has the size; how many they are."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlucmfwyp", k=rng.randint(2, 11))) for _ in range(WORDS)]
    before, unit, behind = FRAMES[suffix]
    number = 0
    with path.open("w", encoding="utf-8") as file:
        written = file.write(before)
        while written < size:
            source, target = (" ".join(rng.choices(words, k=rng.randint(5, 28))) for _ in range(2))
            written += file.write(unit.format(number=number, source=source, target=target))
            number += 1
        file.write(behind)
    return number
