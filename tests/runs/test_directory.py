"""A stored run comes back as it was, from every schema there has ever been."""

from __future__ import annotations

import json
import math
import os
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import harness.store.runs.arrays as arrays_module
from harness.checks.interface import WHOLE, Flag
from harness.errors import StoreError, UsageError
from harness.metrics.interface import ErrorSpan, StatTable
from harness.reports.words.reasons import noted, sentence
from harness.store.runs.directory import list_runs, load_run, stamp
from harness.store.runs.frame import finite, segment_scores
from harness.store.runs.latency import Timing, TooFew
from harness.store.runs.names import find_run
from harness.store.runs.result import NOT_KEPT, MetricScores, PairResult, Run, SystemResult, Traffic
from harness.store.runs.schema import SCHEMA
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    Failed,
    LangPair,
    MetricIdentity,
    Missing,
    Money,
    Note,
    Part,
    Reason,
    Refused,
    Score,
    Segment,
    SegmentId,
    SystemName,
    Traits,
    Translated,
    Unknown,
    told,
)
from tests.kept import write_run

OLD_RUNS = Path(__file__).resolve().parents[1] / "data" / "old_runs"


NO_SCORE = Reason("unscored.no_score")
FEW = Reason("latency.too_few", {"n": 2, "quantile": Part("message", "latency.p95"), "least": 20})
OTHERS = Reason(
    "decision.only",
    {"system": Part("list", ("a", Part("system", SystemName("s"))), "or"), "metric": Reason("told", {"text": "chrF"})},
)


def a_run(why: Reason = NO_SCORE, few: Reason = FEW, unknown: Reason = OTHERS) -> Run:
    """Every kind of outcome, score, reason and note there is."""
    pair = LangPair("en", "pt-BR")
    segments = tuple(
        Segment(SegmentId(ArticleId("a"), number), number, 1, f"Source {number} \u2028 ü", references)
        for number, references in enumerate([("um",), (), ("dois", "duas")], 1)
    )
    corpus = Corpus(pair, (Article(ArticleId("a"), pair, segments, {"title": "Título", "domain": "news"}),))
    identity = MetricIdentity("m", "sig|x:1", False, True)
    scored = np.array([True, False, True])
    table = StatTable(
        identity,
        np.array([[0.1, 1], [0, 0], [1 / 3, 1]]),
        scored,
        {"empty": np.array([False, False, True])},
        {2: (ErrorSpan(1, 4, "major", 0.75),)},
    )
    segment_scores = np.array([0.1, 0.0, 1 / 3])
    scores = MetricScores(identity, Score(0.1 + 1 / 3, 2), (Missing(why),), segment_scores, scored)
    system = SystemResult(
        name=SystemName("s"),
        label="S",
        engine=EngineIdentity("e", "1", {"temperature": 0.5, "nested": {"k": [1, None]}}),
        origin="live",
        outcomes=(Translated("olá", cached=True, notes={"unknown_words": 2}), Refused("filter"), Failed("time-out")),
        tables={"m": table},
        scores={"m": scores, "comet": Missing(told("not here"), told("pip install it"))},
        price_per_million=20.0,
        currency="EUR",
        traffic=Traffic(
            3,
            1,
            0.25,
            TooFew(few),
            80.0,
            "2026-01-02",
            "2026-01-03",
            2,
            Money(0.1, "EUR"),
            Unknown(unknown),
            ("m-1",),
            "x",
            (Timing(0.25, 40), Timing(1.5, 900)),
            4,
            1880,
            2,
        ),
        repeats={"m": (0.1, 0.2)},
    )
    result = PairResult(
        corpus, ("m", "comet"), (system,), {SystemName("gone"): "no key"}, (Note("file:1", "BOM kept"),)
    )
    return Run(
        id="20260102T0304-abcdef",
        created="2026-01-02T03:04:05+00:00",
        status="incomplete",
        pairs=(result,),
        environment={"python": "3.11"},
        command="harness run",
        seed=7,
        settings={"limit": 3},
    )


