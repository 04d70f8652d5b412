"""Runs killed in the middle of the traffic of three paid engines; the servers' ledgers are the judges."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs, load_run
from harness.types import Translated
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY
from tests.workspace import write_article, write_system

COMMAND = [sys.executable, "-m", "harness", "run", "--metric", "chrf", "--quiet", "--workspace"]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
BATCH, AT_ONCE, SEGMENTS = 2, 8, 60
ENVIRONMENT = {**os.environ, "DEEPL_AUTH_KEY": KEY}


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


def server(engine: str) -> Loopback:
    texts, answer, _ = ENGINES[engine]

    def handler(seen: Seen) -> Response:
        try:
            body = json.dumps(answer(texts(seen))).encode()
        except json.JSONDecodeError:  # cut off by the kill
            return Response(400)
        return Response(200, body, {"Content-Type": "application/json"}, delay=0.03)

    return Loopback(handler)


def asked(engine: str, requests: list[Seen]) -> Counter[str]:
    """How often each text was asked for; a request that the kill cut off asked for nothing."""
    found: Counter[str] = Counter()
    for seen in requests:
        with suppress(json.JSONDecodeError):
            found.update(ENGINES[engine][0](seen))
    return found


def kept(root: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {engine: set() for engine in ENGINES}
    path = root / "reports" / ".cache" / "harness.sqlite3"
    if path.exists():
        with Cache.open(path) as cache:
            assert list(cache.verify()) == []
            for record in cache.export():
                found[str(record["system"])].add(str(record["request"]["source"]))  # type: ignore[index, call-overload]
    return found


def trial(root: Path, number: int) -> None:
    sources = [f"Satz Nummer {place}." for place in range(SEGMENTS)]
    write_article(root, "a", [(source, "Reference.") for source in sources])
    rng = random.Random(number)
    with server("openai") as one, server("deepl") as two, server("http") as three:
        servers = dict(zip(ENGINES, (one, two, three), strict=True))
        for engine, (_, _, template) in ENGINES.items():
            limits = f"max_segments = {BATCH}\nconcurrency = {AT_ONCE}\nrequests_per_second = 500.0"
            options = template.replace("URL", servers[engine].url)
            write_system(root, engine, f'engine = "{engine}"\n[options]\n{options}\n[limits]\n{limits}\n')
        process = subprocess.Popen(
            [*COMMAND, str(root)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=ENVIRONMENT,
        )
        after, deadline = rng.randrange(1, 3 * SEGMENTS // BATCH), time.monotonic() + 60
        while sum(len(place.ledger) for place in servers.values()) < after and time.monotonic() < deadline:
            if process.poll() is not None:
                break
            time.sleep(0.002)
        how = SIGNALS[number % len(SIGNALS)]
        (os.killpg if rng.random() < 0.5 else os.kill)(process.pid, how)
        process.wait(30)
        time.sleep(0.1)
        before = {engine: asked(engine, list(place.ledger)) for engine, place in servers.items()}
        first = {engine: len(place.ledger) for engine, place in servers.items()}
        safe = kept(root)
        subprocess.run([*COMMAND, str(root)], check=True, stdout=subprocess.DEVNULL, timeout=120, env=ENVIRONMENT)
        for engine, place in servers.items():
            again = asked(engine, place.ledger[first[engine] :])
            assert set(again) == set(sources) - safe[engine], (number, how, engine)
            assert set(again.values()) <= {1}
            assert len(set(before[engine]) & set(again)) <= BATCH * AT_ONCE, (number, how, engine)
    (result,) = load_run(list_runs(root / "reports" / "runs")[-1]).pairs
    for system in result.systems:
        texts = [outcome.text for outcome in system.outcomes if isinstance(outcome, Translated)]
        assert texts == [source.upper() for source in sources]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("block", range(10))
def test_kills(tmp_path: Path, block: int) -> None:
    """Twenty kills a block, each at a random moment of the traffic."""
    pytest.importorskip("openai")
    pytest.importorskip("deepl")
    for number in range(20 * block, 20 * block + int(os.environ.get("KILLS", "2"))):
        trial(tmp_path / str(number), number)
