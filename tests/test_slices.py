"""Slices: they divide the corpus, their scores are sums of the same rows, and small ones are hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.analysis.slices import Slice, SliceScore, cut
from harness.analysis.stats.compare import Interval
from harness.metrics.load import formulas
from harness.metrics.segment import SegmentMean
from harness.reports.words.reasons import sentence
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Reason, Segment, SystemName, told
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_system

__all__ = ["harness"]

DOMAINS = {"news": 8, "speech": 6, "legal": 1}
"""Domain to number of articles, of five lines each."""

LINES = 5


def write(root: Path) -> list[object]:
    """Text files whose sources grow longer line by line, and the arguments that score them."""
    rng = np.random.default_rng(2)
    words = [f"w{number}" for number in range(40)]
    docids, reference, texts = "", "", {"good": "", "bad": ""}
    for domain, count in DOMAINS.items():
        for number in range(count):
            for line in range(LINES):
                docids += f"{domain}\t{domain}-{number}\n"
                chosen = rng.choice(words, size=6 + 3 * line)
                reference += " ".join(chosen) + "\n"
                for name, share in (("good", 0.1), ("bad", 0.3)):
                    texts[name] += " ".join("x" if rng.random() < share else word for word in chosen) + "\n"
    for name, text in {"docids": docids, "ref": reference, "src": reference, **texts}.items():
        (root / name).write_text(text, encoding="utf-8")
    return [
        "score", "-s", root / "src", "-r", root / "ref", "--docids", root / "docids", "--pair", "de-en", "--no-checks",
        "-q", *[f"--hypothesis={name}={root / name}" for name in texts],
    ]  # fmt: skip


def scored(root: Path) -> Run:
    write(root)
    return package.score(
        source=root / "src", references=[root / "ref"], hypotheses={"good": root / "good", "bad": root / "bad"},
        pair="de-en", docids=root / "docids", metrics=("bleu", "ter"), checks=False,
    )  # fmt: skip


def slices(run: Run, kind: str, pair: PairResult | None = None, **options: int) -> tuple[Slice, ...]:
    found = cut(pair or run.pairs[0], formulas(run.settings), kind, seed=1, **options)
    assert not isinstance(found, Missing)
    return found


def in_paragraphs(pair: PairResult) -> PairResult:
    """The first two lines of every article become its first paragraph."""

    def moved(segment: Segment) -> Segment:
        return replace(segment, paragraph=1 if segment.id.number <= 2 else 2)

    articles = tuple(
        replace(article, segments=tuple(moved(segment) for segment in article.segments))
        for article in pair.corpus.articles
    )
    return replace(pair, corpus=replace(pair.corpus, articles=articles))


def test_a_slice_scores_as_a_run_of_its_lines_alone(tmp_path: Path) -> None:
    run = scored(tmp_path)
    news = slices(run, "domain")[0]
    assert (sentence(news.label), news.segments, news.articles) == ("news", 40, 8)
    (tmp_path / "alone").mkdir()
    for name in ("src", "ref", "docids", "good", "bad"):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines(keepends=True)[:40]
        (tmp_path / "alone" / name).write_text("".join(lines), encoding="utf-8")
    root = tmp_path / "alone"
    alone = package.score(
        source=root / "src", references=[root / "ref"], hypotheses={"good": root / "good", "bad": root / "bad"},
        pair="de-en", docids=root / "docids", metrics=("bleu", "ter"), checks=False,
    )  # fmt: skip
    evidence = package.compare(alone, seed=1)["de-en"]
    for system in alone.pairs[0].systems:
        for metric in ("bleu", "ter"):
            item = news.scores[system.name][metric]
            assert isinstance(item, SliceScore)
            assert item.score == pytest.approx(system.scores[metric].corpus.value)  # type: ignore[union-attr]
            whole = evidence.metrics[metric].intervals[system.name]
            assert isinstance(item.interval, Interval)
            assert isinstance(whole, Interval)
            assert (item.interval.low, item.interval.high) == pytest.approx((whole.low, whole.high))


@pytest.mark.parametrize("kind", ["domain", "length", "position"])
def test_slices_divide_the_corpus(tmp_path: Path, kind: str) -> None:
    run = scored(tmp_path)
    pair = in_paragraphs(run.pairs[0])
    found = slices(run, kind, pair, fewest_segments=1)
    assert len(found) > 1
    assert sum(part.segments for part in found) == len(pair.corpus.segments) == 75
    # TER is edits over reference words: reference words are those of the source here, so the whole follows.
    for system in pair.systems:
        items = [part.scores[system.name]["ter"] for part in found]
        assert sum(item.n for item in items if isinstance(item, SliceScore)) == 75
        masks = _masks(pair, found, kind)
        words = [sum(len(segment.source.split()) for segment in group) for group in masks]
        values = [item.score for item in items if isinstance(item, SliceScore)]
        whole = sum(value * count for value, count in zip(values, words, strict=True)) / sum(words)
        assert whole == pytest.approx(system.scores["ter"].corpus.value)  # type: ignore[union-attr]


def _masks(pair: PairResult, found: tuple[Slice, ...], kind: str) -> list[list[Segment]]:
    """The segments of each slice, told from the slices' labels."""
    groups: list[list[Segment]] = []
    for part in found:
        if kind == "domain":
            groups.append(
                [s for a in pair.corpus.articles if a.meta["domain"] == sentence(part.label) for s in a.segments]
            )
        elif kind == "length":
            low, high = map(int, sentence(part.label).removesuffix(" characters").split("-"))
            groups.append([s for s in pair.corpus.segments if low <= len(s.source) <= high])
        else:
            groups.append(
                [s for s in pair.corpus.segments if (s.paragraph == 1) == (sentence(part.label) == "first paragraph")]
            )
    assert [len(group) for group in groups] == [part.segments for part in found]
    return groups


