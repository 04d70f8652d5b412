"""Agreement of metrics with people: by hand, in both directions, and against published figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.analysis.human import Agreement, HumanAgreement, MetricAgreement, agreement
from harness.analysis.stats.compare import Interval
from harness.analysis.stats.correlation import kendall, pearson
from harness.errors import UsageError
from harness.metrics.load import formulas
from harness.metrics.scores.metric import Scores
from harness.reports.words.reasons import sentence
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.types import Missing, Reason, Score, told
from tests.cli.conftest import Shell, harness
from tests.stats.test_pairwise_accuracy import one_pair_at_a_time, read_table

__all__ = ["harness"]

Columns = dict[str, dict[str, list[float | None]]]


def rated(root: Path, columns: Columns, per_article: int = 1, lower: tuple[str, ...] = ()) -> Run:
    """A run whose only metrics are the given numbers: column to system to one number per line."""
    systems = list(next(iter(columns.values())))
    count = len(next(iter(columns.values()))[systems[0]])
    for name in ("src", "ref", *systems):
        (root / name).write_text("".join(f"{name} {line}\n" for line in range(count)), encoding="utf-8")
    (root / "docids").write_text("".join(f"d{line // per_article}\n" for line in range(count)), encoding="utf-8")
    metrics = []
    for column, by_system in columns.items():
        rows = [
            f"{system}\t{line}\t{value}\n"
            for system, values in by_system.items()
            for line, value in enumerate(values, start=1)
            if value is not None
        ]
        (root / f"{column}.tsv").write_text("system\tline\tscore\n" + "".join(rows), encoding="utf-8")
        metrics.append(Scores.from_tsv(column, root / f"{column}.tsv", higher_is_better=column not in lower))
    return package.score(
        source=root / "src", references=[root / "ref"], hypotheses={name: root / name for name in systems},
        pair="de-en", docids=root / "docids", metrics=(), extra_metrics=metrics, checks=False,
    )  # fmt: skip


def agree(run: Run, human: str = "human") -> HumanAgreement:
    return agreement(run.pairs[0], formulas(run.settings), human, seed=1)


def of(found: HumanAgreement, metric: str = "metric") -> MetricAgreement:
    item = found.metrics[metric]
    assert isinstance(item, MetricAgreement)
    return item


def value(item: Agreement | Missing) -> float:
    assert isinstance(item, Agreement), item
    return item.value


BY_HAND: Columns = {
    "metric": {"A": [1, 2, 3], "B": [2, 2, 5], "C": [3, 1, 4]},
    "human": {"A": [1, 5, 3], "B": [3, 5, 6], "C": [2, 5, None]},
}


def test_by_hand(tmp_path: Path) -> None:
    found = of(agree(rated(tmp_path, BY_HAND)))
    x, y = [1, 2, 3, 2, 2, 5, 3, 1], [1, 5, 3, 3, 5, 6, 2, 5]
    assert value(found.segment_pearson) == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert value(found.segment_kendall) == pytest.approx(kendall(np.array(x, float), np.array(y, float)))
    # Line 1: metric A<B<C, human A<C<B: 1/3. Line 2: people tie all. Line 3: A<B for both, C is not rated.
    assert isinstance(found.within_segment_kendall, Agreement)
    assert (found.within_segment_kendall.value, found.within_segment_kendall.n) == (pytest.approx(2 / 3), 2)
    # Lines 1 and 2, which all have: metric sums 3, 4, 4; human 6, 8, 7.
    assert value(found.system_pearson) == pytest.approx(np.corrcoef([3, 4, 4], [6, 8, 7])[0, 1])
    assert value(found.system_kendall) == pytest.approx(2 / np.sqrt(2 * 3))
    assert isinstance(found.system_accuracy, Agreement)
    assert (found.system_accuracy.value, found.system_accuracy.n) == (pytest.approx(2 / 3), 3)
    assert isinstance(found.segment_pearson, Agreement)
    assert isinstance(found.segment_pearson.interval, Missing)
    assert "too few articles" in sentence(found.segment_pearson.interval.why)


def noisy(systems: int = 5, lines: int = 60) -> Columns:
    rng = np.random.default_rng(3)
    names = [f"S{number}" for number in range(systems)]
    human = {name: rng.normal(number / 2, 1, lines).round(3).tolist() for number, name in enumerate(names)}
    metric = {name: (np.array(human[name]) + rng.normal(0, 1, lines)).round(3).tolist() for name in names}
    return {"metric": metric, "human": human}


COEFFICIENTS = (
    "segment_pearson", "segment_kendall", "within_segment_kendall", "within_segment_accuracy", "system_pearson",
    "system_kendall", "system_accuracy", "system_soft_accuracy",
)  # fmt: skip


def test_direction_of_either_side_does_not_matter(tmp_path: Path) -> None:
    columns = noisy()
    turned = {name: {s: [-(v or 0) for v in values] for s, values in by.items()} for name, by in columns.items()}
    plain = of(agree(rated(tmp_path, columns, 5)))
    assert value(plain.segment_pearson) > 0.5
    for lower in (("metric",), ("human",), ("metric", "human")):
        mixed = {name: (turned if name in lower else columns)[name] for name in columns}
        other = of(agree(rated(tmp_path, mixed, 5, lower)))
        for name in COEFFICIENTS:
            one, two = getattr(plain, name), getattr(other, name)
            assert value(two) == pytest.approx(value(one)), name
            if isinstance(one.interval, Interval):
                assert (two.interval.low, two.interval.high) == pytest.approx((one.interval.low, one.interval.high))


def test_intervals_hold_the_value_and_come_from_articles(tmp_path: Path) -> None:
    run = rated(tmp_path, noisy(), 5)
    found = of(agree(run))
    for name in ("segment_pearson", "within_segment_kendall", "system_pearson"):
        item = getattr(found, name)
        assert item.interval.low < item.value < item.interval.high
        assert item.interval.low >= -1
        assert item.interval.high <= 1
    assert agree(run) == agree(run)
    copied: Columns = {
        column: {system: [v for v in values for _ in range(4)] for system, values in by.items()}
        for column, by in noisy(lines=15).items()
    }
    # Every line four times: as one article each the copies bring no certainty, as 60 articles they pretend to.
    whole, split = (of(agree(rated(tmp_path, copied, size))).segment_pearson for size in (4, 1))
    assert isinstance(whole, Agreement)
    assert isinstance(split, Agreement)
    assert whole.value == pytest.approx(split.value)
    width = [item.interval.high - item.interval.low for item in (whole, split) if isinstance(item.interval, Interval)]
    assert width[0] > 1.6 * width[1]


def test_length_confounds_the_pooled_figure_only(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    difficulty = rng.normal(0, 5, 40)
    columns: Columns = {
        column: {f"S{number}": (difficulty + rng.normal(0, 1, 40)).tolist() for number in range(4)}
        for column in ("metric", "human")
    }
    found = of(agree(rated(tmp_path, columns, 4)))
    assert value(found.segment_pearson) > 0.9
    assert abs(value(found.within_segment_kendall)) < 0.2


def test_what_cannot_be_had_says_why(tmp_path: Path) -> None:
    one = of(agree(rated(tmp_path, {name: {"A": by["A"]} for name, by in BY_HAND.items()})))
    assert isinstance(one.system_pearson, Missing)
    assert isinstance(one.system_accuracy, Missing)
    assert one.within_segment_kendall == Missing(Reason("agreement.one_system"))
    flat = {"metric": BY_HAND["metric"], "human": {name: [4.0, 4, 4] for name in "ABC"}}
    tied = of(agree(rated(tmp_path, flat)))
    assert all(isinstance(getattr(tied, name), Missing) for name in COEFFICIENTS)
    assert tied.segment_pearson == Missing(Reason("agreement.people_constant"))
    dull = of(agree(rated(tmp_path, {"metric": flat["human"], "human": BY_HAND["human"]})))
    assert dull.segment_kendall == Missing(Reason("agreement.metric_constant"))
    # The metric was asked and gave no answer: no agreement, not an absence of segments.
    assert (value(dull.within_segment_kendall), value(dull.system_accuracy)) == (0.0, 0.0)
    apart: Columns = {
        "metric": BY_HAND["metric"],
        "human": {"A": [1, None, None], "B": [None, 2, None], "C": [None, None, 3]},
    }
    assert of(agree(rated(tmp_path, apart))).system_pearson == Missing(Reason("agreement.none_shared"))
    with pytest.raises(UsageError, match="no system of de-en has scores called 'people'"):
        agree(rated(tmp_path, BY_HAND), "people")


def test_a_metric_that_is_missing_or_mixed(tmp_path: Path) -> None:
    run = rated(tmp_path, BY_HAND)
    (pair,) = run.pairs
    none = replace(
        pair,
        systems=tuple(
            replace(system, scores={**system.scores, "metric": Missing(told("x"))}) for system in pair.systems
        ),
    )
    assert agree(replace(run, pairs=(none,))).metrics["metric"] == Missing(
        Reason("agreement.no_system", {"metric": "metric", "human": "human"})
    )
    scores = pair.systems[0].scores["metric"]
    assert isinstance(scores, MetricScores)
    odd = replace(scores, identity=replace(scores.identity, signature="other"))
    first = replace(pair.systems[0], scores={**pair.systems[0].scores, "metric": odd})
    mixed = agree(replace(run, pairs=(replace(pair, systems=(first, *pair.systems[1:])),))).metrics["metric"]
    assert isinstance(mixed, Missing)
    assert "computed differently" in sentence(mixed.why)


def command(root: Path, *more: object) -> list[object]:
    columns = noisy(3, 30)
    rated(root, columns, 3)
    systems = [f"--hypothesis={name}={root / name}" for name in columns["human"]]
    return [
        "score", "-s", root / "src", "-r", root / "ref", *systems, "--pair", "de-en", "--docids", root / "docids",
        "--metric", "chrf", "--no-checks", "-q", "--scores", f"human={root / 'human.tsv'}",
        "--scores", f"metric={root / 'metric.tsv'}", *more,
    ]  # fmt: skip


def test_command(tmp_path: Path, harness: Shell) -> None:
    document = json.loads(harness(*command(tmp_path, "--human", "human", "--format", "json")).out)
    assert set(document["human"]) == {"human"}
    found = document["human"]["human"]
    assert set(found) == {"chrf", "metric"}
    assert set(found["metric"]) == set(COEFFICIENTS)
    entry = found["metric"]["segment_pearson"]
    columns = noisy(3, 30)
    x, y = ([v for values in columns[name].values() for v in values] for name in ("metric", "human"))
    assert (entry["value"], entry["n"]) == (pytest.approx(np.corrcoef(x, y)[0, 1]), 90)  # type: ignore[arg-type]
    assert entry["ci"][0] < entry["value"] < entry["ci"][1]
    assert found["metric"]["segment_kendall"]["ci"] is None
    table = harness(*command(tmp_path, "--human", "human")).out
    assert f"metric: all outputs, Pearson {entry['value']:.3f} " in " ".join(table.split())
    assert "human" not in json.loads(harness(*command(tmp_path, "--format", "json")).out)


def test_command_refuses_ratings_that_nobody_gave(tmp_path: Path, harness: Shell) -> None:
    done = harness(*command(tmp_path, "--human", "humon"))
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'human'" in done.err


PUBLISHED = {
    "wmt23.en-de": (5520, 12, {"bleu": (0.192, 0.917, 0.788), "chrf": (0.232, 0.866, 0.636)}),
    "wmt23.zh-en": (17655, 15, {"bleu": (0.119, 0.734, 0.562), "chrf": (0.063, 0.809, 0.524)}),
}
"""Outputs, systems, and by metric: segment Pearson, system Pearson and Kendall, with MQM."""

RATED_ONLY = {
    "wmt23.en-de": {"bleu": (0.927, 0.788), "chrf": (0.876, 0.636)},
    "wmt23.zh-en": {"bleu": (0.723, 0.562), "chrf": (0.812, 0.581)},
}
"""System Pearson and Kendall where the metric's score too is over the rated segments."""


