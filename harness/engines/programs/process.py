"""Programs as engines: started without a shell in a session of their own, and ended with everything they started.

Output and error output are read while input is written, so no full pipe can block the other side. Error output is kept
as a tail, output up to a bound: a program that never stops talking costs neither the memory nor the time of the run.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadOutput, EngineUnavailable
from harness.workspace.guardian import GUARDIAN
from harness.workspace.operating_system import end_group, own_group
from harness.workspace.redaction import REDACTOR

STDERR_TAIL = 2000
"""Characters of error output kept for messages."""

STDERR_READ = 8 * STDERR_TAIL
"""Bytes of it that are looked at for them."""

LINE_LIMIT = 16 * 2**20
"""Longest line of output taken."""

OUTPUT_FLOOR = 16 * 2**20
OUTPUT_FACTOR = 64
"""Most output taken: this many bytes for each byte of input, but at least the floor."""

REAP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ran to its end."""

    returncode: int
    stdout: bytes
    stderr: str
    """The tail of its error output."""


async def start(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Process:
    """Start a program with pipes on all three streams.

    Raises:
        EngineUnavailable: the system cannot start it.
    """
    environment = GUARDIAN.environment(env)
    # asyncio can wait for ever when it is cancelled while it starts a program: let it finish, then end the program.
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=cwd,
            env=environment,
            limit=LINE_LIMIT,
            **own_group(),
        )
    )
    try:
        process = await asyncio.shield(starting)
    except OSError as error:
        raise EngineUnavailable(f"cannot start {argv[0]}: {error.strerror or error}") from error
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await kill(await starting)
        raise
    GUARDIAN.watch(process.pid)  # before it is given anything to translate
    return process


async def run_program(argv: Sequence[str], data: bytes, *, cwd: Path, env: Mapping[str, str] | None = None) -> Finished:
    """Run a program on ``data`` to its end. Cancelling it kills the program and everything in its session.

    Raises:
        EngineUnavailable: it cannot be started.
        BadOutput: it writes out of all proportion to what it was given.
    """
    most = max(OUTPUT_FLOOR, OUTPUT_FACTOR * len(data))
    process = await start(argv, cwd=cwd, env=env)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_feed(process, data))
            stdout = group.create_task(_read(process, most))
            stderr = group.create_task(read_tail(process))
        returncode = await process.wait()
    except BaseException:
        await kill(process)
        raise
    GUARDIAN.forget(process.pid)
    if len(stdout.result()) > most:
        raise BadOutput(f"{argv[0]} was stopped after {most} bytes of output for {len(data)} bytes of input")
    return Finished(returncode, stdout.result(), stderr.result())


async def _feed(process: Process, data: bytes) -> None:
    if process.stdin is None:
        raise TypeError("the program was started without a pipe to its input")
    # A program may end or close its input before it has read everything; its exit code and output say what that means.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: Process, most: int) -> bytes:
    if process.stdout is None:
        raise TypeError("the program was started without a pipe from its output")
    output = bytearray()
    while chunk := await process.stdout.read(2**16):
        output += chunk
        if len(output) > most:
            end_group(process.pid, "at once")
            break
    return bytes(output)


async def read_tail(process: Process) -> str:
    """Read error output to its end and return the last of it."""
    if process.stderr is None:
        raise TypeError("the program was started without a pipe from its error output")
    tail = b""
    while chunk := await process.stderr.read(2**16):
        tail = (tail + chunk)[-STDERR_READ:]
    return last_words(tail)


def last_words(stderr: bytes) -> str:
    """The end of what a program wrote to stderr, without keys."""
    return REDACTOR(stderr.decode("utf-8", "replace"))[-STDERR_TAIL:].strip()  # in this order: half a key is one too


async def kill(process: Process) -> None:
    """End the program and everything in its session at once."""
    end_group(process.pid, "at once")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), REAP_SECONDS)
        GUARDIAN.forget(process.pid)
    # A daemon that left the session can hold the pipes open for ever; asyncio has no public way to let go of them.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


def with_stderr(message: str, stderr: str) -> str:
    """The message and what the program said about it."""
    return f"{message}; error output: {stderr}" if stderr else message
