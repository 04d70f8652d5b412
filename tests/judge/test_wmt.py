"""The people of WMT23 as a judge: served their published ratings, the harness gives the published scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from harness.metrics.interface import Enquiry, MetricContext, Replies
from harness.metrics.judge.metric import Judge
from harness.metrics.judge.options import JudgeOptions
from harness.metrics.scoring import score_systems
from harness.store.cache.nothing import NoCache
from harness.store.runs.result import MetricScores
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    LangPair,
    Money,
    Score,
    Segment,
    SegmentId,
    SystemName,
    Translated,
)
from harness.workspace.progress import Silent
from tests.cli.conftest import Shell, harness
from tests.judge.scene import HOUSES, Question, configure, error, judge_server, last_pair, write_judged
from tests.loopback import Loopback
from tests.metrics.build import lines

__all__ = ["harness"]

PAIR = LangPair("en", "de")


@dataclass(frozen=True)
class Rated:
    """What people said of English-German in 2023."""

    sources: Sequence[str]
    outputs: Mapping[str, Sequence[str]]
    ratings: Mapping[str, Mapping[int, float]]
    """System to line, from 0, to its errors, weighted; all systems were rated on the same lines."""
    published: Mapping[str, float]


@pytest.fixture(scope="module")
def rated(request: pytest.FixtureRequest) -> Rated:
    folder: Path = request.getfixturevalue("wmt_data") / "wmt23.en-de"
    outputs = {path.stem: lines(path) for path in sorted((folder / "systems").glob("*.txt"))}
    outputs["refA"] = lines(folder / "reference.refA.txt")
    ratings: dict[str, dict[int, float]] = {name: {} for name in outputs}
    for row in lines(folder / "human_mqm_seg.tsv")[1:]:
        system, line, score = row.split("\t")
        ratings[system][int(line) - 1] = -float(score)
    rows = (row.split("\t") for row in lines(folder / "official_scores.tsv")[1:])
    published = {row[0]: -float(row[3]) for row in rows if row[1] == "human mqm"}
    return Rated(lines(folder / "source.txt"), outputs, ratings, published)


def answer(score: float, translation: str) -> object:
    """A judgement with these weighted errors: so many major ones, minor ones, and minor ones of punctuation."""
    major, rest = divmod(round(10 * score), 50)
    minor, punctuation = divmod(rest, 10)
    word = translation.split()[0]
    return {
        "errors": [
            *[error(word, "major", "accuracy/mistranslation")] * major,
            *[error(word, "minor", "fluency/grammar")] * minor,
            *[error(word, "minor", "fluency/punctuation")] * punctuation,
        ]
    }


class People:
    """Answers what the raters of one system said."""

    def __init__(self, said: Mapping[tuple[str, str], float]) -> None:
        self.said = said

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        assert pair == PAIR
        asked = [json.loads(question) for question in enquiry.questions]
        said = [answer(self.said[one["source"], one["translation"]], one["translation"]) for one in asked]
        return Replies(tuple(Translated(json.dumps(one)) for one in said), len(said), Money(0.0, ""))


def test_published_system_scores_and_ranking(rated: Rated) -> None:
    judged = sorted(rated.ratings["refA"])
    assert len(judged) == 460
    article = ArticleId("wmt23")
    segments = (
        Segment(SegmentId(article, number), number, 1, rated.sources[line], ())
        for number, line in enumerate(judged, start=1)
    )
    corpus = Corpus(PAIR, (Article(article, PAIR, tuple(segments)),))
    found = {}
    for system, texts in rated.outputs.items():
        # Each by itself: people rated equal texts of two systems differently, and a judge is asked for them once.
        said = {(rated.sources[line], texts[line]): score for line, score in rated.ratings[system].items()}
        judge = Judge(JudgeOptions(engine="anthropic", model="people"))
        context = MetricContext(PAIR, NoCache(), enquirer=People(said))
        outcomes = {SystemName(system): [Translated(texts[line]) for line in judged]}
        scored = score_systems(corpus, outcomes, {"judge": judge}, context, Silent(), add_reference="")
        scores = scored[SystemName(system)].scores["judge"]
        assert isinstance(scores, MetricScores)
        assert isinstance(scores.corpus, Score)
        assert scores.corpus.n == 460
        found[system] = scores.corpus.value
    assert len(found) == 13
    assert found == pytest.approx(dict(rated.published), abs=1e-6)
    assert sorted(found, key=found.__getitem__) == sorted(rated.published, key=rated.published.__getitem__)


def test_the_same_through_the_command_line(
    rated: Rated, tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, for three systems and the first texts that people rated alike wherever they are alike."""
    house = HOUSES["openai"]
    house.vendor.needs()
    for name, value in house.vendor.environment.items():
        monkeypatch.setenv(name, value)
    systems = ("GPT4-5shot", "ONLINE-B", "NLLB_Greedy")
    judged = [line for line in sorted(rated.ratings["refA"]) if "\t" not in rated.sources[line]][:40]
    said: dict[tuple[str, str], float] = {}
    for system in systems:
        for line in list(judged):
            texts = rated.sources[line], rated.outputs[system][line]
            if said.setdefault(texts, rated.ratings[system][line]) != rated.ratings[system][line]:
                judged.remove(line)
    outputs = {name: [rated.outputs[name][line] for line in judged] for name in systems}
    write_judged(tmp_path, outputs, [rated.sources[line] for line in judged], articles=4)

    def people(asked: Question) -> object:
        return answer(said[asked["source"], asked["translation"]], asked["translation"])

    with Loopback(judge_server(house, people)) as server:
        configure(tmp_path, house, server.url)
        done = harness("run", "-C", tmp_path, "--metric", "judge", "--quiet", "--ignore-lint")
        assert done.code == 0, done.err
    expected = {name: sum(rated.ratings[name][line] for line in judged) / len(judged) for name in systems}
    scores = {system.name: system.scores["judge"] for system in last_pair(tmp_path).systems}
    assert {name: one.corpus.value for name, one in scores.items()} == pytest.approx(expected, abs=1e-6)  # type: ignore[union-attr]
    assert all(better < worse for better, worse in pairwise(sorted(expected.values())))