def corpus_scores(pair: PairResult, metric: str) -> list[float]:
    found = [system.scores[metric] for system in pair.systems]
    return [s.corpus.value for s in found if isinstance(s, MetricScores) and isinstance(s.corpus, Score)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_agreement_with_mqm(wmt_data: Path, name: str) -> None:
    folder = wmt_data / name
    run = package.score(
        source=folder / "source.txt", references=[folder / "reference.refA.txt"],
        hypotheses={path.stem: path for path in sorted((folder / "systems").glob("*.txt"))},
        pair=name.partition(".")[2], docids=folder / "docids.txt", metrics=("bleu", "chrf"),
        extra_metrics=[Scores.from_tsv("mqm", folder / "human_mqm_seg.tsv")], checks=False,
    )  # fmt: skip
    found = agree(run, "mqm")
    outputs, systems, expected = PUBLISHED[name]
    for metric, (segment, system_pearson, system_kendall) in expected.items():
        item = of(found, metric)
        assert isinstance(item.segment_pearson, Agreement)
        assert (item.segment_pearson.n, round(item.segment_pearson.value, 3)) == (outputs, segment)
        # The published system figures take the corpus score over all segments, rated or not.
        scores, people = (np.array(corpus_scores(run.pairs[0], column)) for column in (metric, "mqm"))
        assert len(scores) == systems
        assert round(float(pearson(scores, people)), 3) == pytest.approx(system_pearson, abs=1e-9)
        assert round(kendall(scores, people), 3) == pytest.approx(system_kendall, abs=1e-9)
        assert (round(value(item.system_pearson), 3), round(value(item.system_kendall), 3)) == RATED_ONLY[name][metric]


def test_soft_accuracy_of_a_run_with_ratings_of_single_segments(wmt_data: Path, tmp_path: Path) -> None:
    folder = wmt_data / "wmt24.en-cs"
    # Two people rated some lines: one of them is taken.
    ratings = read_table(folder / "human_esa_seg.tsv", "esa_score_0_100")
    rows = [f"{system}\t{line}\t{score}\n" for system, by_line in ratings.items() for line, score in by_line.items()]
    (tmp_path / "esa.tsv").write_text("system\tline\tscore\n" + "".join(rows), encoding="utf-8")
    run = package.score(
        source=folder / "source.txt", references=[folder / "reference.refA.txt"],
        hypotheses={path.stem: path for path in sorted((folder / "systems").glob("*.txt"))},
        pair="en-cs", docids=folder / "docids.txt", metrics=("chrf",),
        extra_metrics=[Scores.from_tsv("esa", tmp_path / "esa.tsv")], checks=False,
    )  # fmt: skip
    item = of(agree(run, "esa"), "chrf").system_soft_accuracy
    assert isinstance(item, Agreement)
    assert isinstance(item.interval, Interval)
    columns = [
        (chrf.segments, esa.segments, esa.scored)
        for system in run.pairs[0].systems
        if isinstance(chrf := system.scores["chrf"], MetricScores)
        and isinstance(esa := system.scores["esa"], MetricScores)
    ]
    metric, human, known = (np.array(rows) for rows in zip(*columns, strict=True))
    rated = known.all(axis=0)
    assert len(metric) == 15
    assert item.value == pytest.approx(one_pair_at_a_time(metric[:, rated], human[:, rated]), abs=0.006)
    assert item.interval.low < item.value < item.interval.high
