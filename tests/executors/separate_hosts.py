"""Scores on three hosts, and cuts one of them off in the middle: a program for namespaces of its own.

``stage FOLDER`` makes the hosts and the cluster. ``drive FOLDER ADDRESS`` runs on the first of them; it scores, and has
the cable pulled as soon as a worker on the last host is at work and scores of others are there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.executors.hosts import Host, make_host, make_switch

PORT = 6379
RAY = (sys.executable, "-m", "ray.scripts.scripts")
SEGMENTS = 24 * 64
LAST = "worker-2"

# A silent node counts as dead after a few seconds, not after half a minute; a busy machine may start nodes slowly.
PATIENCE = {"RAY_health_check_initial_delay_ms": "5000", "RAY_health_check_period_ms": "500",
            "RAY_health_check_timeout_ms": "1000", "RAY_health_check_failure_threshold": "3",
            "RAY_raylet_start_wait_time_s": "120"}  # fmt: skip


def stage(folder: Path) -> None:
    """Make everything, and print what the driver prints."""
    os.environ.update(PATIENCE)
    make_switch()
    head, *workers = [make_host(name, number) for number, name in enumerate(("head", "worker-1", LAST), start=1)]
    _wait(_start(head, "--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false"))
    for node in [_start(host, f"--address={head.address}:{PORT}", "--num-cpus=1") for host in workers]:
        _wait(node)
    driver = subprocess.Popen(
        head.command(sys.executable, "-m", "tests.executors.separate_hosts", "drive", str(folder), head.address)
    )
    while driver.poll() is None:
        if (folder / "cut").exists() and not (folder / "cut-off").exists():
            workers[-1].cut_off()
            (folder / "cut-off").touch()
        time.sleep(0.05)
    if driver.returncode:
        raise SystemExit(driver.returncode)


def _start(host: Host, *options: str) -> subprocess.Popen[bytes]:
    argv = [*RAY, "start", f"--node-ip-address={host.address}", "--block", "--disable-usage-stats", *options]
    return subprocess.Popen(host.command(*argv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _wait(node: subprocess.Popen[bytes]) -> None:
    assert node.stdout
    said = b""
    for line in node.stdout:
        said += line
        if b"--block" in line:
            return
    raise RuntimeError(said.decode())


def drive(folder: Path, address: str) -> None:
    """Score, and print scores, notes and seconds as JSON."""
    import harness
    from harness.metrics.isolated.recipe import Recipe
    from harness.reports.words.reasons import noted
    from harness.workspace.progress import Silent
    from tests.metrics.isolation import Tiny, TinyOptions

    class Napping(Tiny):
        environment = Recipe("tiny", ("harness-tiny==1.0",), Path(__file__).with_name("napping_worker.py"), (3, 99))

    class Cutter(Silent):
        seconds = 0.0

        def update(self, task: str, done: int, total: int) -> None:
            del total
            begun = folder / "begun"
            if task.startswith("checks") or not done or (folder / "cut").exists() or not begun.exists():
                return
            if f"{LAST} " in begun.read_text(encoding="utf-8"):
                (folder / "cut").touch()
                while not (folder / "cut-off").exists():
                    time.sleep(0.02)
                self.seconds = time.monotonic()

    cutter = Cutter()
    metric = Napping(TinyOptions.model_validate({"flags": str(folder), "device": "cpu", "batch_size": 64}))
    run = harness.score(
        source=folder / "source.txt", references=[folder / "source.txt"], hypotheses={"a": folder / "output.txt"},
        pair="de-en", metrics=[], extra_metrics=[metric], checks=False, executor="ray", ray_address=f"{address}:{PORT}",
        progress=cutter,
    )  # fmt: skip
    (pair,) = run.pairs
    (system,) = pair.systems
    answer = {
        "rows": system.tables["tiny"].rows[:, 0].tolist(),
        "notes": [noted(note) for note in pair.notes],
        "seconds": time.monotonic() - cutter.seconds,
    }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "stage":
        stage(Path(sys.argv[2]))
    else:
        drive(Path(sys.argv[2]), sys.argv[3])