def test_length_is_cut_at_its_quartiles(tmp_path: Path) -> None:
    found = slices(scored(tmp_path), "length")
    assert len(found) == 4
    assert all(abs(part.segments - 75 / 4) < 4 for part in found)
    edges = [tuple(map(int, sentence(part.label).removesuffix(" characters").split("-"))) for part in found]
    assert all(one[1] < other[0] for one, other in pairwise(edges))


def test_small_slices_are_hidden_and_few_articles_have_no_interval(tmp_path: Path) -> None:
    run = scored(tmp_path)
    news, speech, legal = slices(run, "domain")
    good = SystemName("good")
    assert isinstance(news.scores[good]["bleu"], SliceScore)
    assert isinstance(speech.scores[good]["bleu"], SliceScore)  # thirty segments are enough
    hidden = legal.scores[good]["bleu"]
    assert (legal.segments, legal.articles) == (5, 1)
    assert hidden == Missing(Reason("slices.few", {"n": 5, "least": 30}), Reason("slices.few_help"))
    shown = slices(run, "domain", fewest_segments=5)[2].scores[good]["bleu"]
    assert isinstance(shown, SliceScore)
    assert isinstance(shown.interval, Missing)
    assert "too few articles" in sentence(shown.interval.why)


def test_only_a_tested_difference_leads_a_slice(tmp_path: Path) -> None:
    run = scored(tmp_path)
    good, bad = SystemName("good"), SystemName("bad")
    news, _, legal = slices(run, "domain", fewest_segments=5)
    for metric in ("bleu", "ter"):  # more is better, and less is
        leads = [news.scores[name][metric].leads for name in (good, bad)]  # type: ignore[union-attr]
        assert leads == [True, False]
        assert not any(legal.scores[name][metric].leads for name in (good, bad))  # type: ignore[union-attr]
    (pair,) = run.pairs
    twins = replace(pair, systems=tuple(replace(pair.systems[0], name=SystemName(name)) for name in "ab"))
    assert not any(
        part.scores[SystemName("a")]["bleu"].leads for part in slices(run, "length", twins, fewest_segments=5)
    )  # type: ignore[union-attr]


def test_articles_without_the_key_are_a_slice_and_unknown_keys_are_explained(tmp_path: Path) -> None:
    run = scored(tmp_path)
    (pair,) = run.pairs
    bare = tuple(
        replace(article, meta={}) if article.meta["domain"] == "speech" else article for article in pair.corpus.articles
    )
    found = slices(run, "domain", replace(pair, corpus=replace(pair.corpus, articles=bare)))
    assert [(sentence(part.label), part.segments) for part in found] == [
        ("news", 40),
        ("(not given)", 30),
        ("legal", 5),
    ]
    unknown = cut(pair, formulas(run.settings), "domian", seed=1)
    assert isinstance(unknown, Missing)
    assert sentence(unknown.why) == "no article has 'domian' in its metadata"
    assert sentence(unknown.fix) == "available slices: domain, length, position"
    whole = cut(pair, formulas(run.settings), "position", seed=1)
    assert isinstance(whole, Missing)
    assert sentence(whole.why) == "no article has a second paragraph"


def test_a_missing_metric_stays_missing(tmp_path: Path) -> None:
    run = scored(tmp_path)
    (pair,) = run.pairs
    first = replace(pair.systems[0], scores={**pair.systems[0].scores, "bleu": Missing(told("why"), told("fix"))})
    (news, *_) = slices(run, "domain", replace(pair, systems=(first, *pair.systems[1:])))
    assert news.scores[first.name]["bleu"] == Missing(told("why"), told("fix"))
    assert isinstance(news.scores[pair.systems[1].name]["bleu"], SliceScore)


