"""The page of all runs, over real sockets: what it shows, and what it refuses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from harness.cli.server import ViewServer
from tests.cli.conftest import Shell, harness
from tests.kept import write_run
from tests.reports.build import hostile_run, normal_run

__all__ = ["harness"]

RUN = "20261123T0437-ab12cd"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("references", "systems"):
        (tmp_path / name).mkdir()
    write_run(normal_run(), tmp_path / "reports" / "runs")
    return tmp_path


@pytest.fixture
def server(root: Path) -> Iterator[ViewServer]:
    with ViewServer(root / "reports" / "runs") as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(
    server: ViewServer, path: str, method: str = "GET", host: str = "", token: str | None = None
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    start = f"/{server.token}" if token is None else token
    connection.putrequest(method, start + path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{server.server_port}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def test_every_run_is_listed_with_its_verdict_and_leads_to_its_report(server: ViewServer) -> None:
    write_run(replace(hostile_run(), id="20261124T0000-ffffff"), server.runs)
    (server.runs / "20261125T0000-broken").mkdir()
    (server.runs / "20261125T0000-broken" / "run.json").write_text("{", encoding="utf-8")
    answer, page = ask(server, "/")
    assert answer.status == 200
    assert page.index("20261125T0000-broken") < page.index("20261124T0000-ffffff") < page.index(RUN)
    for text in ("2026-11-23 04:37", "complete", "de-en", "Alpha MT", "No verdict", "is damaged"):
        assert text in page, text
    assert "<script" not in page
    assert "\x1b" not in page
    answer, report = ask(server, f"/runs/{RUN}/report.html")
    assert answer.status == 200
    assert "Alpha MT" in report
    assert not (server.runs / RUN / "report.html").exists()  # GET writes nothing
    (server.runs / RUN / "report.html").write_text("as written", encoding="utf-8")
    assert ask(server, f"/runs/{RUN}/report.html")[1] == "as written"


def test_only_this_machine_by_its_own_name(server: ViewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", "localhost:1", "[::1]:80"):
        answer, body = ask(server, "/", host=host)
        assert (answer.status, RUN in body) == (421, False), host
    assert ask(server, "/", host=f"localhost:{server.server_port}")[0].status == 200
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as bare:
        bare.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 421 " in bare.recv(100)


@pytest.mark.parametrize(
    "path",
    [
        "/runs/../../harness.toml", "/runs/%2e%2e/report.html", "/runs/%2e/report.html", "/runs//report.html",
        f"/runs/{RUN}/run.json", f"/runs/{RUN}/../{RUN}/report.html", f"/runs/{RUN}%2freport.html",
        "/runs/%00/report.html",        f"/runs/{RUN}/report.html/", "/runs", "/etc/passwd", "/*",
    ],
)  # fmt: skip
def test_no_other_file_can_be_reached(server: ViewServer, path: str) -> None:
    (server.runs.parent / "report.html").write_text("secret", encoding="utf-8")
    (server.runs / "report.html").write_text("secret", encoding="utf-8")
    answer, body = ask(server, path)
    assert (answer.status, body) == (404, "there is no such page\n")


def test_a_report_that_came_with_somebody_elses_workspace(server: ViewServer, tmp_path: Path) -> None:
    """It is any HTML: its scripts must not read other pages, and no link may put other files among those."""
    (tmp_path / "secret").write_text("what nobody may read", encoding="utf-8")
    (server.runs / RUN / "report.html").symlink_to(tmp_path / "secret")
    answer, body = ask(server, f"/runs/{RUN}/report.html")
    assert (answer.status, "leads out of the workspace" in body, "nobody may read" in body) == (500, True, False)
    answer, body = ask(server, "/")
    assert (answer.status, "leads out of the workspace" in body) == (200, True)
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts allow-modals allow-popups" in policy  # no allow-same-origin


def test_head_and_get_only_and_nothing_may_be_loaded(server: ViewServer) -> None:
    answer, body = ask(server, "/", "HEAD")
    assert (answer.status, body) == (200, "")
    assert int(answer.headers["Content-Length"]) > 1_000
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in ask(server, "/")[1]
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(server, "/", method)[0].status == 501


def test_the_command_prints_its_address_and_ends_on_interrupt(root: Path) -> None:
    command = [sys.executable, "-m", "harness", "view", "-C", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("token", ["", "/", "/x", "//"])
def test_other_users_of_the_machine_have_no_token(server: ViewServer, token: str) -> None:
    for path in ("/", f"/runs/{RUN}/report.html"):
        answer, body = ask(server, path, token=token)
        assert (answer.status, RUN in body, server.token in body) == (403, False, False)
    assert ask(server, "", token=f"/{server.token}")[0].status == 403
    assert ask(server, "/", token=f"/{server.token}x")[0].status == 403
    assert len(server.token) >= 32
    with ViewServer(server.runs) as other:
        assert other.token != server.token


def test_the_token_is_in_no_list_of_processes(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[int, str]] = []

    def browser(url: str) -> bool:
        page = Path(url2pathname(urlsplit(url).path))
        opened.append((page.stat().st_mode & 0o077, page.read_text(encoding="utf-8")))
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", browser)
    done = harness("view", "--open", "-C", root)
    assert (done.code, done.out.startswith("http://127.0.0.1:")) == (0, True)
    ((others, page),) = opened
    assert (others, done.out.strip() in page) == (0, True)


def test_a_port_that_is_taken_is_said(server: ViewServer, root: Path, harness: Shell) -> None:
    done = harness("view", "-C", root, "--port", server.server_port)
    assert done.code == 2
    assert f"--port {server.server_port} is in use" in done.err


def test_report_open(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browser(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    page = root / "reports" / "runs" / RUN / "report.html"
    done = harness("report", "--open", "-C", root)
    assert (done.code, done.out) == (0, f"{page.resolve()}{os.linesep}")
    assert opened == [page.resolve().as_uri()]
    assert "Alpha MT" in page.read_text(encoding="utf-8")
    assert harness("report", "--open", "-C", root, "-o", root / "mine.html").out == f"{root.resolve() / 'mine.html'}\n"
    assert harness("report", "--open", "--format", "csv", "-C", root).code == 2
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    done = harness("report", "--open", "-C", root)
    assert (done.code, "cannot open a browser" in done.err) == (0, True)


def test_the_history_opens_too(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    assert harness("report", "--history", "--open", "-C", root).code == 2  # of one run there is no history
    assert opened == []
    write_run(replace(normal_run(), id="20261124T0437-ab12cd"), root / "reports" / "runs")
    done = harness("report", "--history", "--open", "-C", root)
    page = root.resolve() / "reports" / "history.html"
    assert (done.code, done.out) == (0, f"{page}{os.linesep}")
    assert opened == [page.as_uri()]
    shown = page.read_text(encoding="utf-8")
    assert "2 runs" in shown
    assert "20261124T0437-ab12cd" in shown
    mine = root.resolve() / "mine.html"
    assert harness("report", RUN, "20261124T0437-ab12cd", "--open", "-C", root, "-o", mine).out == f"{mine}{os.linesep}"
    assert opened[1:] == [mine.as_uri()]
    assert mine.read_bytes() == page.read_bytes()


@pytest.mark.parametrize(
    ("error", "said"), [(ConnectionResetError(104), False), (BrokenPipeError(), False), (ValueError(), True)]
)
def test_a_browser_that_leaves_prints_no_traceback(
    server: ViewServer, capsys: pytest.CaptureFixture[str], error: Exception, said: bool
) -> None:
    try:
        raise error
    except (OSError, ValueError):
        server.handle_error(None, ("127.0.0.1", 1))
    assert ("Traceback" in capsys.readouterr().err) == said