def assert_equal_runs(left: Run, right: Run) -> None:
    """Equality that looks into arrays."""
    for one, other in zip(left.pairs, right.pairs, strict=True):
        assert one.metric_costs == other.metric_costs
        for a, b in zip(one.systems, other.systems, strict=True):
            assert list(a.tables) == list(b.tables)
            for name, table in a.tables.items():
                mine, theirs = a.scores[name], b.scores[name]
                assert isinstance(mine, MetricScores)
                assert isinstance(theirs, MetricScores)
                assert np.array_equal(table.rows, b.tables[name].rows)
                assert np.array_equal(table.scored, b.tables[name].scored)
                assert np.array_equal(mine.segments, theirs.segments)
                assert table.spans == b.tables[name].spans
                assert table.justifications == b.tables[name].justifications
                assert {key: mask.tolist() for key, mask in table.marks.items()} == {
                    key: mask.tolist() for key, mask in b.tables[name].marks.items()
                }
                assert (mine.identity, mine.corpus, mine.articles) == (theirs.identity, theirs.corpus, theirs.articles)
            missing = {name: item for name, item in a.scores.items() if isinstance(item, Missing)}
            assert missing == {name: item for name, item in b.scores.items() if isinstance(item, Missing)}
            assert replace(a, tables={}, scores={}) == replace(b, tables={}, scores={})
            assert a.outcomes == b.outcomes
        assert replace(one, systems=()) == replace(other, systems=())
    for own in fields(left):
        assert own.name == "pairs" or getattr(left, own.name) == getattr(right, own.name)


def test_notes_are_kept_as_data_and_in_english(tmp_path: Path) -> None:
    run = a_run()
    (pair,) = run.pairs
    notes = (Note("file:1", "BOM kept"), Note("m", Reason("noted.averaged", {"n": 2})), Note("s", told("as told")))
    folder = write_run(replace(run, pairs=(replace(pair, notes=notes),)), tmp_path)
    found = load_run(folder).pairs[0].notes
    assert [noted(note) for note in found] == [
        "file:1: BOM kept",
        "m: 2 segments were rated more than once; their score is the mean of the ratings",
        "s: as told",
    ]
    assert found[:2] == notes[:2]
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))["pairs"][0]["notes"]
    assert kept[1]["what"] == noted(notes[1]).removeprefix("m: ")
    assert kept[1]["reasons"]["what"]["key"] == "noted.averaged"


def test_round_trip_in_full_precision(tmp_path: Path) -> None:
    run = a_run()
    folder = write_run(run, tmp_path)
    assert folder == tmp_path / run.id
    assert_equal_runs(load_run(folder), run)
    assert sorted(path.name for path in folder.iterdir()) == [
        "outcomes.jsonl",
        "run.json",
        "segments.jsonl",
        "statistics.npz",
    ]


def test_what_is_known_of_a_segment_comes_back(tmp_path: Path) -> None:
    run = a_run()
    (article, *others) = run.pairs[0].corpus.articles
    known = replace(article, segments=(replace(article.segments[0], meta={"id": "tu-1"}), *article.segments[1:]))
    corpus = replace(run.pairs[0].corpus, articles=(known, *others))
    run = replace(run, pairs=(replace(run.pairs[0], corpus=corpus), *run.pairs[1:]))
    loaded = load_run(write_run(run, tmp_path))
    metas = [segment.meta for segment in loaded.pairs[0].corpus.segments]
    assert metas[0] == {"id": "tu-1"}
    assert not any(metas[1:])


def test_what_metrics_say_and_cost_comes_back(tmp_path: Path) -> None:
    run = a_run()
    (pair,) = run.pairs
    (system,) = pair.systems
    omission = ErrorSpan(0, 6, "minor", 1.0, "source", "accuracy/omission", "Source", "It is gone.")
    table = replace(
        system.tables["m"],
        spans={0: (omission,), 2: (ErrorSpan(1, 4, "major", 0.75), omission)},
        justifications={1: "refused: no", 2: "Nothing is wrong."},
    )
    costs = {"m": Money(0.25, "USD"), "comet": Unknown(OTHERS)}
    said = replace(pair, systems=(replace(system, tables={"m": table}),), metric_costs=costs)
    folder = write_run(replace(run, pairs=(said,)), tmp_path)
    assert_equal_runs(load_run(folder), replace(run, pairs=(said,)))
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))["pairs"][0]["systems"][0]["scores"]["m"]
    assert kept["spans"]["2"][0] == [1, 4, "major", 0.75], "in short, as earlier versions wrote it"


