"""The page of the raters, over real sockets: what it takes, what it refuses, and what it never tells."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.api.rating import Budget, write_campaign
from harness.api.rating.server import MOST_BYTES, RatingServer
from harness.errors import DataError, UsageError

from .conftest import SYSTEMS, Scene, manifest_of

RATERS = ("anna", "ben")


@pytest.fixture
def folder(scene: Scene, tmp_path: Path) -> Path:
    return write_campaign(scene.run, Budget(RATERS), tmp_path / "c").folder


@pytest.fixture
def server(folder: Path) -> Iterator[RatingServer]:
    with RatingServer(folder) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


JSON = {"Content-Type": "application/json"}


def ask(server: RatingServer, path: str, body: object = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """The status, the body and the headers of an answer; a POST where there is a body."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        "GET" if body is None else "POST", path, content, {**(JSON if body is not None else {}), **named}
    )
    answer = connection.getresponse()
    result = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return result


def path_of(server: RatingServer, rater: str = "anna") -> str:
    return urlsplit(server.urls[rater]).path


def test_the_page_and_its_task_name_no_system_and_load_nothing_from_elsewhere(server: RatingServer) -> None:
    start = path_of(server)
    for address in ("", "page.css", "page.js", "task.json"):
        status, body, headers = ask(server, start + address)
        assert status == 200
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert b"http" not in body
        assert not [name for name in (*SYSTEMS, *RATERS) if f'"{name}"'.encode() in body]
        for word in (b'"key"', b'"check"', b"article-0:1"):
            assert word not in body
    task = json.loads(ask(server, f"{start}task.json")[1])
    assert len(task["items"]) == 30
    assert {tuple(sorted(item["texts"])) for item in task["items"]} == {("A", "B", "C"), ("A", "B", "C", "D")}


def test_an_answer_is_in_the_file_before_it_is_confirmed(server: RatingServer, folder: Path) -> None:
    for score in (40, 71.5):
        assert ask(server, f"{path_of(server)}answers", {"item": 3, "letter": "B", "score": score})[0] == 200
    lines = [json.loads(line) for line in (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["rater"], line["item"], line["letter"], line["score"]) for line in lines] == [
        ("anna", 3, "B", 40),
        ("anna", 3, "B", 71.5),
    ]
    seen = {rater: json.loads(ask(server, f"{path_of(server, rater)}task.json")[1]) for rater in RATERS}
    assert seen["anna"]["items"][3]["scores"] == {"B": 71.5}
    assert all(not item["scores"] for item in seen["ben"]["items"])
    with RatingServer(folder) as again:
        assert again.task("anna")["items"] == seen["anna"]["items"]
        assert not set(again.tokens) & set(server.tokens)


def test_the_pace_counts_whole_articles_and_no_long_pauses(folder: Path) -> None:
    items = manifest_of(folder)["items"]["anna"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    lines, moment = [], start
    for index, item in enumerate(items[:12]):  # two articles, and the beginning of a third
        for letter in item["texts"]:
            moment += timedelta(hours=9 if index == 5 and letter == "A" else 0, seconds=20)
            line = {"rater": "anna", "item": index, "letter": letter, "score": 5, "at": moment.isoformat()}
            lines.append(f"{json.dumps(line)}\n")
    (folder / "answers.jsonl").write_text("".join(lines), encoding="utf-8")
    with RatingServer(folder) as server:
        seconds = 20 * (len(lines) - 2) + 120
        assert server.paces() == {"anna": pytest.approx(2 * 3600 / seconds)}
        server.record("anna", {"item": 12, "letter": "A", "score": 4})
        assert server.paces() == {"anna": pytest.approx(2 * 3600 / (seconds + 120))}


def test_a_line_that_was_cut_off_is_given_again(folder: Path) -> None:
    whole = '{"rater": "anna", "item": 0, "letter": "A", "score": 3}\n'
    (folder / "answers.jsonl").write_text(f'{whole}{{"rater": "an', encoding="utf-8")
    with RatingServer(folder) as server:
        assert server.cut_off
        server.record("anna", {"item": 0, "letter": "B", "score": 4})
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["letter"] for line in lines] == ["A", "B"]


@pytest.mark.parametrize(
    "answer",
    [
        {"item": 30, "letter": "A", "score": 1},
        {"item": -1, "letter": "A", "score": 1},
        {"item": True, "letter": "A", "score": 1},
        {"item": "0", "letter": "A", "score": 1},
        {"item": 0, "letter": "Z", "score": 1},
        {"item": 0, "letter": ["A"], "score": 1},
        {"item": 0, "letter": "A", "score": 100.5},
        {"item": 0, "letter": "A", "score": None},
        {"item": 0, "letter": "A", "score": True},
        {"item": 0, "letter": "A"},
        [],
        b"{",
        b'{"item": 0, "letter": "A", "score": NaN}',
        b"[" * (MOST_BYTES - 1),
        b"\xff",
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_written(server: RatingServer, folder: Path, answer: Any) -> None:
    assert ask(server, f"{path_of(server)}answers", answer)[0] == 400
    assert not (folder / "answers.jsonl").exists()


def test_only_this_machine_with_a_token_from_the_page_itself_gets_in(server: RatingServer, folder: Path) -> None:
    start, good = path_of(server), {"item": 0, "letter": "A", "score": 1}
    port = server.server_port
    for headers, status in (
        ({"Host": "evil.example"}, 421),
        ({"Host": f"evil.example:{port}"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": "x"}, 413),
    ):
        assert ask(server, f"{start}answers", good, **headers)[0] == status
    assert ask(server, f"{start}answers", b" " * (MOST_BYTES + 1))[0] == 413
    for path in ("/answers", "/x/answers", start[:-2] + "/answers"):
        assert ask(server, path, good)[0] == 403
    for path in ("/", "/x/", "/task.json", start.removesuffix("/"), start.upper()):
        assert ask(server, path)[0] == 403
    for path in (
        "../campaign.json",
        "campaign.json",
        "answers.jsonl",
        "%2e%2e/campaign.json",
        "assets/page.js",
        "__init__.py",
    ):
        assert ask(server, start + path)[0] == 404
    assert ask(server, f"{start}task.json", good)[0] == 404
    assert not (folder / "answers.jsonl").exists()
    assert ask(server, f"{start}answers", good, Origin=f"http://localhost:{port}")[0] == 200
    assert server.server_address[0] == "127.0.0.1"


def test_a_campaign_of_another_tool_and_a_folder_without_one_are_refused(scene: Scene, tmp_path: Path) -> None:
    folder = write_campaign(scene.run, Budget(("a",)), tmp_path / "book", tool="xlsx").folder
    with pytest.raises(UsageError, match="a campaign for xlsx"):
        RatingServer(folder)
    with pytest.raises(DataError, match=r"campaign\.json"):
        RatingServer(tmp_path)
    page = write_campaign(scene.run, Budget(("a",)), tmp_path / "page").folder
    items = manifest_of(page)["items"]["a"]
    line = {"rater": "a", "item": len(items), "letter": "A", "score": 1}
    (page / "answers.jsonl").write_text(f"{json.dumps(line)}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"answers\.jsonl:1"):
        RatingServer(page)
