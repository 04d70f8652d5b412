"""Which segments are handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.choice import Choice, choose, parse_choice, spread
from harness.errors import DataError, UsageError
from harness.metrics.interface import StatTable
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.types import MetricIdentity, Missing, Reason


def with_scores(result: PairResult, scores: dict[str, list[Sequence[float]]]) -> PairResult:
    """The same systems with these segment scores; NaN is unscored. ``lower`` is a metric of errors."""
    systems = []
    for index, system in enumerate(result.systems):
        tables, found = {}, {}
        for name, rows in scores.items():
            values = np.array(rows[index], dtype=float)
            identity = MetricIdentity(name, "v1", name != "lower", needs_reference=False)
            scored = ~np.isnan(values)
            tables[name] = StatTable(identity, np.zeros((len(values), 2)), scored)
            none = Missing(Reason("unscored.no_score"))
            found[name] = MetricScores(identity, none, (none,), np.nan_to_num(values), scored)
        systems.append(replace(system, tables=tables, scores=found))
    return replace(result, systems=tuple(systems), metrics=tuple(scores))


def rows(result: PairResult, choice: Choice) -> list[int]:
    return np.flatnonzero(choose(result, choice)).tolist()


def test_everything_a_slice_or_a_sample(run: Run) -> None:
    (result,) = run.pairs
    assert rows(result, Choice()) == [0, 1, 2, 3, 4]
    assert rows(result, parse_choice("slice domain=blog", None, 1)) == [3, 4]
    assert rows(result, parse_choice("slice article=news-1", None, 1)) == [0, 1, 2]
    first, again = (rows(result, parse_choice("sample", 2, 7)) for _ in range(2))
    assert len(first) == 2
    assert first == again
    assert {tuple(rows(result, parse_choice("sample", 2, seed))) for seed in range(20)} > {tuple(first)}
    assert rows(result, parse_choice("sample", 99, 7)) == [0, 1, 2, 3, 4]


def test_the_spread_is_that_of_its_formula(run: Run) -> None:
    nan = float("nan")
    result = with_scores(run.pairs[0], {
        "chrf": [[10, 10, 50, 90, 10], [10, 10, 50, 10, 10], [10, 10, 50, 10, nan]],
        "lower": [[5, 1, 5, 5, 5], [5, 1, 5, 5, 5], [5, 9, 5, 5, 5]],
    })  # fmt: skip
    z = []
    for name, sign in (("chrf", 1.0), ("lower", -1.0)):
        scores = np.array([np.where(s.tables[name].scored, s.scores[name].segments, nan)  # type: ignore[union-attr]
                           for s in result.systems])  # fmt: skip
        z.append(sign * (scores - np.nanmean(scores)) / np.nanstd(scores))
    stacked = np.stack(z)
    expected = np.nanstd(np.nanmean(stacked, axis=0), axis=0) + np.nanmean(np.nanstd(stacked, axis=0), axis=0)
    np.testing.assert_allclose(spread(result), expected, rtol=1e-12)
    assert rows(result, Choice("disagreement", n=2)) == sorted(np.argsort(-expected)[:2].tolist())


def test_a_segment_without_scores_disagrees_with_nobody(run: Run) -> None:
    nan = float("nan")
    result = with_scores(run.pairs[0], {"chrf": [[1, 2, nan, 4, 5], [1, 3, nan, 9, 5], [nan, nan, nan, nan, nan]]})
    assert np.isnan(spread(result)).tolist() == [False, False, True, False, False]
    assert rows(result, Choice("disagreement", n=1)) == [3]
    assert rows(result, Choice("disagreement", n=5)) == [0, 1, 3, 4]
    flat = with_scores(run.pairs[0], {"chrf": [[1] * 5] * 3})
    with pytest.raises(UsageError, match="no segment has two scores"):
        choose(flat, Choice("disagreement", n=1))


def test_a_list_of_segments(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("blog-2:1\tDas war's.\r\n\nnews-1:2\n", encoding="utf-8")
    choice = parse_choice(f"list {path}", None, 1)
    assert rows(run.pairs[0], choice) == [1, 3]
    assert str(choice) == f"list {path}"
    path.write_text("news-1:2\nnews-1:7\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"some\.txt:2: de-en has no segment 'news-1:7'"):
        choose(run.pairs[0], parse_choice(f"list {path}", None, 1))
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"some\.txt: no segment"):
        parse_choice(f"list {path}", None, 1)
    with pytest.raises(DataError, match=r"nowhere: No such file"):
        parse_choice("list nowhere", None, 1)


@pytest.mark.parametrize(
    ("which", "n", "said"),
    [
        ("some", 1, "unknown choice of segments 'some'"),
        ("sample five", 1, "'sample' takes nothing after it"),
        ("sample", 0, "0 segments"),
        ("list", None, "the list names no file"),
        ("slice", None, "is not KEY=VALUE"),
        ("slice domain", None, "is not KEY=VALUE"),
        ("all", 5, "--n says nothing about 'all'"),
        ("slice domain=news", 5, "--n says nothing about 'slice'"),
    ],
)
def test_choices_that_are_none(which: str, n: int | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_choice(which, n, 1)


def test_slices_that_are_none(run: Run) -> None:
    with pytest.raises(UsageError, match="no article has the key 'domian'") as raised:
        choose(run.pairs[0], parse_choice("slice domian=news", None, 1))
    assert "did you mean 'domain'" in raised.value.hint
    with pytest.raises(UsageError, match="no article has domain = 'nwes'") as raised:
        choose(run.pairs[0], parse_choice("slice domain=nwes", None, 1))
    assert "did you mean 'news'" in raised.value.hint