def test_score_command(tmp_path: Path, harness: Shell) -> None:
    arguments = write(tmp_path)
    done = harness(*arguments, "--slice", "domain,position", "--format", "json")
    document = json.loads(done.out)
    news, _, legal = document["slices"]["domain"]
    assert (news["slice"], news["segments"], news["articles"]) == ("news", 40, 8)
    entry = news["systems"]["good"]["bleu"]
    assert entry["ci"][0] < entry["score"] < entry["ci"][1]
    assert set(legal["systems"]["good"]["bleu"]) == {"missing", "fix"}
    assert set(document["slices"]["position"]) == {"missing", "fix"}
    table = harness(*arguments, "--slice", "domain").out
    assert "BLEU by domain" in table
    assert "\nnews: good " in table
    assert "\nnews: 40 segments, 8 articles.\n" in table
    assert "\nHidden (fewer than 30 scored segments): legal (5).\n" in table
    assert "\nlegal: " not in table
    assert "<summary>de-en: BLEU by domain</summary>" in harness(*arguments, "--slice", "domain", "--format", "md").out
    assert "slices" not in json.loads(harness(*arguments, "--format", "json").out)


def test_compare_command(tmp_path: Path, harness: Shell) -> None:
    from tests.workspace import write_article, write_system

    for number in range(8):
        rows = [(f"Satz {number} {line}.", f"Sentence {number} {line}.") for line in range(3)]
        write_article(tmp_path, f"a{number}", [*rows, ("", ""), *[(f"Noch {s}", f"Yet {t}") for s, t in rows]])
    write_system(tmp_path, "copy", 'engine = "copy"')
    assert harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q").code == 0
    base = ("compare", "-C", tmp_path, "--slice", "position,length")
    document = json.loads(harness(*base, "--format", "json", "--metric", "chrf").out)
    first, later = document["slices"]["de-en"]["position"]
    assert (first["slice"], first["segments"], later["slice"], later["segments"]) == (
        "first paragraph", 24, "later paragraphs", 24,
    )  # fmt: skip
    assert set(first["systems"]["copy"]) == {"chrf"}
    assert "de-en by position:\n  first paragraph (24 segments, 8 articles)" in harness(*base).out
    assert harness(*base, "--format", "csv").code == 2


def test_only_what_is_scored_counts_in_a_slice() -> None:
    """Half of the segments of every article have no score, and what stands there instead is no number."""
    corpus = a_corpus(12, 4, domains=["news", "legal"] * 6)
    rng = np.random.default_rng(3)
    quality = {"a": 60.0, "b": 40.0, "c": 20.0}
    halves = {"a": [True, True, False, False] * 12, "b": [True, True, False, False] * 12}

    def cut_by_domain(scored: dict[str, list[bool]], fewest: int) -> tuple[Slice, ...]:
        systems = []
        for name, mask in scored.items():
            made = a_system(corpus, {"chrf": quality[name] + rng.normal(size=48)}, name=name, scored=mask)
            table = made.tables["chrf"]
            rows = np.where(np.array(mask)[:, None], table.rows, np.nan)
            systems.append(replace(made, tables={"chrf": replace(table, rows=rows)}))
        found = cut(a_result(corpus, *systems), lambda _: SegmentMean().score, "domain", seed=1, fewest_segments=fewest)
        assert not isinstance(found, Missing)
        return found

    a, b = SystemName("a"), SystemName("b")
    for part in cut_by_domain(halves, 12):
        assert part.segments == 24
        for name, leads in ((a, True), (b, False)):
            score = part.scores[name]["chrf"]
            assert isinstance(score, SliceScore)
            assert (score.n, score.leads) == (12, leads)
            assert score.score == pytest.approx(quality[name], abs=2)
            assert isinstance(score.interval, Interval)
            assert score.interval.low < score.score < score.interval.high
    hidden = Missing(Reason("slices.few", {"n": 12, "least": 13}), Reason("slices.few_help"))
    assert [part.scores[a]["chrf"] for part in cut_by_domain(halves, 13)] == [hidden, hidden]
    # Another one that nobody can be compared with: a is better than c, and may be worse than b.
    third = {"c": halves["a"]}
    for others in ({}, third):
        apart = cut_by_domain({**halves, "b": [False, False, True, True] * 12, **others}, 12)
        found = [score["chrf"] for part in apart for score in part.scores.values()]
        assert len(found) == 2 * (2 + len(others))
        assert not any(score.leads for score in found)  # type: ignore[union-attr]
    assert any(score["chrf"].leads for part in cut_by_domain({**halves, **third}, 12) for score in part.scores.values())  # type: ignore[union-attr]
