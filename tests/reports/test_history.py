"""Several runs side by side: the numbers are those of the runs, and what does not compare says why."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import analyse_several
from harness.analysis.several.scores import ScoreChange, find_changes
from harness.reports.charts.trend import trend_charts
from harness.reports.formats.history_formats import (
    render_csv,
    render_html,
    render_json,
    render_markdown,
    tables,
)
from harness.reports.model.history import History, build_history
from harness.reports.words.numbers import format_score
from harness.store.runs.result import Run
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_run
from tests.reports.build import decimals_of, hostile_run

__all__ = ["harness"]

CORPUS = a_corpus()
N = len(CORPUS.segments)
BASE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)


def nights(count: int, signature: str = "v1") -> list[Run]:
    """Runs of two systems, the first of which gets better every night."""
    return [
        replace(
            a_run(
                a_result(
                    CORPUS,
                    a_system(CORPUS, {"chrf": BASE + night + WOBBLE * (night > 0)}, name="up", signature=signature),
                    a_system(CORPUS, {"chrf": BASE}, name="same", signature=signature),
                )
            ),
            id=f"2026112{night}T000000-aaaaaa",
            created=f"2026-11-2{night}T00:00:00Z",
        )
        for night in range(count)
    ]


def by_system(history: History) -> dict[str, list[float]]:
    data = json.loads(render_json(history))
    return {track["system"]: [value["score"] for value in track["values"]] for track in data["tracks"]}


def test_values_and_change_are_those_of_the_runs_in_every_format() -> None:
    runs = nights(4)
    history = build_history(analyse_several(runs))
    expected = [float((BASE + n + WOBBLE * (n > 0)).mean()) for n in range(4)]
    assert by_system(history)["up"] == pytest.approx(expected)
    row = next(change for change in find_changes(runs[-1], runs[0], seed=runs[-1].seed) if change.system == "up")
    assert isinstance(row.change, ScoreChange)
    change = next(t["change"] for t in json.loads(render_json(history))["tracks"] if t["system"] == "up")
    assert change["delta"] == row.change.delta == pytest.approx(3 + WOBBLE.mean())
    assert (change["p"], change["p_adjusted"]) == (row.change.p, row.p_adjusted)
    rows = list(csv.DictReader(io.StringIO(render_csv(history).decode())))
    mine = [line for line in rows if line["system"] == "up"]
    assert [float(line["score"]) for line in mine] == pytest.approx([*expected, change["delta"]])
    assert (float(mine[-1]["low"]), float(mine[-1]["high"])) == (change["low"], change["high"])
    for text in (render_markdown(history).decode(), render_html(history).decode()):
        for value in expected:
            assert format_score(decimals_of("chrf"), value) in text
        assert "<script" not in text


def test_another_signature_gives_no_difference_and_breaks_the_line() -> None:
    history = build_history(analyse_several([*nights(2), *(replace(run, id=f"x{run.id}") for run in nights(2, "v2"))]))
    track = history.tracks[0]
    assert [bool(value.apart) for value in track.values] == [False, False, True, False]
    (table,) = tables(history)
    assert table.rows[0][-3:] == ("–", "–", "–")
    assert any("the metric changed from v1 to v2" in remark for remark in table.remarks)
    (chart,) = trend_charts(history)
    lines = {value["line"] for value in chart.spec["data"]["values"]}
    assert len(lines) == 4  # two systems, in two parts each


def test_what_only_a_run_in_the_middle_has_is_shown() -> None:
    runs = nights(3)
    extra = a_system(CORPUS, {"chrf": BASE}, name="guest")
    runs[1] = replace(runs[1], pairs=(a_result(CORPUS, *runs[1].pairs[0].systems, extra),))
    (table,) = tables(build_history(analyse_several(runs)))
    wanted = ("–", format_score(decimals_of("chrf"), BASE.mean()), "–")
    assert next(row for row in table.rows if row[0] == "guest")[1:4] == wanted
    assert any(remark.startswith("guest: no difference, because neither") for remark in table.remarks)


def test_hostile_text_stays_text_and_markdown_stays_small() -> None:
    run = hostile_run()
    history = build_history(analyse_several([run, replace(run, id="<b>|x")]), notes=["<i>"] * 50)
    page, comment = render_html(history).decode(), render_markdown(history).decode()
    assert "<script" not in page
    assert "<b>|x" not in page
    assert "<b>|x" not in comment
    assert "\x1b" not in page + comment
    many = [a_system(CORPUS, {f"m{n}": BASE for n in range(3)}, name="*_" * 30 + str(k)) for k in range(150)]
    wide = a_run(a_result(CORPUS, *many))
    comment = render_markdown(build_history(analyse_several([wide, replace(wide, id="other")]))).decode()
    assert len(comment) < 65_536
    assert "left out to fit the comment size limit" in comment


def test_the_command(tmp_path: Path, harness: Shell) -> None:
    place = tmp_path / "reports" / "runs"
    runs = nights(3)
    assert harness("report", "--history", "-C", tmp_path).code == 2
    for run in runs:
        write_run(run, place)
    done = harness("report", runs[0].id, runs[2].id, "-C", tmp_path, "--format", "json")
    assert [run["id"] for run in json.loads(done.out)["runs"]] == [runs[0].id, runs[2].id]
    broken = place / "20261129T000000-broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", encoding="utf-8")
    done = harness("report", "--history", "-C", tmp_path, "--format", "html")
    assert (done.code, done.out.count("<svg"), done.out.count("<figure")) == (0, 2, 1)
    assert "skipped: the run" in done.err
    assert "is damaged" in done.out
    for wrong in (
        [runs[0].id, runs[0].id], [runs[0].id, runs[1].id, "--format", "xlsx"], ["--history", "--charts", tmp_path],
        ["--history", "latest"],
    ):  # fmt: skip
        assert harness("report", *wrong, "-C", tmp_path).code == 2, wrong
