"""Which metrics there are, which decides, and which two decide together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.evidence import weigh
from harness.analysis.joint import couple, mean_rows
from harness.analysis.primary import primary_of
from harness.metrics.named import with_traits
from harness.metrics.segment import SegmentMean
from harness.types import Kind, MetricIdentity, SystemName
from tests.reports.build import DE_EN, corpus, pair_result, system


def metric(name: str, signature: str = "scores|file:1", *, needs_reference: bool = False) -> MetricIdentity:
    return with_traits(MetricIdentity(name, signature, higher_is_better=True, needs_reference=needs_reference))


KIWI = "python:3.11|comet:2.2.7|model:Unbabel/wmt22-cometkiwi-da|refs:0"

COMET = "python:3.11|comet:2.2.7|model:Unbabel/wmt22-comet-da|refs:1"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (metric("mqm"), "people"),
        (metric("esa-2"), "people"),
        (metric("gemba-mqm"), "other"),
        (metric("crowd", "scores|file:1|human:yes"), "people"),
        (metric("cometkiwi"), "without_reference"),
        (metric("MetricX-23-QE"), "without_reference"),
        (metric("bleurt-20"), "with_reference"),
        (metric("kiwi", KIWI), "without_reference"),
        (metric("comet", COMET, needs_reference=True), "with_reference"),
        (metric("chrf", "nrefs:1|case:mixed|nc:6|nw:0", needs_reference=True), "strings"),
        (metric("bleu-lc", "nrefs:1|case:lc|tok:13a|smooth:exp", needs_reference=True), "strings"),
        (metric("sim"), "other"),
    ],
)
def test_the_kind_of_a_metric(given: MetricIdentity, kind: Kind) -> None:
    assert given.traits.kind == kind


def test_scores_from_files_see_the_reference_if_their_kind_does() -> None:
    """What is said against a reference holds for COMET that was computed elsewhere, too."""
    names = ("comet", "bleurt-20", "bleu", "cometkiwi", "mqm", "sim")
    assert [name for name in names if metric(name).sees_reference] == ["comet", "bleurt-20", "bleu"]
    assert metric("sim", "sim:1", needs_reference=True).sees_reference


def test_which_metric_decides_and_which_beside_it() -> None:
    every = {
        name: metric(name, needs_reference=name in ("bleu", "chrf", "ter"))
        for name in ("ter", "bleu", "cometkiwi", "chrf", "xcomet", "metricx", "sim")
    }
    assert primary_of(every) == "xcomet"
    assert couple(every) == ("xcomet", "cometkiwi")
    assert primary_of({**every, "mqm": metric("mqm")}) == "mqm"
    assert couple({**every, "mqm": metric("mqm")}) == ("xcomet", "cometkiwi")

    def some(*names: str) -> dict[str, MetricIdentity]:
        return {name: every[name] for name in names}

    # Two of a family share their blind spots; without one that needs no reference, another family has to do.
    assert couple({**some("xcomet"), "comet": metric("comet")}) is None
    assert couple(some("xcomet", "metricx", "bleu")) == ("xcomet", "metricx")
    assert couple(some("ter", "bleu", "chrf")) == ("chrf", "bleu")
    assert couple(some("ter", "chrf")) is None
    assert couple(some("cometkiwi", "chrf")) is None


def test_the_mean_of_two_metrics_weighs_them_alike() -> None:
    rng = np.random.default_rng(3)
    quality = {"A": 0.3, "B": 0.0}
    mask = np.ones(40, dtype=np.bool_)
    mask[3] = False

    def rows(scale: float) -> dict[SystemName, tuple[np.ndarray, np.ndarray]]:
        return {
            SystemName(name): (np.stack([scale * (q + rng.normal(size=40)), np.ones(40)], axis=1) * mask[:, None], mask)
            for name, q in quality.items()
        }

    first, second = rows(1.0), rows(-500.0)
    found = mean_rows(first, second, (1, -1))
    assert found is not None
    shown = {name: (row[0][:, 0], row[1]) for name, row in found.items()}
    assert all(not values[3] for values, _ in shown.values())
    gap = (shown[SystemName("A")][0] - shown[SystemName("B")][0])[mask]
    for one, sign in ((first, 1), (second, -1)):
        part = sign * (one[SystemName("A")][0] - one[SystemName("B")][0])[mask, 0]
        assert np.corrcoef(gap, part)[0, 1] == pytest.approx(0.7, abs=0.25)
    assert mean_rows(first, {SystemName("A"): second[SystemName("A")]}, (1, 1)) is None
    same = {name: first[SystemName("A")] for name in first}
    assert mean_rows(same, second, (1, 1)) is None


def test_string_metrics_decide_where_both_confirm() -> None:
    texts = corpus(DE_EN, articles=12, segments=4, unreferenced=())
    systems = [system(texts, "good", 0.8, ["bleu", "chrf"]), system(texts, "bad", 0.5, ["bleu", "chrf"])]
    result = pair_result(texts, systems, ["bleu", "chrf"])
    joint = weigh(result, lambda _: SegmentMean().score, seed=1, segment_tests=False).joint
    assert joint is not None
    assert (joint.first, joint.second, joint.how) == ("chrf", "bleu", "both")
    (item,) = joint.evidence.comparisons
    assert (item.a, item.tied, joint.evidence.groups) == ("good", False, (("good",), ("bad",)))
    # BLEU the other way round: the two contradict each other, and nothing is confirmed.
    good, bad = systems
    swapped = [
        replace(
            one, scores=one.scores | {"bleu": other.scores["bleu"]}, tables=one.tables | {"bleu": other.tables["bleu"]}
        )  # type: ignore[operator]
        for one, other in ((good, bad), (bad, good))
    ]
    joint = weigh(pair_result(texts, swapped, ["bleu", "chrf"]), lambda _: SegmentMean().score, seed=1).joint
    assert joint is not None
    (item,) = joint.evidence.comparisons
    assert (item.tied, item.p) == (True, 1.0)
    assert joint.evidence.groups == (("good", "bad"),)
