"""``harness rate`` as a shell sees it."""

from __future__ import annotations

import json
import os
import time
import webbrowser
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, url2pathname, urlopen

import pytest

from harness.api import load_run
from harness.api.rating import Budget, take_back, write_campaign
from harness.api.rating.pearmut import ENVIRONMENT, find_pearmut, serve_pearmut
from harness.errors import UsageError
from harness.metrics.isolated.environment import Environment, write_note
from harness.workspace.operating_system import python_of
from tests.cli.conftest import Shell, harness

from .conftest import LIKED, SYSTEMS, Scene, attentive, build, fill
from .test_taking_back import CHANGED, fill_workbook, notes_of

__all__ = ["harness"]


def test_the_page_is_served_until_it_is_ended_and_its_ratings_come_back(
    scene: Scene, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def browser(url: str) -> bool:
        opened.append(Path(url2pathname(urlsplit(url).path)).read_text(encoding="utf-8"))
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", browser)
    done = harness("rate", "-C", scene.root, "--rater", "anna", "--rater", "ben", "--open")
    assert done.code == 0
    anna, ben = done.out.splitlines()
    assert anna.startswith("anna: http://127.0.0.1:")
    assert ben.startswith("ben: http://127.0.0.1:")
    assert anna.removeprefix("anna: ") in opened[0]
    folder = scene.root / "reports" / "ratings" / scene.run.id
    assert f"to take the ratings back: harness rate --back {folder}" in done.err
    assert "disagree most" not in done.err  # all articles are rated
    assert "segments rated: anna 0 of 30, ben 0 of 30" in done.err
    empty = harness("rate", "-C", scene.root, "--back", folder)
    assert (empty.code, "there are no ratings yet" in empty.err) == (2, True)
    for rater in ("anna", "ben"):
        fill(folder, rater, attentive)
    again = harness("rate", "-C", scene.root, "--continue", folder, "--open")
    assert "segments rated: anna 30 of 30, ben 30 of 30" in again.err
    assert "--continue" not in again.err
    back = harness("rate", "-C", scene.root, "--back", folder)
    assert back.code == 0
    assert CHANGED in " ".join(back.out.split())
    assert "human: 90 translations have several ratings: Krippendorff's alpha" in " ".join(back.out.split())
    run = load_run("", scene.root)
    assert f"harness report {run.id} --format html" in back.err
    assert notes_of(run)
    assert [path.name for path in folder.parent.iterdir()] == [scene.run.id]


def test_workbooks_go_out_and_come_back_without_a_browser(scene: Scene, harness: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    done = harness("rate", "-C", scene.root, "--with", "xlsx", "--raters", 2, "-o", folder)
    assert done.code == 0
    assert done.out.splitlines() == [str(folder / f"rater-{number}.xlsx") for number in (1, 2)]
    assert "the keys name the systems" in done.err
    for number in (1, 2):
        fill_workbook(folder, f"rater-{number}", attentive, number)
    back = harness("rate", "-C", scene.root, "--back", folder, "--as", "esa")
    assert back.code == 0
    assert CHANGED in " ".join(back.out.split())
    assert load_run("", scene.root).pairs[0].metrics == ("bleu", "chrf", "esa")


def test_ratings_of_any_other_file_come_back_too(scene: Scene, harness: Shell, tmp_path: Path) -> None:
    table = tmp_path / "ratings.tsv"
    rows = [
        f"{system}\t{segment.id.article}\t{segment.id.number}\t{LIKED[system] + segment.id.number}"
        for segment in scene.run.pairs[0].corpus.segments
        for system in SYSTEMS
    ]
    table.write_text("\n".join(["system\tarticle\tsegment\tscore", *rows, ""]), encoding="utf-8")
    back = harness("rate", scene.run.id, "-C", scene.root, "--back", table)
    assert back.code == 0
    assert CHANGED in " ".join(back.out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--with", "excel"), "--with excel: not page, xlsx or pearmut"),
        (("--install",), "--install is for Pearmut"),
        (("--choose", "best"), "--choose best: not disagreement or random"),
        (("--raters", 3, "--rater", "anna"), "--raters 3, but 1 names"),
        (("--hours", 2), "--hours and --articles-per-hour go together"),
        (("--rater", "a/b"), "not a name"),
        (("--system", "nobody"), "the run has no system 'nobody'"),
        (("--continue", "nowhere"), "nowhere"),
        (("--back", "nowhere"), "nowhere"),
        (("--back", "x", "--continue", "y"), "different things"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    scene: Scene, harness: Shell, arguments: tuple[object, ...], said: str
) -> None:
    done = harness("rate", "-C", scene.root, *arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert not (scene.root / "reports" / "ratings").exists()


def test_without_pearmut_nothing_is_written_and_the_way_to_get_it_is_said(
    scene: Scene, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path="": None)
    done = harness("rate", "-C", scene.root, "--with", "pearmut")
    assert done.code == 2
    assert "Pearmut is not installed" in done.err
    assert "install" in done.err.partition("hint: ")[2]
    assert not (scene.root / "reports" / "ratings").exists()


def test_pearmut_in_an_environment_of_its_own_comes_before_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda name, path="": str(tmp_path / "elsewhere" / name))
    python = python_of(tmp_path / "pearmut")
    python.parent.mkdir(parents=True)
    python.touch()
    note = Environment(1, "0", "2026-11-27", "3.12.1", "pip", ENVIRONMENT.packages, {})
    write_note(tmp_path / "pearmut", note)
    assert find_pearmut() == python
    write_note(tmp_path / "pearmut", replace(note, asked=("pearmut==0.1",)))
    with pytest.raises(UsageError, match="there is no Python beside it"):
        find_pearmut()


def test_a_choice_says_what_it_does_to_differences(scene: Scene, harness: Shell, tmp_path: Path) -> None:
    options = ("rate", "-C", scene.root, "--with", "xlsx", "--articles", 3)
    chosen = harness(*options, "-o", tmp_path / "chosen").err
    assert "on which systems and metrics disagree most; differences will be larger" in chosen
    assert "disagree" not in harness(*options, "-o", tmp_path / "drawn", "--choose", "random").err


def test_few_articles_and_short_texts_are_said_to_allow_less(tmp_path: Path, harness: Shell) -> None:
    small = build(tmp_path, articles=2, lines=1)
    done = harness("rate", "-C", small.root, "--with", "xlsx", "--choose", "random", "--articles", 1)
    assert done.code == 0
    assert "so few articles cannot have a verdict by people" in done.err
    assert "too few for attention checks: rater-1" in done.err


def ask(address: str, **fields: object) -> object:
    """What Pearmut answers anna."""
    data = json.dumps({"user_id": "anna", **fields}).encode()
    request = Request(address, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.mark.skipif("PEARMUT" not in os.environ, reason="Pearmut needs Python 3.12: PEARMUT names its command")
@pytest.mark.slow
def test_pearmut_itself_serves_the_campaign_on_loopback(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(os.environ['PEARMUT']).parent}{os.pathsep}{os.environ['PATH']}")
    folder = write_campaign(scene.run, Budget(("anna", "ben")), tmp_path / "c", tool="pearmut").folder
    for _ in range(2):  # the second time it goes on
        with serve_pearmut(folder) as (server, links):
            assert list(links) == ["dashboard", "anna", "ben"]
            start = links["anna"].partition("/annotate")[0]
            campaign = json.loads((folder / "pearmut.json").read_text(encoding="utf-8"))["campaign_id"]
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and server.poll() is None:
                try:
                    urlopen(links["anna"], timeout=60).close()
                    break
                except OSError:
                    time.sleep(0.2)

            for _ in range(3):
                shown = ask(f"{start}/get-next-item", campaign_id=campaign)
                assert isinstance(shown, dict)
                items = shown["payload"]
                answers = [
                    {name: {"score": LIKED["" if name.startswith("check:") else name]} for name in item["tgt"]}
                    for item in items
                ]
                payload = {"item": items, "annotation": answers}
                assert (
                    ask(f"{start}/log-response", campaign_id=campaign, item_i=shown["info"]["item_i"], payload=payload)
                    == "ok"
                )
    run = take_back(scene.run, folder / "campaign.json", scene.runs).run
    tables = {system.name: system.tables["human"] for system in run.pairs[0].systems}
    assert {name: float(table.rows[table.scored, 0].mean()) for name, table in tables.items()} == {
        name: float(LIKED[name]) for name in SYSTEMS
    }
    assert {int(table.scored.sum()) for table in tables.values()} == {30}