def test_notes_of_outcomes_come_back(tmp_path: Path) -> None:
    outcome = load_run(write_run(a_run(), tmp_path)).pairs[0].systems[0].outcomes[0]
    assert isinstance(outcome, Translated)
    assert outcome.notes == {"unknown_words": 2}


@pytest.mark.parametrize(
    "project", ["Füchse & Gänse", Missing(Reason("project.no_workspace"))], ids=["named", "missing"]
)
def test_the_project_comes_back(tmp_path: Path, project: str | Missing) -> None:
    assert load_run(write_run(replace(a_run(), project=project), tmp_path)).project == project


def test_a_run_from_before_projects_were_kept_says_so(tmp_path: Path) -> None:
    folder = write_run(replace(a_run(), project="x"), tmp_path)
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    del data["project"]
    (folder / "run.json").write_text(json.dumps(data), encoding="utf-8")
    for old in (
        load_run(folder),
        *(load_run(OLD_RUNS / str(version) / a_run().id) for version in range(1, SCHEMA + 1)),
    ):
        assert isinstance(old.project, Missing)
        assert sentence(old.project.why) == "the version that made this run did not keep it"


def test_every_past_schema_has_a_stored_run_that_loads() -> None:
    assert sorted(path.name for path in OLD_RUNS.iterdir()) == [str(version) for version in range(1, SCHEMA + 1)]
    assert_equal_runs(load_run(OLD_RUNS / "4" / a_run().id), a_run())
    # Up to the third schema reasons were kept as they were said.
    said = a_run(told("why"), told("2 requests"), told("?"))
    (pair,) = said.pairs
    assert_equal_runs(load_run(OLD_RUNS / "3" / said.id), said)
    # The second knew the latencies, with imports in them, and not what was answered.
    inside = Unknown(Reason("latency.imports_inside"))
    old = [
        replace(
            system, traffic=replace(system.traffic, p50=inside, p95=inside, timings=(), answers=NOT_KEPT,
                                    characters=NOT_KEPT, repetitions=NOT_KEPT)
        )
        for system in pair.systems
    ]  # fmt: skip
    assert_equal_runs(load_run(OLD_RUNS / "2" / said.id), replace(said, pairs=(replace(pair, systems=tuple(old)),)))
    # The first schema knew nothing of what was sent.
    unmeasured = Missing(Reason("unknown.not_measured"))
    systems = tuple(replace(system, traffic=unmeasured, repeats={}) for system in pair.systems)
    assert_equal_runs(load_run(OLD_RUNS / "1" / said.id), replace(said, pairs=(replace(pair, systems=systems),)))


def test_reasons_are_kept_with_their_english(tmp_path: Path) -> None:
    folder = write_run(a_run(), tmp_path)
    (entry,) = json.loads((folder / "run.json").read_text())["pairs"][0]["systems"]
    assert entry["scores"]["m"]["articles"] == [
        {
            "missing": "the metric returned no score",
            "fix": "",
            "reasons": {"missing": {"key": "unscored.no_score", "fields": {}}},
        }
    ]
    assert entry["scores"]["comet"] == {"missing": "not here", "fix": "pip install it", "reasons": {}}
    assert entry["traffic"]["p95"]["too_few"].startswith("2 requests are too few for a p95, which needs 20")
    assert entry["traffic"]["saved"]["unknown"] == "only a or s has a comparable chrF score"


