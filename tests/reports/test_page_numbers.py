"""Numbers that only the page has, against the segment scores of the stored run, worked out here once more."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import analyse
from harness.reports.formats.run_json import run_to_json
from harness.reports.words.numbers import format_difference, format_p_equation, format_range, format_score, metric_title
from harness.reports.words.reasons import sentence
from harness.store.runs.directory import load_run
from harness.store.runs.result import Run
from harness.types import Corpus
from tests.kept import write_run

from .build import DE_EN, corpus, decimals_of, pair_result, run, system
from .read import html_boards, html_tables, parsed, tree

METRICS = ("chrf", "ter", "comet")

BETTER = {"chrf": 1, "ter": -1, "comet": 1}

DOMAINS = ("news", "speech")

BASES = {"alpha": 0.60, "beta": 0.58, "gamma": 0.40}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Twelve articles of two domains, three systems of which two are close; written and read again."""
    plain = corpus(DE_EN, articles=12, segments=8)
    articles = tuple(
        replace(one, meta={**one.meta, "domain": DOMAINS[place % 2]}) for place, one in enumerate(plain.articles)
    )
    texts = Corpus(DE_EN, articles)
    systems = [system(texts, name, base, METRICS, seed=place) for place, (name, base) in enumerate(BASES.items())]
    folder = tmp_path_factory.mktemp("runs")
    written = run(pair_result(texts, systems, METRICS))
    write_run(written, folder)
    (stored,) = folder.iterdir()
    return load_run(stored)


def segments(made: Run, metric: str) -> dict[str, np.ndarray]:
    """Segment scores of every system, from the JSON report; NaN where there is none."""
    (pair,) = parsed(made)["pairs"]
    outputs = [segment["outputs"] for article in pair["articles"] for segment in article["segments"]]
    return {
        name: np.array([_value(found[name]["scores"][metric]) for found in outputs]) for name in pair["leaderboard"]
    }


def _value(score: object) -> float:
    return score if isinstance(score, float) else float("nan")


def domains(made: Run) -> np.ndarray:
    return np.array([one.meta["domain"] for one in made.pairs[0].corpus.articles for _ in one.segments])


def test_the_matrix_has_every_difference_and_corrected_p(made: Run) -> None:
    tables = html_tables(made, "row against column, ")
    assert len(tables) == len(METRICS)
    order = {table_title(made, place): place for place in range(len(METRICS))}
    comparisons = parsed(made)["pairs"][0]["evidence"]["comparisons"]
    for metric in METRICS:
        table = tables[order[metric_title(metric)]]
        means = {name: BETTER[metric] * np.nanmean(values) for name, values in segments(made, metric).items()}
        names = table[0][1:]
        assert names == sorted(means, key=lambda name: -means[name])
        for row in table[1:]:
            for other, cell in zip(names, row[1:], strict=True):
                if row[0] == other:
                    assert cell == ""
                    continue
                shown = format_difference(decimals_of(metric), means[row[0]] - means[other])
                side, p = re.fullmatch(rf"\+?{re.escape(shown)}([a-z ]+), p\u00a0([^,]+)(?:, .*)?", cell).groups()  # type: ignore[union-attr]
                (item,) = [c for c in comparisons if c["metric"] == metric and {c["a"], c["b"]} == {row[0], other}]
                assert p == format_p_equation(item["p_adjusted"])
                tied = item["p_adjusted"] > 0.05
                assert side == ("not significant" if tied else "better" if means[row[0]] > means[other] else "worse")
                assert cell.startswith("+") == (means[row[0]] > means[other])


def table_title(made: Run, place: int) -> str:
    regions = tree(made).xpath("//div[contains(@aria-label, 'row against column, ')]/@aria-label")
    return str(regions[place]).split(", ")[0]


def test_the_leaderboard_has_the_difference_to_the_best(made: Run) -> None:
    (table,) = html_boards(made)
    place = next(index for index, heading in enumerate(table[0]) if heading.startswith("To the best"))
    primary = parsed(made)["pairs"][0]["primary"]
    means = {name: float(np.nanmean(values)) for name, values in segments(made, primary).items()}
    best = max(means.values())
    for row in table[1:]:
        wanted = "–" if means[row[0]] == best else format_difference(decimals_of(primary), means[row[0]] - best)
        assert row[place].removesuffix("not significant") == wanted
    assert sum(row[place] == "–" for row in table[1:]) == 1


