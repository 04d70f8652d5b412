"""Money under stress: killed runs, caps under concurrency, speed at a limit. The server's own ledger is the judge."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import count as counting
from pathlib import Path

import pytest

from harness.engines.interface import Limits
from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs, load_run
from harness.translation.job import Job
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.types import Money, SystemName, Translated
from harness.workspace.progress import Silent
from tests.cli.conftest import Shell, harness
from tests.forked import Forked
from tests.loopback import Loopback, Response, Seen
from tests.translation.test_attempts import PRICE, Billed
from tests.translation.test_runner import PAIR, corpus
from tests.workspace import write_article, write_system

__all__ = ["harness"]

SDKS = ("anthropic", "azure", "boto3", "ctranslate2", "deepl", "google.cloud", "google.genai", "openai", "torch")

BURST = 20
"""Requests the limiter lets go at once; they are left out of the rate."""

ARGUMENTS = ["run", "--metric", "chrf", "--quiet", "--workspace"]
COMMAND = [sys.executable, "-m", "harness", *ARGUMENTS]

MEASURED = """
import sys
from pathlib import Path
from harness.cli.app import main
code = main(sys.argv[1:])
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
sys.exit(code)
"""
"""Prints the process's peak memory in KiB. ``ru_maxrss`` would include that of the test runner it was forked from."""


def answer(seen: Seen) -> Response:
    return Response.of({"t": [text.upper() for text in seen.json["q"]]})


def service(root: Path, url: str, limits: str, price: str = "") -> None:
    write_system(
        root,
        "paid",
        f'engine = "http"\n[options]\nurl = "{url}"\nbody = {{ q = ["{{text}}"] }}\nresponse = "t"\nbatch = true\n'
        f"[limits]\n{limits}\n{price}",
    )


def segments(root: Path, count: int) -> list[str]:
    sources = [f"Satz Nummer {number}." for number in range(count)]
    for start in range(0, count, 500):
        rows = [(source, source.replace("Satz Nummer", "Reference")) for source in sources[start : start + 500]]
        write_article(root, f"part-{start:06}", rows)
    return sources


def asked(ledger: list[Seen]) -> Counter[str]:
    return Counter(text for seen in ledger for text in seen.json["q"])


@pytest.mark.slow
@pytest.mark.every_change
@pytest.mark.real_pauses
@pytest.mark.parametrize("block", range(5))
def test_kill_during_paid_traffic_eight_at_once(tmp_path: Path, harness: Shell, block: int) -> None:
    """Ten kills a block: no answer that was kept is bought again, and at most the batches in flight are repeated."""
    batch, at_once = 2, 8

    def slowly(seen: Seen) -> Response:
        return Response(200, answer(seen).body, {"Content-Type": "application/json"}, delay=0.03)

    for trial in range(10):
        root = tmp_path / str(trial)
        sources = segments(root, 120)
        with Loopback(slowly) as server:
            service(root, server.url, f"max_segments = {batch}\nconcurrency = {at_once}\nrequests_per_second = 500.0")
            process = Forked(*ARGUMENTS, root)
            # The moment is random in the traffic itself, however long this machine takes to start.
            deadline = time.monotonic() + 30
            after = random.Random(block * 10 + trial).randrange(1, 58)
            while len(server.ledger) < after and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.002)
            process.kill_group()
            time.sleep(0.1)
            bought = asked([seen for seen, _ in list(server.answered)])
            with Cache.open(root / "reports" / ".cache" / "harness.sqlite3") as cache:
                kept = {str(record["request"]["source"]) for record in cache.export()}  # type: ignore[index, call-overload]
            first = len(server.ledger)
            assert harness(*ARGUMENTS, root).code == 0
            second = asked(server.ledger[first:])
        assert kept.isdisjoint(second)
        assert set(second) == set(sources) - kept
        assert set(second.values()) == {1}
        assert len(set(bought) & set(second)) <= batch * at_once
        run = load_run(list_runs(root / "reports" / "runs")[0])
        outcomes = run.pairs[0].systems[0].outcomes
        assert [item.text for item in outcomes if isinstance(item, Translated)] == [text.upper() for text in sources]


