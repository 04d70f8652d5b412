"""References that put different systems first: found where both say so with certainty, and said before the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

import harness as package
from harness.analysis.decision.decide import decide
from harness.analysis.decision.doubt import conflict_reason
from harness.analysis.decision.recommendation import DecisionPolicy
from harness.analysis.decision.reference_ranks import rank_conflict
from harness.store.runs.result import Run

WORDS = [f"word{number}" for number in range(60)]


def scored(root: Path, *, contrary: bool, articles: int = 10) -> Run:
    """``a`` has the words of the first reference, ``b`` those of the second, or of the first but more wrongly."""
    rng = np.random.default_rng(4)
    first = [[str(word) for word in rng.choice(WORDS, size=14)] for _ in range(articles * 3)]
    second = [[str(word) for word in rng.choice(WORDS, size=14)] for _ in range(articles * 3)]

    def spoilt(lines: list[list[str]], share: float) -> list[list[str]]:
        return [["x" if rng.random() < share else word for word in line] for line in lines]

    texts = {
        "src": first, "one": first, "two": second,
        "a": spoilt(first, 0.2), "b": spoilt(second if contrary else first, 0.4),
    }  # fmt: skip
    for name, lines in texts.items():
        (root / name).write_text("".join(" ".join(line) + "\n" for line in lines), encoding="utf-8")
    (root / "docids").write_text("".join(f"d{row // 3}\n" for row in range(articles * 3)), encoding="utf-8")
    return package.score(
        source=root / "src", references=[root / "one", root / "two"], hypotheses={name: root / name for name in "ab"},
        pair="de-en", docids=root / "docids", metrics=("chrf",), checks=False,
    )  # fmt: skip


def test_contrary_references_are_found_and_said_first(tmp_path: Path) -> None:
    run = scored(tmp_path, contrary=True)
    (result,) = run.pairs
    conflict = rank_conflict(result, 1)
    assert conflict is not None
    assert (conflict.references, conflict.best) == ((0, 1), ("a", "b"))
    decision = decide(package.compare(run)["de-en"], result, DecisionPolicy())
    assert conflict_reason(conflict) in decision.warnings
    assert decision.strength == "suspect"
    evidence = package.compare(run)["de-en"]
    found = evidence.metrics["chrf"]
    tied = replace(found, comparisons=tuple(replace(item, p_adjusted=0.4) for item in found.comparisons))
    open_still = decide(replace(evidence, metrics={"chrf": tied}), result, DecisionPolicy())
    assert open_still.strength == "open"
    assert open_still.warnings == (conflict_reason(conflict),)


def test_references_that_agree_are_no_conflict(tmp_path: Path) -> None:
    assert rank_conflict(scored(tmp_path, contrary=False).pairs[0], 1) is None


def test_few_articles_show_no_conflict(tmp_path: Path) -> None:
    assert rank_conflict(scored(tmp_path, contrary=True, articles=5).pairs[0], 1) is None
