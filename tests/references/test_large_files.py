"""Memories of any size are read in memory that grows with the number of their units, not with their texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MIB = 2**20
SIZE = 48 * MIB
MOST = 1.2
"""Bytes of memory for each byte of the file; texts in memory take about three, a tree of the elements about ten."""

CHILD = """
import resource, sys, time
from pathlib import Path
from harness.corpus.importers.reading import read_files
from harness.corpus.importers.model import Request
from harness.types import LangPair

small, large = map(Path, sys.argv[1:])
read_files(Request((small,), LangPair("en", "de")))
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
imported = read_files(Request((large,), LangPair("en", "de"), article_from="tuid-prefix"))
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(sum(len(p) for a in imported.articles for p in a.paragraphs), grown, time.process_time() - start)
"""


def write_memory(path: Path, size: int) -> int:
    """A memory of about so many bytes; how many units it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header srclang="en"/><body>\n')
        while file.tell() < size:
            text = " ".join(f"word{(count * step) % 997}" for step in range(1, 16))
            file.write(
                f'<tu tuid="d{count // 40}:{count}" creationdate="20240101T000000Z" creationid="me" usagecount="0">'
                f'<prop type="x-context">{count}, {count + 1}</prop><tuv xml:lang="en-US"><seg>{text} '
                f'<bpt i="1">&lt;b&gt;</bpt>{count}<ept i="1">&lt;/b&gt;</ept></seg></tuv>'
                f'<tuv xml:lang="de-DE"><seg>{text} {count}</seg></tuv></tu>\n'
            )
            count += 1
        file.write("</body></tmx>\n")
    return count


@pytest.mark.slow
def test_a_large_memory_needs_little_memory(tmp_path: Path) -> None:
    write_memory(tmp_path / "small.tmx", 100_000)
    units = write_memory(tmp_path / "large.tmx", SIZE)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "small.tmx"), str(tmp_path / "large.tmx")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    segments, grown, seconds = done.stdout.split()
    assert int(segments) == units > 50_000
    assert int(grown) < MOST * SIZE, f"{int(grown) / MIB:.0f} MiB for {SIZE / MIB:.0f} MiB, {float(seconds):.0f} s"