@pytest.mark.slow
@pytest.mark.every_change
def test_the_cap_is_never_broken(tmp_path: Path) -> None:
    """A hundred random trials under concurrency; the engine's own count of what it billed is the ledger."""
    for trial in range(100):
        rng = random.Random(trial)
        sources = [
            "".join(rng.choice("abcdefgh ") for _ in range(rng.randrange(1, 40))).strip() or "x" for _ in range(40)
        ]
        engine = Billed(delay=0.001 * rng.random())
        billed: list[int] = []
        engine.before = lambda batch, billed=billed: billed.append(  # type: ignore[misc]
            sum(len(request.source) for request in batch.requests) - 1
        )
        cap = rng.uniform(0, 800)
        limits = Limits(max_segments=rng.randrange(1, 5), concurrency=rng.randrange(1, 9), timeout=60)
        job = Job(SystemName("s"), corpus(*sources), engine, engine.identity(PAIR), limits, tariff_of(engine, PRICE))
        with Cache.open(tmp_path / f"{trial}.sqlite3") as cache:
            (done,) = translate([job], cache, Silent(), Money(cap, "USD"))
        assert sum(billed) <= cap
        translated = sum(isinstance(outcome, Translated) for outcome in done.outcomes)
        everything = sum(len(source) for source in set(sources))
        assert translated == len(sources) or cap < everything
        assert translated < len(sources) or cap >= everything - len(billed)


def test_the_cap_through_the_command_line(tmp_path: Path, harness: Shell) -> None:
    segments(tmp_path, 30)
    with Loopback(answer) as server:
        service(
            tmp_path,
            server.url,
            "max_segments = 2\nconcurrency = 4\nrequests_per_second = 100.0",
            "[price]\nper_million_characters = 1000000.0\n",
        )
        done = harness("run", "-C", tmp_path, "--metric", "chrf", "--max-cost", 200)
        assert done.code == 3
        assert "--max-cost 200 USD is reached" in done.err
        assert 150 < sum(len(text) for text in asked(server.ledger).elements()) <= 200
        rest = harness("run", "-C", tmp_path, "--metric", "chrf", "-q")
    assert rest.code == 0
    assert set(asked(server.ledger).values()) == {1}


