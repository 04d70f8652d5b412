"""A stored run in which string metrics prefer the system that people do not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.api import score
from harness.api.files import save_score
from harness.store.runs.directory import load_run
from harness.store.runs.result import Run

ARTICLES, LINES = 6, 5

WORDS = ["the", "small", "house", "stands", "near", "an", "old", "quiet", "river", "where", "people", "often", "walk"]

SYSTEMS = {"literal": 2, "free": 7, "poor": 12}
"""System to how many of the words of the reference it has otherwise."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A workspace with one run."""

    root: Path
    run: Run
    files: Path
    """Where the scored files lie."""

    @property
    def runs(self) -> Path:
        return self.root / "reports" / "runs"


def build(root: Path, articles: int = ARTICLES, lines: int = LINES) -> Scene:
    """Write the files, score them, and keep the run."""
    count = articles * lines
    texts = [[f"{word}{(line * 7 + place) % 5 or ''}" for place, word in enumerate(WORDS)] for line in range(count)]
    (root / "source.txt").write_text("".join(f"Quelle {line} <b>&\n" for line in range(count)), encoding="utf-8")
    (root / "reference.txt").write_text("".join(f"{' '.join(text)}\n" for text in texts), encoding="utf-8")
    (root / "docids.txt").write_text("".join(f"article-{line // lines}\n" for line in range(count)), encoding="utf-8")
    for name, wrong in SYSTEMS.items():
        other = (
            " ".join(f"{name[0]}o{place}" if place < wrong - (line % 3) else word for place, word in enumerate(text))
            for line, text in enumerate(texts)
        )
        (root / f"{name}.txt").write_text("".join(f"{text}\n" for text in other), encoding="utf-8")
    run = score(
        source=root / "source.txt",
        references=[root / "reference.txt"],
        hypotheses={name: root / f"{name}.txt" for name in SYSTEMS},
        pair="de-en",
        docids=root / "docids.txt",
        checks=False,
        seed=1,
    )
    return Scene(root, load_run(save_score(run, root)), root)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The run, to be read only."""
    return build(tmp_path_factory.mktemp("rated"))


@pytest.fixture
def scene(stored: Scene, tmp_path: Path) -> Scene:
    """The same run in a workspace of its own."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "runs").mkdir()
    for folder in stored.runs.iterdir():
        if folder.is_dir():
            target = tmp_path / "reports" / "runs" / folder.name
            target.mkdir()
            for file in folder.iterdir():
                (target / file.name).write_bytes(file.read_bytes())
    return Scene(tmp_path, stored.run, stored.root)


Judge = Callable[[str, random.Random], float]
"""What somebody scores the text of a system; of a damaged copy where the name is empty."""

LIKED = {"free": 85, "literal": 60, "poor": 40, "": 10}
"""What people think of the systems, and of damaged copies."""


def attentive(system: str, draw: random.Random) -> float:
    return LIKED[system] + draw.randint(-8, 8)


def careless(_: str, draw: random.Random) -> float:
    return draw.randint(0, 100)


def manifest_of(folder: Path) -> Any:
    return json.loads((folder / "campaign.json").read_text(encoding="utf-8"))


def fill(folder: Path, rater: str, judge: Judge, seed: int = 1) -> None:
    """Answer everything, as one person on the page would."""
    draw = random.Random(seed)
    lines = []
    for index, item in enumerate(manifest_of(folder)["items"][rater]):
        for letter in item["texts"]:
            score = judge(*item["key"].get(letter, [""])[:1], draw)
            lines.append(json.dumps({"rater": rater, "item": index, "letter": letter, "score": score}) + "\n")
    with (folder / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(lines)