@pytest.mark.parametrize(
    "reason",
    [
        {"key": "unscored.of_another_version", "fields": {"n": 3}},
        {"key": "unscored.no_number", "fields": {}},
        {
            "key": "unscored.no_number",
            "fields": {"value": {"part": "money", "value": 3, "of": "", "decimals": "significant"}},
        },
        {"key": "unscored.no_number", "fields": {"value": {"key": "unscored.of_another_version", "fields": {}}}},
    ],
)
def test_a_reason_this_version_cannot_say_is_said_as_it_was_kept(tmp_path: Path, reason: dict[str, object]) -> None:
    folder = write_run(a_run(), tmp_path)
    text = json.loads((folder / "run.json").read_text())
    kept = {"missing": "so it was said", "fix": "", "reasons": {"missing": reason}}
    text["pairs"][0]["systems"][0]["scores"]["m"]["corpus"] = kept
    (folder / "run.json").write_text(json.dumps(text))
    scores = load_run(folder).pairs[0].systems[0].scores["m"]
    assert isinstance(scores, MetricScores)
    assert isinstance(scores.corpus, Missing)
    assert sentence(scores.corpus.why) == "so it was said"
    again = write_run(replace(load_run(folder), id="20260102T0304-abcdee"), tmp_path)
    assert json.loads((again / "run.json").read_text())["pairs"][0]["systems"][0]["scores"]["m"]["corpus"] == kept


def test_find_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no runs in"):
        find_run(tmp_path, "latest")
    first, second = (
        replace(a_run(), id=name, status="complete", settings={})
        for name in ("20260101T0000-aaaaaa", "20260102T0000-bbbbbb")
    )
    folders = [write_run(run, tmp_path) for run in (first, second)]
    assert list_runs(tmp_path) == folders
    assert find_run(tmp_path, "latest") == folders[1]
    assert find_run(tmp_path, "20260101") == folders[0]
    assert find_run(tmp_path, str(folders[0])) == folders[0]
    with pytest.raises(UsageError, match="matches 2 runs"):
        find_run(tmp_path, "2026")


def test_of_two_runs_in_one_second_the_later_is_the_latest(tmp_path: Path) -> None:
    folders = []
    for suffix in ("ffffff", "aaaaaa"):
        folders.append(
            write_run(replace(a_run(), id=f"20260101T000000-{suffix}", status="complete", settings={}), tmp_path)
        )
        os.utime(folders[-1] / "run.json", ns=(len(folders), len(folders)))
    assert list_runs(tmp_path) == folders
    assert find_run(tmp_path, "latest") == folders[1]


def test_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere does not exist"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(StoreError, match=r"run\.json is missing"):
        load_run(tmp_path)


def test_to_frame_has_every_score_once(tmp_path: Path) -> None:
    frame = load_run(write_run(a_run(), tmp_path)).to_frame()
    assert frame.groupby("level").size().to_dict() == {"corpus": 1, "segment": 2}


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ("20260101T120000-aaaaaa", "20260101T130000"),
        ("20260101T150000-aaaaaa", "20260101T150001"),
        ("20261399T999999-aaaaaa", "20260101T130000"),
        ("mine", "20260101T130000"),
    ],
)
def test_a_run_comes_after_the_others_when_the_clock_was_put_back(tmp_path: Path, newest: str, expected: str) -> None:
    (tmp_path / newest).mkdir()
    (tmp_path / newest / "run.json").write_text("{}")
    now = datetime(2026, 1, 1, 13, tzinfo=UTC)
    assert f"{stamp(tmp_path, now):%Y%m%dT%H%M%S}" == expected


def with_first_system(run: Run, **changes: object) -> Run:
    (pair,) = run.pairs
    system = replace(pair.systems[0], **changes)  # type: ignore[arg-type]
    return replace(run, pairs=(replace(pair, systems=(system, *pair.systems[1:])),))


def test_flags_come_back_and_so_does_that_there_were_no_checks(tmp_path: Path) -> None:
    whole, part = Flag("empty", WHOLE, "no text", 1.0), Flag("not_checked", (0, 2), "it raised", 0.5, failed="number")
    flags = ((whole, part), (), (part,))
    assert load_run(write_run(with_first_system(a_run(), flags=flags), tmp_path)).pairs[0].systems[0].flags == flags
    none = ((), (), ())
    assert load_run(write_run(with_first_system(a_run(), flags=none), tmp_path)).pairs[0].systems[0].flags == none
    assert load_run(write_run(with_first_system(a_run(), flags=()), tmp_path)).pairs[0].systems[0].flags == ()