def test_slices_are_means_of_their_segments_with_differences_from_the_best(made: Run) -> None:
    (table,) = html_tables(made, "Slices by domain, ")
    primary = parsed(made)["pairs"][0]["primary"]
    decimals = decimals_of(primary)
    values, part = segments(made, primary), domains(made)
    best = max(values, key=lambda name: np.nanmean(values[name]))
    (pair,) = analyse(made).pairs
    stored = {sentence(item.label): item.scores for item in pair.primary_slices["domain"]}
    assert [cell[: cell.index("48")] for cell in table[0][1:]] == list(DOMAINS)
    assert all(cell.endswith("48 segments, 6 articles") for cell in table[0][1:])
    assert {row[0] for row in table[1:]} == set(values)
    starred = 0
    for row in table[1:]:
        for domain, cell in zip(DOMAINS, row[1:], strict=True):
            own, theirs = (values[name][part == domain] for name in (row[0], best))
            text = " ".join(cell.split())
            known = f"{format_score(decimals, float(np.nanmean(own)))} over {np.isfinite(own).sum()} segments "
            assert text.startswith(known)
            behind = stored[domain][row[0]][primary].behind
            if row[0] == best:
                assert behind is None
                low, high = re.fullmatch(r"([\d.]+) to ([\d.]+)", text.removeprefix(known)).groups()  # type: ignore[union-attr]
                assert float(low) < np.nanmean(own) < float(high)
                continue
            delta = float(np.nanmean(own) - np.nanmean(theirs))
            ends = sorted((-behind.interval.low, -behind.interval.high))
            sign = "+" if delta > 0 else ""
            shown = f"{sign}{format_difference(decimals, delta)} ({format_range(decimals, *ends)})"
            assert text.removeprefix(known) == shown + (" ★ significant" if behind.p_adjusted <= 0.05 else "")
            starred += behind.p_adjusted <= 0.05
    assert 0 < starred < 4


def test_articles_show_their_differences_from_the_mean_of_the_article(made: Run) -> None:
    (table, *_) = html_tables(made, "by article, ")
    (pair,) = parsed(made)["pairs"]
    primary = pair["primary"]
    by_title = {one["title"]: one["scores"] for one in pair["articles"]}
    rows = table[1:-2]
    assert len(rows) == 12
    names = table[0][-len(BASES) :]
    for row in rows:
        scores = {name: by_title[row[0]][name][primary]["score"] for name in names}
        mean = sum(scores.values()) / len(scores)
        assert row[-1 - len(names)] == format_score(decimals_of(primary), mean)
        for name, cell in zip(names, row[-len(names) :], strict=True):
            difference = format_difference(decimals_of(primary), scores[name] - mean)
            sign = "+" if scores[name] > mean else ""
            assert cell.split() == [format_score(decimals_of(primary), scores[name]), f"{sign}{difference}"]


def test_the_page_carries_the_numbers_of_all_pairs(made: Run) -> None:
    (link,) = tree(made).xpath("//a[@class='download']")
    assert link.text_content() == "Download all 3 comparisons (CSV)"
    text = base64.b64decode(link.get("href").partition("base64,")[2]).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    comparisons = parsed(made)["pairs"][0]["evidence"]["comparisons"]
    assert len(rows) == len(comparisons) == 3 * len(METRICS)
    for item in comparisons:
        (row,) = [one for one in rows if (one["metric"], one["a"], one["b"]) == (item["metric"], item["a"], item["b"])]
        assert [float(row[name]) for name in ("difference", "p_unadjusted", "p_adjusted")] == [
            item["delta"], item["p"], item["p_adjusted"]
        ]  # fmt: skip
        assert [float(row["low_unadjusted"]), float(row["high_unadjusted"])] == item["ci"]


def test_a_sentence_has_the_shares_of_the_worst_and_the_best_segments(made: Run) -> None:
    (paragraph,) = tree(made).xpath("//p[@class='about bands']")
    primary = parsed(made)["pairs"][0]["primary"]
    values = {name: found[np.isfinite(found)] for name, found in segments(made, primary).items()}
    low, high = np.quantile(np.concatenate(list(values.values())), [0.1, 0.9])
    two = sorted(values, key=lambda name: -values[name].mean())[:2]
    worst, best = (
        [f"{100 * share(values[name]).mean():.0f} %" for name in two]
        for share in (lambda found: found <= low, lambda found: found > high)
    )
    shown = [format_score(decimals_of(primary), float(cut)) for cut in (low, high)]
    assert paragraph.text_content().startswith(
        f"Segments that score up to {shown[0]}: {worst[0]} of those of {two[0]}, {worst[1]} of those of {two[1]}; "
        f"above {shown[1]}: {best[0]} and {best[1]}."
    )


def test_segments_better_equal_and_worse_are_counted(made: Run) -> None:
    (table,) = html_tables(made, "Segments better, equal and worse, ")
    primary = parsed(made)["pairs"][0]["primary"]
    values = segments(made, primary)
    top = max(values, key=lambda name: np.nanmean(values[name]))
    assert len(table) == len(values)
    for name, *counts in table[1:]:
        gaps = values[top] - values[name]
        assert counts == [str(int(count)) for count in ((gaps > 0).sum(), (gaps == 0).sum(), (gaps < 0).sum())]


def test_the_verdict_names_the_weakest_article_of_its_system(made: Run) -> None:
    pair = parsed(made)["pairs"][0]
    best = pair["decision"]["recommendation"]
    scores = {one["title"]: one["scores"][best][pair["primary"]]["score"] for one in pair["articles"]}
    title = min(scores, key=lambda name: scores[name])
    wanted = f"Its weakest article: {title} ({format_score(decimals_of(pair['primary']), scores[title])})"
    (look,) = [
        text for text in tree(made).xpath("//section[contains(@class, 'verdict')]//li//text()") if "weakest" in text
    ]
    assert look == wanted


def test_the_stored_run_says_what_the_run_said(made: Run, tmp_path: Path) -> None:
    write_run(made, tmp_path)
    (folder,) = tmp_path.iterdir()
    assert run_to_json(analyse(load_run(folder))) == run_to_json(analyse(made))
