"""Builds that are gated against one baseline, one after the other: levels, records, the run chart, and their cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from harness import api
from harness.analysis import build_chart
from harness.analysis.gate.verdict import BuildTest, Verdict
from harness.analysis.stats.builds import ALPHA, build_level, false_alarm
from harness.errors import StoreError, UsageError
from harness.reports.formats.builds import FORMATS
from harness.store.baseline import BASELINE, Baseline, load_baseline
from harness.store.builds import folder_of, read_builds
from harness.store.runs.result import Run
from harness.types import Corpus
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system, said
from tests.kept import write_baseline
from tests.loopback import Loopback, Response, Seen
from tests.workspace import write_article, write_system

__all__ = ["harness"]

CORPUS = a_corpus(12)
FIRST = datetime.now(UTC)
PLANNED = 50


def a_build(number: int, shift: float = 0.0, noise: float = 1.0, corpus: Corpus = CORPUS) -> Run:
    """A run with outputs of its own; the same number has the same ones."""
    before = np.linspace(20, 60, len(corpus.segments))
    values = before + shift + noise * np.random.default_rng(number).normal(0, 1, len(before))
    system = a_system(corpus, {"chrf": values}, text=f"build {number}")
    return a_run(a_result(corpus, system), run=f"202603{number + 1:02}T0000-aaaaaa")


@pytest.fixture
def accepted(tmp_path: Path) -> Path:
    """A workspace with a baseline."""
    accept(tmp_path)
    return tmp_path


def accept(workspace: Path, when: datetime = FIRST, corpus: Corpus = CORPUS) -> None:
    baseline = a_build(0, noise=0.0, corpus=corpus)
    baseline = replace(baseline, id="20260301T0000-bbbbbb")
    write_baseline(Baseline(baseline, when, ""), workspace / BASELINE)


def check(workspace: Path, build: Run, planned: int | None = PLANNED, **margins: float) -> Verdict:
    return api.gate(build, workspace=workspace, margins=margins or {"chrf": 0.5}, builds=planned)


def place_of(verdict: Verdict) -> BuildTest:
    assert isinstance(verdict.build, BuildTest)
    return verdict.build


def records(workspace: Path) -> list[Path]:
    return sorted(folder_of(workspace, load_baseline(workspace / BASELINE)).glob("*.json"))


def notes(verdict: Verdict) -> str:
    return "\n".join(said(line) for line in verdict.findings if line.status == "note")


@pytest.mark.parametrize("planned", [1, 7, 50, 200])
def test_all_levels_together_are_the_level_however_many_builds_come(planned: int) -> None:
    levels = [build_level(number, planned) for number in range(1, 20 * planned + 1)]
    assert sum(levels[:planned]) == pytest.approx(ALPHA / 2)
    assert ALPHA * (1 - 2**-19) < sum(levels) < ALPHA
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels[:planned])) == 1


def test_what_repetition_does_is_said_from_the_second_build_on(accepted: Path) -> None:
    assert notes(check(accepted, a_build(1), None)) == ""
    assert false_alarm(7) == pytest.approx(0.3017, abs=1e-4)
    for number in range(2, 8):
        text = notes(check(accepted, a_build(number), None))
    assert "7 builds with new outputs or gate settings were checked against this baseline, each at 5 %" in text
    assert "up to 30 %" in text
    assert "builds = 50" in text


def test_a_loss_that_one_build_shows_alone_is_open_and_a_large_one_is_called(accepted: Path) -> None:
    assert check(accepted, a_build(4, -1.2, noise=2.0), None).status == "regressed"
    held = check(accepted, a_build(4, -1.2, noise=2.0))
    line = next(line for line in held.findings if line.metric)
    assert (held.status, held.passed) == ("inconclusive", False)
    assert line.reason.key == "gate.not_yet"
    assert "all builds together need p ≤ 0.0005" in said(line)
    large = check(accepted, a_build(3, -9.0))
    assert large.status == "regressed"
    assert place_of(large).number == 2


@pytest.mark.parametrize(
    ("articles", "planned", "status"), [(8, 50, "inconclusive"), (20, 2_000, "regressed"), (20, 20_000, "inconclusive")]
)
def test_a_level_that_the_articles_cannot_reach_is_said(
    tmp_path: Path, articles: int, planned: int, status: str
) -> None:
    corpus = a_corpus(articles)
    accept(tmp_path, corpus=corpus)
    verdict = check(tmp_path, a_build(1, -9.0, corpus=corpus), planned)
    assert verdict.status == status
    line = next(line for line in verdict.findings if line.metric)
    assert (line.reason.key == "gate.never") == (status == "inconclusive")


def test_the_same_outputs_are_no_new_test_and_those_of_the_baseline_are_none(accepted: Path) -> None:
    unchanged = load_baseline(accepted / BASELINE).run
    assert [place_of(check(accepted, build)).number for build in (unchanged, a_build(1), a_build(1))] == [0, 1, 1]
    renamed = a_run(*a_build(1).pairs, run="20260320T0000-cccccc")
    again = place_of(check(accepted, renamed))
    assert (again.number, again.same_as) == (1, a_build(1).id)
    assert place_of(check(accepted, a_build(2))).number == 2
    # Another margin is another question.
    another = check(accepted, a_build(2), chrf=0.1)
    assert place_of(another).number == 3
    assert "build 3 with new outputs or gate settings against this baseline" in notes(another)
    assert "nothing is spent" in notes(check(accepted, unchanged))


def test_a_renewed_baseline_begins_anew(accepted: Path) -> None:
    assert [place_of(check(accepted, a_build(number))).number for number in (1, 2)] == [1, 2]
    accept(accepted, datetime.now(UTC))
    assert place_of(check(accepted, a_build(3), 20)).number == 1


def test_a_plan_is_not_changed_on_the_way(accepted: Path) -> None:
    check(accepted, a_build(1), None)
    assert place_of(check(accepted, a_build(2), 20)).number == 2
    with pytest.raises(UsageError, match="planned for 20, not for 50"):
        check(accepted, a_build(3), 50)
    (accepted / "harness.toml").write_text("[gate]\nbuilds = 20\n", encoding="utf-8")
    assert place_of(check(accepted, a_build(3), None)).planned == 20


def test_a_lost_record_still_counts_and_a_changed_one_is_damage(accepted: Path) -> None:
    for number in range(1, 5):
        check(accepted, a_build(number))
    folder = records(accepted)[0].parent
    by_number = {json.loads(path.read_text())["number"]: path for path in records(accepted)}
    by_number[2].unlink()
    lost = check(accepted, a_build(5))
    assert (place_of(lost).number, place_of(lost).lost) == (5, 1)
    assert "the record of 1 build is missing; it still counts" in notes(lost)
    text = by_number[3].read_text(encoding="utf-8")
    for changed in (text.replace('"number": 3', '"number": 1'), text[:-20], "[]"):
        by_number[3].write_text(changed, encoding="utf-8")
        with pytest.raises(StoreError, match="damaged or was changed"):
            check(accepted, a_build(6))
        # Who planned nothing needs no record.
        assert check(accepted, a_build(6), None).status != "incomplete"
    by_number[3].write_text(text, encoding="utf-8")
    by_number[3].rename(folder / "other.json")
    with pytest.raises(StoreError, match="damaged"):
        check(accepted, a_build(6))


def test_jobs_at_the_same_time_take_a_place_each(accepted: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda number: check(accepted, a_build(number)), range(1, 9)))
    assert sorted(place_of(verdict).number for verdict in verdicts) == list(range(1, 9))
    assert len(records(accepted)) == 8


def test_records_of_several_runners_are_copied_together(
    accepted: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    accept(other)
    check(accepted, a_build(1))
    check(other, a_build(2))
    check(other, a_build(3))
    for path in records(other):
        (records(accepted)[0].parent / path.name).write_bytes(path.read_bytes())
    assert place_of(check(accepted, a_build(4))).number == 4


def test_a_gate_that_was_stopped_has_spent_its_place(accepted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(BaseException):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr("harness.api.runs.judge_run", stop)
        with pytest.raises(Stopped):
            check(accepted, a_build(1))
    assert place_of(check(accepted, a_build(2))).number == 2
    assert place_of(check(accepted, a_build(1))).number == 1


def test_the_chart_shows_every_build_in_every_format(accepted: Path, harness: Shell) -> None:
    for number, shift in enumerate((0.0, 0.5, -9.0), start=1):
        check(accepted, a_build(number, shift))
    kept = load_baseline(accepted / BASELINE)
    chart = build_chart(kept, read_builds(folder_of(accepted, kept)))
    assert [build.verdict for build in chart.builds][2] == "regressed"
    data = json.loads(FORMATS["json"](chart))
    assert (data["planned"], data["rule"], data["with_new_outputs"]) == (PLANNED, "halves", 3)
    assert [build["checks"][0]["status"] for build in data["builds"]][2] == "regressed"
    assert data["builds"][2]["checks"][0]["p_loss"] <= build_level(3, PLANNED)
    for name in ("terminal", "md", "html"):
        text = FORMATS[name](chart)
        assert "planned for 50 builds" in text
        assert all(a_build(number).id in text for number in (1, 2, 3))
        assert "regressed" in text
    assert FORMATS["html"](chart).count("<circle") == 3
    file = accepted / "chart.html"
    done = harness("baseline", "chart", "-C", accepted, "-o", file)
    assert (done.code, file.read_text(encoding="utf-8")) == (0, FORMATS["html"](chart))
    assert harness("baseline", "chart", "-C", accepted).out.startswith("baseline 20260301T0000-bbbbbb")


def test_a_chart_of_nothing_says_so(accepted: Path, harness: Shell) -> None:
    for name in ("terminal", "md"):
        assert "has measured anything yet" in harness("baseline", "chart", "-C", accepted, "--format", name).out


@pytest.fixture
def vendor() -> Iterator[Loopback]:
    """A service that charges for what it is asked."""
    with Loopback(lambda seen: Response.of({"t": [text.upper() for text in seen.json["q"]]})) as server:
        yield server


def test_a_build_of_an_unchanged_engine_buys_nothing_and_is_no_test(
    tmp_path: Path, vendor: Loopback, harness: Shell
) -> None:
    for number in range(6):
        write_article(tmp_path, f"a{number}", [(f"Satz {number} {line}.", f"SATZ {number} {line}.") for line in "abc"])

    def use(version: str) -> None:
        write_system(
            tmp_path,
            "paid",
            f'engine = "http"\n[options]\nurl = "{vendor.url}/{version}"\nbody = {{ q = ["{{text}}"] }}\n'
            'response = "t"\nbatch = true\n[price]\nper_million_characters = 20\ncurrency = "USD"\n',
        )

    use("v1")
    assert harness("run", "--metric", "chrf", "-q", "-C", tmp_path).code == 0
    assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
    paid = list(vendor.ledger)
    assert paid
    for _ in range(2):
        assert harness("run", "--metric", "chrf", "-q", "-C", tmp_path).code == 0
        done = harness("gate", "--builds", "50", "--format", "json", "-C", tmp_path)
        assert done.code == 0, done.err
        assert json.loads(done.out)["builds"]["number"] == 0
    assert vendor.ledger == paid
    # Another version is another engine, and is bought; one that changes behind the same name is not noticed.
    use("v2")
    assert harness("run", "--metric", "chrf", "-q", "-C", tmp_path).code == 0
    assert len(vendor.ledger) == 2 * len(paid)


def test_what_changes_behind_the_same_name_is_found_by_asking_again(tmp_path: Path, harness: Shell) -> None:
    changed = False

    def answer(seen: Seen) -> Response:
        return Response.of({"t": [text.lower() if changed else text.upper() for text in seen.json["q"]]})

    with Loopback(answer) as server:
        write_article(tmp_path, "a", [(f"Satz {line}.", f"SATZ {line}.") for line in "abcdef"])
        write_system(
            tmp_path,
            "paid",
            f'engine = "http"\n[options]\nurl = "{server.url}"\nbody = {{ q = ["{{text}}"] }}\nresponse = "t"\n'
            'batch = true\n[price]\nper_million_characters = 20\ncurrency = "USD"\n',
        )
        assert harness("run", "--metric", "chrf", "-q", "-C", tmp_path).code == 0
        assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
        changed = True
        assert harness("run", "--metric", "chrf", "-q", "-C", tmp_path).code == 0
        assert harness("gate", "--builds", "50", "-C", tmp_path).code == 0
        done = harness("drift", "-q", "-C", tmp_path)
        assert (done.code, "CHANGED" in done.out) == (3, True)
