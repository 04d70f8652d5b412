"""Put each fault of the catalogue into a copy of the tree, run its nearest tests, and say which faults they notice.

Each worker has a copy of its own in a temporary folder; this tree is never changed. Slow tests are left out.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.catalogue import ROOT, Mutation, mutated, read_catalogue

NEEDED = 0.85
"""Share of the faults that the tests must notice."""

SECONDS = 240.0
"""For the tests of one fault; a fault that makes them hang is noticed, too."""

LEFT_OUT = frozenset({"reports", "dist", "build"})
"""Folders at the top of the tree that no test needs; hidden ones are left out everywhere."""

FAILED, INTERRUPTED = 1, 2
"""Exit codes of pytest after a failed test, and where a test file cannot be imported."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one fault."""

    mutation: Mutation
    killed: bool
    how: str
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns 1 where too many faults, or one that must be found, went unnoticed."""
    parser = argparse.ArgumentParser(prog="make mutations", description=__doc__)
    parser.add_argument("words", nargs="*", help="only faults whose file, function, text or name holds one of these")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) // 2), metavar="N")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the tests of one fault")
    options = parser.parse_args(arguments)
    chosen = [item for item in read_catalogue() if _is_wanted(item, options.words)]
    if not chosen:
        print("no fault holds these words", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="harness-mutations-") as folder:
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(min(options.workers, len(chosen))):
            copies.put(shutil.copytree(ROOT, Path(folder) / str(number), ignore=_left_out))
        if broken := _broken_tests(chosen, copies, options.seconds):
            print(broken, file=sys.stderr)
            return 2
        with ThreadPoolExecutor(options.workers) as pool:
            results = []
            for result in pool.map(lambda item: _try(item, copies, options.seconds), chosen):
                results.append(result)
                word = "killed  " if result.killed else "SURVIVED"
                print(f"{word} {result.seconds:5.1f} s  {result.mutation.title}  [{result.how}]", flush=True)
    return _conclude(results)


def _is_wanted(mutation: Mutation, words: Sequence[str]) -> bool:
    text = f"{mutation.room} {mutation.title} {mutation.named}"
    return not words or any(word in text for word in words)


def _left_out(folder: str, names: list[str]) -> set[str]:
    top = LEFT_OUT if Path(folder) == ROOT else frozenset[str]()
    return {name for name in names if name.startswith(".") or name in top}


def _broken_tests(chosen: Sequence[Mutation], copies: queue.SimpleQueue[Path], seconds: float) -> str:
    """What is wrong with the tests before any fault is put in: a test that fails anyway notices nothing."""
    tests = list(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
    copy = copies.get()
    code, said = _run_tests(copy, tests, seconds * len(tests))
    copies.put(copy)
    return "" if code == 0 else f"{said}\nthese tests must pass before anything is changed"


def _try(mutation: Mutation, copies: queue.SimpleQueue[Path], seconds: float) -> Result:
    copy = copies.get()
    path = copy / mutation.file
    before = path.read_bytes()
    began = time.monotonic()
    try:
        path.write_text(mutated(mutation, copy), encoding="utf-8")
        _forget_compiled(path)
        code, said = _run_tests(copy, mutation.tests, seconds)
    finally:
        path.write_bytes(before)
        _forget_compiled(path)
        copies.put(copy)
    if code not in (0, FAILED, INTERRUPTED, None):
        raise RuntimeError(f"pytest ended with {code}:\n{said}")
    failed = next((line.split(" ")[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))), "")
    how = "took too long" if code is None else failed or "all tests pass"
    return Result(mutation, code != 0, how, time.monotonic() - began)


def _run_tests(copy: Path, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Exit code and output of pytest; no code where it took too long."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--no-header", "-p", "no:cacheprovider"]
    environment = os.environ | {
        "PYTHONPATH": str(copy)
    }  # goes before the installed package, in child processes as well
    with subprocess.Popen(
        [*command, "-m", "not slow", *tests],
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return None, ""
    return process.returncode, said


def _forget_compiled(path: Path) -> None:
    """A file that was changed twice within a second must not be taken from its compiled form."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _conclude(results: Sequence[Result]) -> int:
    survivors = [result.mutation for result in results if not result.killed]
    for room in dict.fromkeys(result.mutation.room for result in results):
        mine = [result for result in results if result.mutation.room == room]
        print(f"{room}: {sum(result.killed for result in mine)} of {len(mine)} killed")
    share = 1 - len(survivors) / len(results)
    print(f"all: {len(results) - len(survivors)} of {len(results)} killed, {share:.0%}; {NEEDED:.0%} are needed")
    named = [mutation for mutation in survivors if mutation.named]
    for mutation in named:
        print(f"must be killed: {mutation.named}")
    return 1 if named or share < NEEDED else 0


if __name__ == "__main__":
    sys.exit(main())
