"""Two accounts, three systems, one server, through the command line: each account keeps its limit and its pause."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest

from harness.store.runs.directory import list_runs, load_run
from harness.types import Translated
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.workspace import write_article, write_system

__all__ = ["harness"]

RATE = 10.0
PAUSE = 2.0
SEGMENTS = 15


@pytest.mark.real_pauses
def test_each_account_keeps_its_limit_and_its_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell
) -> None:
    keys = {"FIRST_KEY": "key-of-the-first-account", "SECOND_KEY": "key-of-the-second-account"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    moments: dict[str, list[float]] = defaultdict(list)
    refused: list[float] = []
    lock = threading.Lock()

    def answer(seen: Seen) -> Response:
        key = seen.headers["Authorization"]
        with lock:
            moments[key].append(time.monotonic())
            if key == keys["FIRST_KEY"] and len(moments[key]) == 6:
                refused.append(time.monotonic())
                return Response.of({"message": "slow down"}, 429, Retry_After=f"{PAUSE:.0f}")
        return Response.of({"t": f"EN {seen.json['q']}"})

    write_article(tmp_path, "one", [(f"Satz {number}.", f"Sentence {number}.") for number in range(SEGMENTS)])
    with Loopback(answer) as server:
        for system, key in (("a", "FIRST_KEY"), ("b", "FIRST_KEY"), ("c", "SECOND_KEY")):
            write_system(
                tmp_path,
                system,
                f'engine = "http"\n[options]\nurl = "{server.url}/translate"\nversion = "{system}"\nresponse = "t"\n'
                f'headers = {{ Authorization = "${{env:{key}}}" }}\nbody = {{ q = "{{text}}" }}\n'
                f"[limits]\nconcurrency = 4\nrequests_per_second = {RATE}\n",
            )
        harness("run", "-C", tmp_path, "--metric", "chrf")
    systems = load_run(list_runs(tmp_path / "reports" / "runs")[-1]).pairs[0].systems
    assert all(isinstance(outcome, Translated) for system in systems for outcome in system.outcomes)

    first, second = moments[keys["FIRST_KEY"]], moments[keys["SECOND_KEY"]]
    assert len(first) == 2 * SEGMENTS + 1
    assert len(second) == SEGMENTS
    told = refused[0]
    # What was under way when the answer was written had left before; nothing else does until the pause has passed.
    # Who does not pause sends ten a second all the time, so that the second half shows it, on a busy machine as well.
    assert [moment - told for moment in first if PAUSE / 2 < moment - told < PAUSE] == []
    assert [moment for moment in second if told < moment < told + PAUSE]
    # What left at even distances arrives at uneven ones; from the first to the last it takes as long as it must. Two
    # systems that each kept the limit for themselves would need half of it.
    for account, paused in ((first, PAUSE), (second, 0.0)):
        assert max(account) - min(account) >= 0.8 * (len(account) - 1) / RATE + paused
