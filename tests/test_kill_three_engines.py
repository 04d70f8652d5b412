"""Runs killed, hung up and stopped in the middle of paid traffic; ledgers of what was bought are the judges."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs, load_run
from harness.types import Translated
from tests.cli.conftest import Shell, harness
from tests.forked import Forked
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY
from tests.workspace import write_article, write_system

__all__ = ["harness"]

ARGUMENTS = ["run", "--metric", "chrf", "--quiet", "--workspace"]
BATCH, AT_ONCE, SEGMENTS = 2, 8, 60
IN_FLIGHT = BATCH * AT_ONCE
TIMEOUT = 5.0
RETRY_AFTER = 3.0
UNDER_WAY = 1.5
"""Seconds in which requests still arrive that left before "too many requests" was read, also on a busy machine."""

How = Literal["kill", "terminate", "hang up", "stop and go on", "stop and kill", "stop and terminate"]
HOWS: tuple[How, ...] = ("kill", "terminate", "hang up", "stop and go on", "stop and kill", "stop and terminate")
CODES: dict[How, int] = {"kill": -9, "terminate": 143, "hang up": 129, "stop and go on": 0, "stop and kill": -9}
CODES["stop and terminate"] = CODES["terminate"]
SIGNALS: dict[How, tuple[signal.Signals, ...]] = {
    "kill": (signal.SIGKILL,),
    "terminate": (signal.SIGTERM,),
    "hang up": (signal.SIGHUP,),
    "stop and go on": (signal.SIGCONT,),
    "stop and kill": (signal.SIGKILL,),
    "stop and terminate": (signal.SIGTERM, signal.SIGCONT),
}
"""What is sent, after SIGSTOP where it is stopped first."""


def chat_texts(seen: Seen) -> list[str]:
    return [one["text"] for one in json.loads(seen.json["messages"][-1]["content"])["segments"] if "id" in one]


def chat(texts: list[str]) -> object:
    entries = [{"id": number, "text": text.upper()} for number, text in enumerate(texts, 1)]
    message = {"content": json.dumps({"translations": entries})}
    usage = {"prompt_tokens": 600, "completion_tokens": 30}
    return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


ENGINES: dict[str, tuple[Callable[[Seen], list[str]], Callable[[list[str]], object], str]] = {
    "openai": (chat_texts, chat, 'model = "m"\nendpoint = "URL/v1"\nbatch = 2'),
    "deepl": (
        lambda seen: list(seen.json["text"]),
        lambda texts: {"translations": [{"text": text.upper(), "billed_characters": len(text)} for text in texts]},
        'endpoint = "URL"',
    ),
    "http": (
        lambda seen: list(seen.json["q"]),
        lambda texts: {"t": [text.upper() for text in texts]},
        'url = "URL"\nbody = { q = ["{text}"] }\nresponse = "t"\nbatch = true',
    ),
}

PROGRAM = """
while read -r line; do echo "$line" >> "$1"; sleep 0.03; echo "$line"; done
"""


@dataclass
class Service:
    """Sells translations, and asks once for a pause."""

    engine: str
    limited_at: int
    """The number of the request that is one too many; 0 for none."""
    bought: list[str] = field(default_factory=list)
    early: list[float] = field(default_factory=list)
    """Requests that came while the service had asked for a pause: how long after."""
    requests: int = 0
    limited: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, seen: Seen) -> Response:
        texts, answer, _ = ENGINES[self.engine]
        try:
            wanted = texts(seen)
        except json.JSONDecodeError:  # cut off by the kill
            return Response(400)
        with self.lock:
            self.requests += 1
            now = time.monotonic()
            if self.limited is not None and UNDER_WAY < now - self.limited < RETRY_AFTER:
                self.early.append(now - self.limited)
            if self.requests == self.limited_at:
                self.limited = now
                return Response.of({"message": "too many requests"}, 429, Retry_After=f"{RETRY_AFTER:.0f}")
            self.bought += wanted
        body = json.dumps(answer(wanted)).encode()
        return Response(200, body, {"Content-Type": "application/json"}, delay=0.03)

    def forget_the_pause(self) -> None:
        """The next run knows nothing of it."""
        self.limited, self.limited_at = None, 0


@dataclass
class Figures:
    """What came of kills."""

    kills: Counter[str] = field(default_factory=Counter)
    """By how; ``too late`` where the run had ended by itself."""
    bought: int = 0
    kept_and_bought_again: int = 0
    again_without_a_kill: int = 0
    """Bought twice by runs that were only stopped."""
    in_flight: int = 0
    """Bought and lost with the process that was to get them."""
    most_in_flight: int = 0
    """Of one engine, in one trial."""
    lost: int = 0
    """Segments without their translation in the end."""
    early: int = 0
    """Requests inside a Retry-After."""
    orphans: list[str] = field(default_factory=list)
    stolen: int = 0
    """Requests of a second run while the first was stopped and held the claim."""
    wrong_codes: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Nothing may be wrong, and something must have been tried."""
        assert self.kills.total() > self.kills["too late"]
        assert self.kept_and_bought_again == self.again_without_a_kill == self.lost == 0, self
        assert self.early == self.stolen == 0, self
        assert self.orphans == [], self
        assert self.most_in_flight <= IN_FLIGHT, self
        assert self.wrong_codes == [], self


