"""Deadlines of a process that is stopped and goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.store.runs.directory import list_runs, load_run
from harness.translation import awake
from harness.translation.awake import AwakeClock, awake_timeout
from harness.types import Translated
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import all_vendors, shout
from tests.workspace import write_article, write_system


def test_a_gap_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(awake.time, "monotonic", lambda: now[0])
    clock = AwakeClock()
    clock._looked = now[0]
    began = clock.now()
    for seconds in (0.1, 0.4, 600.0, 0.2):
        now[0] += seconds
        clock.now()
    assert clock.now() - began == pytest.approx(0.7 + awake.TICK)


def test_a_clock_that_nobody_keeps_going_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(awake.time, "monotonic", lambda: now[0])
    clock = AwakeClock()
    began = clock.now()
    now[0] += 600
    assert clock.now() - began == 600


def test_the_timeout_is_one_for_a_process_that_runs() -> None:
    async def wait(seconds: float, most: float) -> None:
        async with awake.CLOCK.kept_going(), awake_timeout(most):
            await asyncio.sleep(seconds)

    asyncio.run(wait(0.05, 60))
    with pytest.raises(TimeoutError):
        asyncio.run(wait(60, 0.3))


@pytest.mark.slow
@pytest.mark.every_change
def test_what_arrives_while_the_process_is_stopped_is_not_bought_again(tmp_path: Path) -> None:
    """Every service at once; the stop lasts longer than a request may take, and than any client of theirs waits."""
    vendors = {name: vendor for name, vendor in all_vendors().items() if not vendor.missing()}
    assert len(vendors) > 10
    asked: list[str] = []

    def handler_of(name: str):  # type: ignore[no-untyped-def]
        vendor = vendors[name]

        def answer(seen: Seen) -> Response:
            if vendor.sources(seen):
                asked.append(name)
                response = vendor.success(seen, shout)
                return Response(response.status, response.body, response.headers, delay=1.5)
            return vendor.success(seen, shout)

        return answer

    servers = {name: Loopback(handler_of(name)) for name in vendors}
    environment = dict(os.environ)
    for name, server in servers.items():
        vendor = vendors[name]
        server.__enter__()
        environment |= vendor.environment
        write_article(tmp_path, "one", [("Eins.", "One.")], vendor.pair)
        head = f'engine = "{vendor.engine}"\n{vendor.extra}\n[options]\n{vendor.options(server.url)}\n'
        write_system(tmp_path, name, f"{head}[limits]\n{vendor.limits}\ntimeout = 4\n")
    command = [sys.executable, "-m", "harness", "run", "--metric", "chrf", "--quiet", "--workspace", str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while len(set(asked)) < len(vendors) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(11)
    os.kill(process.pid, signal.SIGCONT)
    _, errors = process.communicate(timeout=120)
    for server in servers.values():
        server.__exit__(None, None, None)
    assert process.returncode == 0, errors.decode()
    assert sorted(asked) == sorted(vendors)
    for result in load_run(list_runs(tmp_path / "reports" / "runs")[-1]).pairs:
        for system in result.systems:
            assert all(isinstance(outcome, Translated) for outcome in system.outcomes), system.name
