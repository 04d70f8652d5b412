"""String metrics out of line: said of systems whose output the reference was edited from, and of few others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.analysis.decision.string_lead import FEWEST_SYSTEMS, out_of_line
from harness.metrics.scores.metric import Scores
from harness.store.runs.result import Run
from harness.types import Score, SystemName
from tests.conftest import DATA

Values = dict[SystemName, float]


def _scores(values: np.ndarray) -> Values:
    return {SystemName(f"s{number}"): float(value) for number, value in enumerate(values)}


def _line(n: int, raised: float) -> tuple[Values, list[Values]]:
    """Systems whose string scores follow the judge, but for the first, which is ``raised`` points above."""
    rng = np.random.default_rng(n)
    judge = np.linspace(0, 1, n)
    lift = np.zeros(n)
    lift[0] = raised
    return _scores(judge), [_scores(10 * judge + rng.normal(0, 0.5, n) + lift) for _ in range(2)]


@pytest.mark.parametrize("n", [FEWEST_SYSTEMS, 12, 30])
def test_a_system_far_above_the_line_is_found(n: int) -> None:
    judge, strings = _line(n, 20.0)
    assert out_of_line(SystemName("s0"), judge, strings)
    assert not out_of_line(SystemName("s1"), judge, strings)


def test_one_metric_alone_is_not_enough() -> None:
    judge, strings = _line(12, 20.0)
    _, plain = _line(12, 0.0)
    assert not out_of_line(SystemName("s0"), judge, [strings[0], plain[1]])
    assert not out_of_line(SystemName("s0"), judge, [])


def test_few_systems_and_equal_ones_say_nothing() -> None:
    judge, strings = _line(FEWEST_SYSTEMS - 1, 20.0)
    assert not out_of_line(SystemName("s0"), judge, strings)
    judge, strings = _line(12, 20.0)
    assert not out_of_line(SystemName("s0"), dict.fromkeys(judge, 1.0), strings)
    assert not out_of_line(SystemName("unknown"), judge, strings)


def test_below_the_line_is_no_lead() -> None:
    judge, strings = _line(12, -20.0)
    assert not out_of_line(SystemName("s0"), judge, strings)


@pytest.mark.parametrize("n", [FEWEST_SYSTEMS, 15, 30])
def test_systems_that_scatter_alike_are_rarely_out_of_line(n: int) -> None:
    """The winner by a learned metric that shares half of what the string metrics see; at most 2 % of 1,000 draws."""
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(1000):
        quality, taste = rng.normal(size=n), 0.6 * rng.normal(size=n)
        judge, learned = quality + 0.2 * rng.normal(size=n), quality + 0.3 * taste + 0.2 * rng.normal(size=n)
        strings = [_scores(quality + taste + 0.05 * rng.normal(size=n)) for _ in range(2)]
        alarms += out_of_line(SystemName(f"s{int(np.argmax(learned))}"), _scores(judge), strings)
    assert alarms <= 20


def scored(folder: Path, *, edited: bool, judges: tuple[str, ...] = ("comet", "cometkiwi")) -> Run:
    """Eight systems, ``s0`` best by both judges; the reference is an edit of its output, or a translation like others.

    Two words of each sentence are edited, so that none is verbatim.
    """
    rng = np.random.default_rng(11)
    segments, names = 60, [f"s{number}" for number in range(8)]
    meant = rng.integers(0, 400, size=(segments, 16))

    def put(name: str, own: float) -> list[list[str]]:
        strange = rng.random(meant.shape) < own
        return [
            [f"{name}{word}" if odd else f"w{word}" for word, odd in zip(line, row, strict=True)]
            for line, row in zip(meant, strange, strict=True)
        ]

    outputs = {name: put(name, 0.3 + 0.05 * number) for number, name in enumerate(names)}
    reference = [["x", *line[1:8], "y", *line[9:]] for line in outputs["s0"]] if edited else put("r", 0.2)
    texts = {"src": [[f"q{word}" for word in line] for line in meant], "ref": reference, **outputs}
    for name, lines in texts.items():
        (folder / name).write_text("".join(" ".join(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "docids").write_text("".join(f"d{row // 5}\n" for row in range(segments)), encoding="utf-8")
    extra = []
    for judge in judges:
        rows = ["system\tline\tscore"]
        for number, name in enumerate(names):
            rows += [f"{name}\t{line + 1}\t{0.9 - 0.05 * number + rng.normal(0, 0.02)}" for line in range(segments)]
        (folder / f"{judge}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        extra.append(Scores.from_tsv(judge, folder / f"{judge}.tsv"))
    return package.score(
        source=folder / "src", references=[folder / "ref"], hypotheses={name: folder / name for name in names},
        pair="de-en", docids=folder / "docids", metrics=("bleu", "chrf"), extra_metrics=extra, checks=False,
    )  # fmt: skip


SAID = (
    "BLEU and chrF score s0 far higher than cometkiwi, which does not use the reference, would suggest. The reference "
    "may have been edited from its output."
)


def test_an_edited_reference_withholds_the_badge_and_is_said_first(tmp_path: Path) -> None:
    run = scored(tmp_path, edited=True)
    (pair,) = json.loads(package.report(run, "json"))["pairs"]
    decision = pair["decision"]
    assert (decision["recommendation"], decision["strength"], decision["warnings"]) == ("s0", "suspect", [SAID])
    page = package.report(run, "terminal")
    flat = " ".join(page.split())
    assert flat.index(SAID) < flat.index("s0 is significantly better than s1")
    assert "clearly best" not in flat.lower()


def test_a_reference_like_the_others_leaves_the_badge(tmp_path: Path) -> None:
    decision = package.decide(scored(tmp_path, edited=False))["de-en"]
    assert (decision.recommendation, decision.strength, decision.warnings) == ("s0", "clear", ())


def test_without_an_independent_judge_nothing_is_known(tmp_path: Path) -> None:
    decision = package.decide(scored(tmp_path, edited=True, judges=("comet",)))["de-en"]
    assert (decision.recommendation, decision.warnings) == ("s0", ())


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the public test sets are not here")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("biomqm.de-en", {"mtcarousel"}),
        ("biomqm.en-de", {"mtcarousel"}),
        ("wmt23.zh-en", set()),
        ("wmt23.en-de", set()),
    ],
)
def test_references_of_public_sets(name: str, expected: set[str], tmp_path: Path) -> None:
    """In bio-MQM the reference repeats mtcarousel verbatim far more often than any other; in WMT23 nobody."""
    from harness.api import score
    from tests.bench.wmt_sets import find_sets

    (given,) = find_sets(DATA, tmp_path, [name])
    people = given.people["MQM"]
    run = score(
        source=given.source,
        references=[next(iter(given.references.values()))],
        hypotheses=given.systems,
        pair=given.pair,
        docids=given.docids,
        metrics=["bleu", "chrf"],
        extra_metrics=[people],
        offline=True,
        checks=False,
    )
    values: dict[str, Values] = {"bleu": {}, "chrf": {}, people.name: {}}
    for system in run.pairs[0].systems:
        for metric, scores in system.scores.items():
            if isinstance(corpus := getattr(scores, "corpus", None), Score):
                values[metric][system.name] = corpus.value
    judge, strings = values[people.name], [values["bleu"], values["chrf"]]
    assert len(judge) >= FEWEST_SYSTEMS
    assert {name for name in judge if out_of_line(name, judge, strings)} == expected