def kept(root: Path) -> dict[str, set[str]]:
    """What the cache has of each system."""
    found: dict[str, set[str]] = {name: set() for name in (*ENGINES, "program")}
    path = root / "reports" / ".cache" / "harness.sqlite3"
    if path.exists():
        with Cache.open(path) as cache:
            assert list(cache.verify()) == []
            for record in cache.export():
                found[str(record["system"])].add(str(record["request"]["source"]))  # type: ignore[index, call-overload]
    return found


def orphans(root: Path, owners: Iterable[int]) -> list[str]:
    """Programs of the workspace and watchers of dead runs that are there after a moment."""
    marks = [str(root).encode(), *(b"\0%d\0" % owner for owner in owners)]
    deadline = time.monotonic() + 15
    while True:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:  # it ended meanwhile
                continue
            if any(mark in line for mark in marks):
                found.append(line.replace(b"\0", b" ").decode("utf-8", "replace"))
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def lay_out(root: Path, services: dict[str, Loopback]) -> list[str]:
    sources = [f"Satz Nummer {place}." for place in range(SEGMENTS)]
    write_article(root, "a", [(source, source.replace("Satz Nummer", "Reference")) for source in sources])
    limits = f"[limits]\nmax_segments = {BATCH}\nconcurrency = {AT_ONCE}\ntimeout = {TIMEOUT}\n"
    for engine, (_, _, template) in ENGINES.items():
        options = template.replace("URL", services[engine].url)
        rate = "requests_per_second = 500.0\n"
        write_system(root, engine, f'engine = "{engine}"\n[options]\n{options}\n{limits}{rate}')
    (root / "program.sh").write_text(PROGRAM, encoding="utf-8")
    argv = json.dumps(["/bin/sh", str(root / "program.sh"), str(root / "ledger.txt")])
    write_system(root, "program", f'engine = "command"\n[options]\nargv = {argv}\nmode = "batch"\n{limits}')
    return sources


