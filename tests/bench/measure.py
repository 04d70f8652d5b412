"""Run one side of a benchmark in a process of its own, and what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import DataError

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole process took, imports included."""

    cpu: float
    """Seconds of processor time, user and system."""
    wall: float
    """Seconds."""
    peak: float
    """Most resident memory, in MiB; 0 where the system does not say."""
    answer: Any


def environment(**variables: str) -> dict[str, str]:
    """That of a child, which finds these modules wherever it starts.

    It keeps compiled modules, as Python does: a checkout that is forbidden to would compile all of them each time.
    """
    found = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(found), **variables}


def in_process(module: str, function: str, job: Mapping[str, object]) -> Cost:
    """Call ``module.function(job)`` in a new interpreter.

    Raises:
        DataError: the process failed; the message ends in what it said.
    """
    code = f"from {module} import {function}; from tests.bench.measure import report; report({function})"
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - start
    if done.returncode:
        raise DataError(f"{function} failed: {done.stderr.strip()[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Cost(found["cpu"], wall, found["peak"] / 1024, found["answer"])


def report(function: Any) -> None:
    """What the child does: read the job, call, print the answer and the cost."""
    answer = function(json.load(sys.stdin))
    found = {"answer": answer, "cpu": time.process_time(), "peak": peak_kib()}
    sys.stdout.write(f"{json.dumps(found)}\n")


def peak_kib() -> int:
    """VmHWM of this process in KiB. Unlike ``ru_maxrss`` it does not begin with the size of the parent."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    return next((int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")), 0)
