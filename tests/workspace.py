"""Small real workspaces for tests of the whole way."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

COUNTING = """
import sys, time
ledger, delay = sys.argv[1], float(sys.argv[2])
for line in sys.stdin:
    with open(ledger, "a", encoding="utf-8") as stream:
        stream.write(line)
    time.sleep(delay)
    print(line.rstrip("\\n").upper(), flush=True)
"""


def write_article(root: Path, name: str, rows: list[tuple[str, str]], pair: str = "de-en") -> None:
    """Write one article; an empty pair of strings is a paragraph break, an empty reference means there is none."""
    folder = root / "references" / pair
    folder.mkdir(parents=True, exist_ok=True)
    source, target = pair.split("-")
    (folder / f"{name}.{source}.txt").write_text("".join(f"{row[0]}\n" for row in rows), encoding="utf-8")
    (folder / f"{name}.{target}.txt").write_text("".join(f"{row[1]}\n" for row in rows), encoding="utf-8")


def write_system(root: Path, name: str, text: str) -> None:
    """Write one system file."""
    (root / "systems").mkdir(parents=True, exist_ok=True)
    (root / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")


def counting_system(root: Path, *, delay: float = 0.0, max_segments: int = 3, concurrency: int = 2) -> Path:
    """A program that writes down every line it is asked to translate; returns that ledger."""
    program = root / "counting.py"
    program.write_text(COUNTING, encoding="utf-8")
    ledger = root / "ledger.txt"
    argv = json.dumps([sys.executable, str(program), str(ledger), str(delay)])
    limits = f"[limits]\nmax_segments = {max_segments}\nconcurrency = {concurrency}\n"
    write_system(root, "counting", f'engine = "command"\n[options]\nargv = {argv}\nmode = "batch"\n{limits}')
    return ledger


def asked(ledger: Path) -> list[str]:
    """What the counting system was asked so far."""
    return ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []


def settled(ledger: Path, seconds: float) -> list[str]:
    """What the counting system was asked once nothing more has come for so long."""
    lines = asked(ledger)
    while True:
        time.sleep(seconds)
        if len(now := asked(ledger)) == len(lines):
            return now
        lines = now


def small_workspace(root: Path, articles: int = 4, segments: int = 15) -> None:
    """Articles whose segments are all different."""
    for article in range(articles):
        rows = [
            (f"Satz {number} von Artikel {article}.", f"Sentence {number} of article {article}.")
            for number in range(segments)
        ]
        write_article(root, f"article-{article}", rows)