@dataclass
class Trial:
    """One kill, and the run after it."""

    root: Path
    number: int
    figures: Figures
    harness: Shell

    def __post_init__(self) -> None:
        self.rng = random.Random(self.number)
        self.how: How = HOWS[self.number % len(HOWS)]
        self.services = {
            engine: Service(engine, self.rng.choice((0, self.rng.randrange(2, SEGMENTS // BATCH))))
            for engine in ENGINES
        }
        self.runs: list[Forked] = []

    def bought(self) -> dict[str, Counter[str]]:
        """How often each text was paid for."""
        ledger = self.root / "ledger.txt"
        lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
        return {name: Counter(service.bought) for name, service in self.services.items()} | {"program": Counter(lines)}

    def go(self) -> None:
        with ExitStack() as stack:
            stack.callback(self.clean_up)
            servers = {engine: stack.enter_context(Loopback(service)) for engine, service in self.services.items()}
            sources = lay_out(self.root, servers)
            process = self.start()
            after, deadline = self.rng.randrange(1, 3 * SEGMENTS // BATCH), time.monotonic() + 60
            while sum(service.requests for service in self.services.values()) < after and time.monotonic() < deadline:
                if process.poll() is not None:
                    break
                time.sleep(0.002)
            self.end(process)
            if self.how == "stop and go on":
                self.wait_for_others()
            self.figures.early += sum(len(service.early) for service in self.services.values())
            time.sleep(0.1)
            before, safe = self.bought(), kept(self.root)
            self.wait_for_others()
            assert self.harness(*ARGUMENTS, self.root).code == 0
            self.count(sources, before, safe)
        self.figures.orphans += orphans(self.root, [run.pid for run in self.runs])
        self.count_texts(sources)

    def clean_up(self) -> None:
        """Leave no run behind, stopped or not, when the test itself fails."""
        for run in self.runs:
            if run.poll() is None:
                run.kill()
                run.wait(30)

    def start(self) -> Forked:
        self.runs.append(Forked(*ARGUMENTS, self.root))
        return self.runs[-1]

    def wait_for_others(self) -> None:
        for run in self.runs[1:]:
            assert run.wait(120) == 0, (self.number, self.how)

    def end(self, process: Forked) -> None:
        """Do it, and wait until the process has ended."""
        send = os.killpg if self.rng.random() < 0.5 else os.kill
        met = process.poll() is None
        if met and self.how.startswith("stop"):
            send(process.pid, signal.SIGSTOP)
            if self.number % 4:
                self.come_meanwhile()
            # Now and then for longer than a request may take.
            time.sleep(self.rng.choice((1.2, 1.2, 2.0, TIMEOUT + 1.0)))
        if self.how != "stop and go on":
            for service in self.services.values():
                service.forget_the_pause()  # the next run knows nothing of it
        for number in SIGNALS[self.how] if met else ():
            send(process.pid, number)
        process.wait(60)
        self.figures.kills[self.how if met else "too late"] += 1
        if process.returncode not in (CODES[self.how], 0):
            self.figures.wrong_codes.append(f"{self.number}: {self.how}: {process.returncode}")

    def come_meanwhile(self) -> None:
        """Another run comes to the same workspace while the first is stopped."""
        time.sleep(0.5)  # what was under way arrives
        before = {name: counts.total() for name, counts in self.bought().items()}
        self.start()
        time.sleep(1.5)
        for name, counts in self.bought().items():
            if name != "program":  # programs go on by themselves
                self.figures.stolen += counts.total() - before[name]

    def count(self, sources: list[str], before: dict[str, Counter[str]], safe: dict[str, set[str]]) -> None:
        """What was bought, against what was bought and kept before."""
        figures = self.figures
        for name, counts in self.bought().items():
            twice = sum(count - 1 for count in counts.values())
            again = counts - before[name]
            figures.bought += counts.total()
            figures.kept_and_bought_again += sum(again[source] for source in safe[name])
            if self.how == "stop and go on":
                figures.again_without_a_kill += twice
            else:
                figures.in_flight += twice
                figures.most_in_flight = max(figures.most_in_flight, twice)
            figures.lost += len(set(sources) - set(counts))

    def count_texts(self, sources: list[str]) -> None:
        """What the last run has."""
        (result,) = load_run(list_runs(self.root / "reports" / "runs")[-1]).pairs
        assert len(result.systems) == len(ENGINES) + 1
        for system in result.systems:
            for outcome, source in zip(system.outcomes, sources, strict=True):
                right = isinstance(outcome, Translated) and outcome.text.upper() == source.upper()
                self.figures.lost += not right


@pytest.mark.slow
@pytest.mark.every_change
@pytest.mark.real_pauses
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc").exists(), reason="orphans are looked for in /proc")
@pytest.mark.parametrize("block", range(10))
def test_kills(tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Each at a random moment of the traffic; ``KILLS`` says how many there are in all blocks together."""
    pytest.importorskip("openai")
    pytest.importorskip("deepl")
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    size = max(1, int(os.environ.get("KILLS", "20")) // 10)
    figures = Figures()
    for number in range(size * block, size * (block + 1)):
        Trial(tmp_path / str(number), number, figures, harness).go()
    figures.check()
