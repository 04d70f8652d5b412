"""The figures the shared tasks published, recomputed from the published outputs (skipped where these are absent)."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from sacrebleu.metrics import TER

from harness.metrics.interface import Metric, ScoringItem
from harness.metrics.scores.metric import Scores
from harness.metrics.strings.bleu import Bleu, BleuOptions
from harness.metrics.strings.chrf import Chrf, ChrfOptions
from harness.metrics.strings.ter import Ter, TerOptions
from tests.metrics.build import context, lines

FOLDERS = ("wmt21.de-en", "wmt21.en-de", "wmt21.is-en", "wmt22.de-en", "wmt23.de-en", "wmt23.en-de", "wmt23.zh-en")
METRICS: dict[str, Metric] = {"BLEU": Bleu(BleuOptions()), "chrF": Chrf(ChrfOptions())}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def references(folder: Path, which: str) -> tuple[Path, ...]:
    """The reference called ``which``, or ``all`` human ones."""
    names = sorted(folder.glob("reference.*.txt")) if which == "all" else [folder / f"reference.{which}.txt"]
    return tuple(path for path in names if "synthetic" not in path.name)


def items_of(folder: Path, systems: list[str], files: tuple[Path, ...]) -> list[ScoringItem]:
    sources, targets = lines(folder / "source.txt"), list(zip(*map(lines, files), strict=True))
    return [
        ScoringItem(system, number, source, hypothesis, target)
        for system in systems
        for number, (source, hypothesis, target) in enumerate(
            zip(sources, lines(folder / "systems" / f"{system}.txt"), targets, strict=True), start=1
        )
    ]


@pytest.mark.parametrize("metric", list(METRICS))
@pytest.mark.parametrize("name", FOLDERS)
def test_published_system_scores(wmt_data: Path, name: str, metric: str) -> None:
    folder = wmt_data / name
    published: dict[tuple[Path, ...], dict[str, set[float]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_of(folder / "official_scores.tsv"):
        if row["metric"] == metric and row["origin"].endswith("scores/automatic-scores.tsv"):
            # Where there is one human reference, "all" is published too and means the same.
            published[references(folder, row["reference"])][row["system"]].add(float(row["score"]))
    assert published
    ours = METRICS[metric]
    for files, scores in published.items():
        systems = list(scores)
        everything = items_of(folder, systems, files)
        table = ours.statistics(everything, context(name.partition(".")[2]))
        for system, rows in zip(systems, np.split(table.rows, len(systems)), strict=True):
            (score,) = scores[system]
            # The file has all digits, and sacrebleu has not moved since: its bits are published. On Python 3.12
            # and later, sum() makes up for rounding, so the last bits of sacrebleu's BLEU are others.
            rounding = 1e-14 if metric == "BLEU" and sys.version_info >= (3, 12) else 0
            assert float(ours.score(rows.sum(axis=0))) == pytest.approx(score, rel=rounding, abs=0), (files, system)
        assert table.identity.signature.startswith(f"nrefs:{len(files)}|")


@pytest.mark.parametrize("metric", list(METRICS))
def test_published_segment_scores(wmt_data: Path, metric: str) -> None:
    folder = wmt_data / "wmt23.en-de"
    published = {
        (row["system"], int(row["line"])): float(row[f"{metric}-refA"])
        for row in rows_of(folder / "metrics_seg.tsv")
        if (folder / "systems" / f"{row['system']}.txt").is_file()
    }
    everything = items_of(folder, sorted({system for system, _ in published}), references(folder, "refA"))
    table = METRICS[metric].statistics(everything, context("en-de"))
    expected = [published[item.system, item.line] for item in everything]
    assert len(expected) == 12 * 557
    np.testing.assert_allclose(METRICS[metric].segment_scores(table.rows), expected, rtol=5.1e-8, atol=0)


@pytest.mark.parametrize("which", ["A", "all"])
def test_ter_of_a_slice(wmt_data: Path, which: str) -> None:
    folder = wmt_data / "wmt21.en-de"
    system = min(path.stem for path in (folder / "systems").iterdir())
    part = items_of(folder, [system], references(folder, which))[:60]
    table = Ter(TerOptions()).statistics(part, context("en-de"))
    oracle = TER()
    targets = list(zip(*(item.references for item in part), strict=True))
    expected = oracle.corpus_score([item.hypothesis for item in part], targets)
    assert float(Ter(TerOptions()).score(table.rows.sum(axis=0))) == expected.score
    assert table.identity.signature == str(oracle.get_signature())


@pytest.mark.parametrize(
    ("name", "column", "system", "published", "rated"),
    [
        ("wmt21.en-de", "mqm_neg_error_score", "Online-W", -1.46, 527),
        ("wmt21.en-de", "mqm_neg_error_score", "UEdin", -1.51, 527),
        ("wmt23.en-de", "", "ONLINE-Y", None, 460),
    ],
)
def test_human_ratings(
    wmt_data: Path, name: str, column: str, system: str, published: float | None, rated: int
) -> None:
    folder = wmt_data / name
    path = folder / "human_mqm_seg.tsv"
    stem = next(path.stem for path in (folder / "systems").iterdir() if path.stem.lower() == system.lower())
    metric = Scores.from_tsv("mqm", path, column=column)
    everything = items_of(folder, [stem], references(folder, "all"))
    table = metric.statistics(everything, context(name.partition(".")[2]))
    given = {int(row["line"]): float(row[column or "score"]) for row in rows_of(path) if row["system"] == stem}
    assert len(given) == rated
    assert [item.line for item, scored in zip(everything, table.scored, strict=True) if scored] == sorted(given)
    mean = float(metric.score(table.rows.sum(axis=0)))
    assert mean == pytest.approx(sum(given.values()) / rated, abs=1e-12)
    if published is not None:
        assert mean == pytest.approx(published, abs=0.005)


def test_a_column_of_published_scores(wmt_data: Path) -> None:
    folder = wmt_data / "wmt23.en-de"
    metric = Scores.from_tsv("comet", folder / "metrics_seg.tsv", column="COMET-refA")
    table = metric.statistics(items_of(folder, ["AIRC"], references(folder, "refA")), context("en-de"))
    official = next(
        float(row["score"])
        for row in rows_of(folder / "official_scores.tsv")
        if (row["system"], row["metric"]) == ("AIRC", "COMET(wmt22-comet-da)") and "metrics-eval" in row["origin"]
    )
    assert float(metric.score(table.rows.sum(axis=0))) == pytest.approx(official, abs=1e-8)
