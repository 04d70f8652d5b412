"""The worker of the metric ``tiny``: scores by length, and does what a source says. Runs where there is no harness."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


class Worker:
    """``source`` is the name of a misdeed; ``... once`` is done only by the first process."""

    def __init__(self, options: dict[str, Any], host: Any) -> None:
        print("a library greets on standard output")
        self._options = options
        self._host = host
        self._flags = Path(options["flags"] or ".")

    def describe(self) -> dict[str, Any]:
        """A model that is its name."""
        if self._options["model"] == "gone/model":
            raise self._host.unavailable("the model gone/model is not here", "put it there")
        parameters = {"offline": str(self._host.offline), "device": self._host.device("cpu")}
        return {"model": self._options["model"], "digest": "0123456789abcdef", "parameters": parameters}

    def score(self, batch: list[list[str]]) -> list[float | dict[str, Any]]:
        """Twice the length of the hypothesis."""
        from harness_tiny import FACTOR

        if self._options["flags"]:
            with (self._flags / "batches").open("a") as notes:
                notes.write(f"{len(batch)} {os.getpid()}\n")
        for source, *_ in batch:
            deed, _, once = source.partition(" ")
            flag = self._flags / f"done {deed}"
            if once and flag.exists():
                continue
            if once:
                flag.touch()
            getattr(self, f"_{deed}", lambda: None)()
        return [{"score": FACTOR * len(texts[1]), "truncated": len(texts[1]) > 30} for texts in batch]

    def _print(self) -> None:
        print('{"id": 1, "scores": [666]}', flush=True)
        os.write(1, b"written past Python\n")
        sys.__stderr__.write("x" * 100_000)

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)  # what the system does to a process for which memory runs out

    def _exit(self) -> None:
        print("the disk of the model is gone", file=sys.stderr, flush=True)
        os._exit(3)

    def _memory(self) -> None:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, resource.RLIM_INFINITY))
        bytearray(2**30)

    def _hang(self) -> None:
        time.sleep(300)

    def _nan(self) -> None:
        raise ValueError("nothing comes of it\nand more of that")