def test_what_costs_nothing_is_not_of_unknown_cost(tmp_path: Path) -> None:
    traffic = a_run().pairs[0].systems[0].traffic
    assert isinstance(traffic, Traffic)
    free = replace(traffic, spent=Money(0.0, "EUR"), saved=Money(0.0, ""))
    assert load_run(write_run(with_first_system(a_run(), traffic=free), tmp_path)).pairs[0].systems[0].traffic == free


def test_files_that_do_not_belong_together_are_damage(tmp_path: Path) -> None:
    folder = write_run(a_run(), tmp_path)
    segments, statistics, manifest = (folder / name for name in ("segments.jsonl", "statistics.npz", "run.json"))
    before = segments.read_bytes()
    segments.write_bytes(before.replace(b"Source 1", b"Source 9"))
    with pytest.raises(StoreError, match="the segments of en-pt_BR differ from those of the run"):
        load_run(folder)
    segments.write_bytes(before)
    assert load_run(folder).id == folder.name
    kept = statistics.read_bytes()
    with np.load(statistics) as archive:
        arrays = {name: archive[name][:2] for name in archive.files}
    np.savez_compressed(statistics, **arrays)
    with pytest.raises(StoreError, match="2 rows for 3 segments of s m"):
        load_run(folder)
    statistics.write_bytes(kept)
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace(f'"schema_version": {SCHEMA}', f'"schema_version": {SCHEMA + 1}'), encoding="utf-8"
    )
    with pytest.raises(StoreError, match="was written by a newer harness"):
        load_run(folder)


def test_what_is_no_number_is_no_score() -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert isinstance(finite(Score(value, 1)), Missing)
    assert finite(Score(-1e300, 1)) == Score(-1e300, 1)
    run = a_run()
    (system,) = run.pairs[0].systems
    scores = system.scores["m"]
    assert isinstance(scores, MetricScores)
    zero = replace(scores, segments=np.array([0.0, 5.0, 1 / 3]))
    made = segment_scores(run.pairs[0].corpus.segments, system, zero)
    assert made[0] == Score(0.0, 1), "a score of nothing is a score"
    assert isinstance(made[1], Missing), "and what was not scored is none, whatever stands there"


def test_what_a_metric_is_is_kept_and_told_by_its_name_in_runs_of_before(tmp_path: Path) -> None:
    traits = Traits("with_reference", "comet", decimals=4, usual_margin=0.0035, usual_spread=0.026, brought=True)
    run = a_run()
    (pair,) = run.pairs
    (system,) = pair.systems
    scores = system.scores["m"]
    assert isinstance(scores, MetricScores)
    for kept in (traits, Traits()):
        identity = replace(scores.identity, name="comet", traits=kept)
        changed = replace(system, scores={**system.scores, "m": replace(scores, identity=identity)})
        folder = write_run(replace(run, pairs=(replace(pair, systems=(changed,)),)), tmp_path / kept.kind)
        assert load_run(folder).pairs[0].identities["m"].traits == kept
        file = folder / "run.json"
        data = json.loads(file.read_text())
        del data["pairs"][0]["systems"][0]["scores"]["m"]["identity"]["traits"]
        file.write_text(json.dumps(data))
        assert load_run(folder).pairs[0].identities["m"].traits == replace(traits, brought=False)


def test_files_of_a_run_that_would_fill_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_run(a_run(), tmp_path)
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    for name in ("run.json", "segments.jsonl", "outcomes.jsonl"):
        with (folder / name).open("r+b") as stream:
            stream.truncate(3 * 2**30)
        with pytest.raises(StoreError, match=r"larger than 512 MiB|a line of more than 64 MiB"):
            load_run(folder)
        (folder / name).write_bytes(kept[folder / name])
    monkeypatch.setattr(arrays_module, "MOST_UNPACKED", 100)
    with pytest.raises(StoreError, match="damaged: ValueError: more than 0 GiB of arrays"):
        load_run(folder)
    monkeypatch.undo()
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,), }".ljust(117) + b"\n"
    with zipfile.ZipFile(folder / "statistics.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00v\x00" + header)
    with pytest.raises(StoreError, match="is damaged"):
        load_run(folder)
