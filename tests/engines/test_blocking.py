from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from harness.engines.wire.blocking import in_thread


def test_returns_what_the_call_returns_from_another_thread() -> None:
    async def talk() -> list[int]:
        return await asyncio.gather(*(in_thread(threading.get_ident) for _ in range(3)))

    assert threading.get_ident() not in asyncio.run(talk())


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_raises_what_the_call_raises(error: BaseException) -> None:
    def fail() -> None:
        raise error

    async def talk() -> BaseException:
        try:
            await in_thread(fail)
        except BaseException as caught:  # noqa: BLE001 - that is the test
            return caught
        raise AssertionError

    assert asyncio.run(talk()) is error


def test_the_loop_goes_on_meanwhile() -> None:
    gate = threading.Event()

    async def talk() -> bool:
        waiting = asyncio.ensure_future(in_thread(lambda: gate.wait(60)))
        await asyncio.sleep(0.01)
        gate.set()
        return await waiting

    assert asyncio.run(talk())


def test_an_answer_that_comes_after_all_is_dropped() -> None:
    gate, done = threading.Event(), threading.Event()

    def late() -> None:
        gate.wait(60)
        done.set()

    async def talk() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await in_thread(late)
        gate.set()
        await in_thread(lambda: done.wait(60))
        await asyncio.sleep(0.01)

    asyncio.run(talk())
    assert done.is_set()


def test_the_program_ends_although_a_call_hangs() -> None:
    """With threads of asyncio's pool, or threads that are no daemons, it would take as long as the call."""
    code = (
        "import asyncio, time\n"
        "from harness.engines.wire.blocking import in_thread\n"
        "async def talk():\n"
        "    try:\n"
        "        async with asyncio.timeout(0.2): await in_thread(lambda: time.sleep(60))\n"
        "    except TimeoutError: print('given up', flush=True)\n"
        "asyncio.run(talk())\n"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "given up\n", "")
    assert time.monotonic() - began < 30
