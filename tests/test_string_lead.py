"""String metrics out of line: said of systems whose output the reference was edited from, and of few others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.analysis.decision.string_lead import FEWEST_SYSTEMS, out_of_line
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
    from harness.bench.wmt_sets import find_sets

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
    )
    values: dict[str, Values] = {"bleu": {}, "chrf": {}, people.name: {}}
    for system in run.pairs[0].systems:
        for metric, scores in system.scores.items():
            if isinstance(corpus := getattr(scores, "corpus", None), Score):
                values[metric][system.name] = corpus.value
    judge, strings = values[people.name], [values["bleu"], values["chrf"]]
    assert len(judge) >= FEWEST_SYSTEMS
    assert {name for name in judge if out_of_line(name, judge, strings)} == expected
