"""Questions that share a moment of peace: answers come soon, and never a wrong one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

import harness.engines.services.line_service as line_service_module
import harness.engines.services.lines as lines_module
from harness.engines.services.line_service import TOGETHER, LineService
from harness.errors import BadOutput, Transient
from harness.store.cache.answers import Cache
from tests.workspace import asked, counting_system, small_workspace

UPPER = "import sys\nfor line in sys.stdin: print(line.rstrip('\\n').upper(), flush=True)\n"

Result = TypeVar("Result")


def _talk(
    folder: Path, script: str, talk: Callable[[Callable[[str], Awaitable[list[bytes]]]], Awaitable[Result]]
) -> Result:
    """Run ``talk`` with a function that asks the program one line."""
    (folder / "mt.py").write_text(script, encoding="utf-8")

    async def run() -> Result:
        service = LineService(folder)
        try:
            return await talk(lambda line: service.ask((sys.executable, "mt.py"), [line]))
        finally:
            await service.close()

    return asyncio.run(run())


def test_many_questions_share_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "SETTLE_SECONDS", 0.2)
    monkeypatch.setattr(line_service_module, "TOGETHER_SECONDS", 60.0)

    async def talk(ask: Callable[[str], Awaitable[list[bytes]]]) -> float:
        await ask("warm up")
        begun = time.monotonic()
        answers = await asyncio.gather(*(ask(f"line {number}") for number in range(2 * TOGETHER)))
        assert answers == [[f"LINE {number}".encode()] for number in range(2 * TOGETHER)]
        return time.monotonic() - begun

    # One moment for each of two lots; a moment for each question would be this many.
    assert 0.4 <= _talk(tmp_path, UPPER, talk) < 2 * TOGETHER * 0.2


def test_a_slow_program_has_a_moment_after_every_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_service_module, "TOGETHER_SECONDS", 0.05)
    script = UPPER.replace("print(", "__import__('time').sleep(0.3); print(")

    async def talk(ask: Callable[[str], Awaitable[list[bytes]]]) -> list[float]:
        begun = time.monotonic()
        times = []

        async def timed(line: str) -> None:
            await ask(line)
            times.append(time.monotonic() - begun)

        await asyncio.gather(*(timed(line) for line in "abc"))
        return times

    first, _, last = _talk(tmp_path, script, talk)
    assert last - first >= 0.5


EXTRA = (
    "import sys\nfor line in sys.stdin:\n    print(line.rstrip('\\n').upper(), flush=True)\n"
    "    if line == 'odd\\n': print('INFO', flush=True)\n"
)


def test_one_line_too_many_spoils_only_the_question_that_brought_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "SETTLE_SECONDS", 0.1)
    lines = ["a", "b", "odd", "c", "d"]

    async def talk(ask: Callable[[str], Awaitable[list[bytes]]]) -> tuple[list[object], list[object]]:
        first = await asyncio.gather(*map(ask, lines), return_exceptions=True)
        return list(first), list(await asyncio.gather(*map(ask, lines), return_exceptions=True))

    first, again = _talk(tmp_path, EXTRA, talk)
    for line, answer in zip(lines, first, strict=True):
        assert isinstance(answer, Transient) or answer == [line.upper().encode()]
    assert any(isinstance(answer, Transient) for answer in first)
    assert isinstance(again.pop(2), BadOutput)
    assert again == [[line.upper().encode()] for line in lines if line != "odd"]


def test_a_question_that_ends_the_program_spoils_no_other_for_long(tmp_path: Path) -> None:
    script = EXTRA.replace("print('INFO', flush=True)", "sys.exit(3)").replace(
        "    print(line", "    line != 'odd\\n' and print(line"
    )

    async def talk(ask: Callable[[str], Awaitable[list[bytes]]]) -> list[object]:
        # Of a program that starts slowly, the first answer is trusted before the next question: then the second round
        # is the first in which one question can spoil another.
        for _ in range(2):
            await asyncio.gather(*map(ask, ["a", "odd", "b"]), return_exceptions=True)
        return list(await asyncio.gather(*map(ask, ["a", "odd", "b"]), return_exceptions=True))

    before, odd, after = _talk(tmp_path, script, talk)
    assert (before, after) == ([b"A"], [b"B"])
    assert isinstance(odd, Transient)
    assert "exit code 3" in str(odd)


def test_answers_are_not_trusted_because_the_program_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next question is for another program, and the one before wrote a line too many."""
    monkeypatch.setattr(lines_module, "SETTLE_SECONDS", 0.1)
    (tmp_path / "mt.py").write_text(EXTRA, encoding="utf-8")

    async def talk() -> list[object]:
        service = LineService(tmp_path)
        asked_for = [service.ask((sys.executable, "mt.py"), ["odd"]), service.ask(("cat",), ["x"])]
        answers = await asyncio.gather(*asked_for, return_exceptions=True)
        await service.close()
        return list(answers)

    # The line too many may be there before the program goes, or not.
    assert isinstance(asyncio.run(talk())[0], Transient | BadOutput)


def test_a_question_given_up_leaves_nobody_waiting(tmp_path: Path) -> None:
    """The one whose turn comes is cancelled just then: who waited for its moment of peace must hear of it."""

    async def talk() -> str:
        service = LineService(tmp_path)
        waits = asyncio.get_running_loop().create_future()
        service._open.append(waits)
        await service._lock.acquire()
        next_one = asyncio.ensure_future(service.ask(("cat",), ["x"]))
        await asyncio.sleep(0)
        service._lock.release()
        next_one.cancel()
        async with asyncio.timeout(5):
            return str(await waits)

    assert "was cancelled" in asyncio.run(talk())


def test_every_answer_of_a_slow_program_survives_a_kill(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=20)
    ledger = counting_system(tmp_path, delay=0.15)
    system = tmp_path / "systems" / "counting.toml"
    text = system.read_text(encoding="utf-8").partition("[limits]")[0]
    system.write_text(text.replace('"batch"', '"lines"'), encoding="utf-8")
    command = [sys.executable, "-m", "harness", "run", "--metric", "chrf", "-q", "-C", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    while len(asked(ledger)) < 8:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    time.sleep(0.3)  # the program may still write its last line into the ledger
    before = asked(ledger)
    with Cache.open(tmp_path / "reports" / ".cache" / "harness.sqlite3") as cache:
        kept = {json.dumps(record["answer"]) for record in cache.export()}
    # The line it was asked when it was killed, and the one whose moment of peace was not over.
    assert len(before) - len(kept) <= 2