@pytest.mark.slow
@pytest.mark.every_change
@pytest.mark.timeout(400)
def test_a_limited_service_is_asked_as_fast_as_it_allows_and_not_faster(tmp_path: Path) -> None:
    """``TRAFFIC="10000 200"`` runs it with so many segments at so many requests a second."""
    count, rate = map(int, os.environ.get("TRAFFIC", "2000 100").split())
    sources = segments(tmp_path, count)
    arrived: list[float] = []

    def handler(seen: Seen) -> Response:
        arrived.append(time.monotonic())
        return answer(seen)

    with Loopback(handler) as server:
        service(tmp_path, server.url, f"max_segments = 1\nconcurrency = 16\nrequests_per_second = {rate}.0")
        run = [sys.executable, "-c", MEASURED, *ARGUMENTS, str(tmp_path)]
        done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True)
        assert len(server.ledger) == count
        arrived.sort()
        reached = (count - 1 - BURST) / (arrived[-1] - arrived[BURST])
        # A busy machine may be slower than the limit; the figure for a quiet one is printed.
        assert 0.5 * rate <= reached <= 1.02 * rate
        assert max(sum(start <= moment < start + 1 for moment in arrived) for start in arrived[::500]) <= rate * 1.1
        memory = int(done.stdout.split()[-1])  # after the report
        assert memory < 600_000  # KiB; the segments, their translations and the report of all of them included
        began = time.monotonic()
        code = "import sys\nfrom harness.cli.app import main\nmain(sys.argv[1:])\n"
        code += f"sys.exit(any(name in sys.modules for name in {SDKS}))"
        subprocess.run(
            [sys.executable, "-c", code, *ARGUMENTS, str(tmp_path), "--metric", "chrf"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        again = time.monotonic() - began
        assert len(server.ledger) == count
    run = load_run(list_runs(tmp_path / "reports" / "runs")[0])
    texts = [outcome.text for outcome in run.pairs[0].systems[0].outcomes if isinstance(outcome, Translated)]
    assert texts == [source.upper() for source in sources]
    print(f"{reached:.1f} requests/s, {memory / 1024:.0f} MiB, second run {again:.2f} s")


def test_ctrl_c_waits_for_no_answer_and_loses_none(tmp_path: Path) -> None:
    segments(tmp_path, 60)
    numbers = counting(1)

    def slowly(seen: Seen) -> Response:
        delay = 0.1 if next(numbers) <= 8 else 120.0
        return Response(200, answer(seen).body, {"Content-Type": "application/json"}, delay=delay)

    with Loopback(slowly) as server:
        service(tmp_path, server.url, "max_segments = 1\nconcurrency = 4")
        process = subprocess.Popen(
            [*COMMAND, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        # When all four that come next have been sent, those before have been read.
        while len(server.ledger) < 12:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)  # far less than the answers under way would take
        assert process.returncode == 130
        assert b"interrupted" in said
        assert b"Traceback" not in said
        with Cache.open(tmp_path / "reports" / ".cache" / "harness.sqlite3") as cache:
            assert cache.stats().translations >= 8


def test_drift_finds_a_service_that_changed(tmp_path: Path, harness: Shell) -> None:
    segments(tmp_path, 30)
    state = {"suffix": ""}

    def changing(seen: Seen) -> Response:
        return Response.of({"t": [text.upper() + (state["suffix"] if "7" in text else "") for text in seen.json["q"]]})

    with Loopback(changing) as server:
        service(tmp_path, server.url, "max_segments = 5", "[price]\nper_million_characters = 20.0\n")
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
        first = len(server.ledger)
        planned = harness("drift", "-C", tmp_path, "--sample", 30, "--dry-run")
        assert "30 segments\t0.0" in planned.out
        assert len(server.ledger) == first
        same = harness("drift", "-C", tmp_path, "--sample", 10, "-q")
        assert (same.code, "the same: 0 of 10 answers differ" in same.out) == (0, True)
        assert sum(asked(server.ledger[first:]).values()) == 10
        state["suffix"] = "!"
        changed = harness("drift", "-C", tmp_path, "--sample", 30, "-q")
        assert changed.code == 3
        assert "CHANGED: 3 of 30 answers differ" in changed.out
        assert "SATZ NUMMER 7.!" in changed.out
        # What is kept stays what it was.
        before = len(server.ledger)
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
        assert len(server.ledger) == before
        capped = harness("drift", "-C", tmp_path, "--sample", 30, "--max-cost", 0, "-q")
        assert capped.code == 3
        assert len(server.ledger) == before


def test_the_seed_says_which_answers_are_asked_for_again(tmp_path: Path, harness: Shell) -> None:
    segments(tmp_path, 30)
    drawn = {}
    with Loopback(lambda seen: Response.of({"t": [text.upper() for text in seen.json["q"]]})) as server:
        service(tmp_path, server.url, "max_segments = 5")
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
        for seed in (1, 2, 1):
            (tmp_path / "harness.toml").write_text(f"seed = {seed}\n", encoding="utf-8")
            before = len(server.ledger)
            assert harness("drift", "-C", tmp_path, "--sample", 10, "-q").code == 0
            chosen = set(asked(server.ledger[before:]))
            assert drawn.setdefault(seed, chosen) == chosen
    assert len(drawn[1]) == len(drawn[2]) == 10
    assert drawn[1] != drawn[2]


def test_repetitions_are_asked_kept_and_told_apart(tmp_path: Path, harness: Shell) -> None:
    segments(tmp_path, 6)
    counter = [0]

    def moody(seen: Seen) -> Response:
        counter[0] += 1
        return Response.of({"t": [f"{text} {counter[0]}" for text in seen.json["q"]]})

    with Loopback(moody) as server:
        service(tmp_path, server.url, "max_segments = 10")
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "--repeat", 3, "-q").code == 0
        assert len(server.ledger) == 3
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "--repeat", 4, "-q").code == 0
        assert len(server.ledger) == 4
    run = load_run(
        max(list_runs(tmp_path / "reports" / "runs"), key=lambda path: (path / "run.json").stat().st_mtime_ns)
    )
    (system,) = run.pairs[0].systems
    assert len(system.repeats["chrf"]) == 4
    assert system.repeats["chrf"][0] == system.scores["chrf"].corpus.value  # type: ignore[union-attr]
    first = system.outcomes[0]
    assert isinstance(first, Translated)
    assert first.text == "Satz Nummer 0. 1"
