"""The example of docs/cluster.md, as it stands there: two nodes on this machine, a run on both, and one node lost."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.executors.local import LocalExecutor
from harness.store.runs.directory import load_run
from harness.store.runs.names import find_run
from tests.executors.test_ray_comet import KillingCache, table
from tests.metrics.conftest import checkpoint
from tests.metrics.test_comet import Checkpoints
from tests.workspace import small_workspace, write_system

pytest.importorskip("ray")
from harness.executors.ray_cluster import RayExecutor
from tests.engines.processes import still

__all__ = ["checkpoint"]

pytestmark = [pytest.mark.slow, pytest.mark.comet, pytest.mark.xdist_group("ray")]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cluster.md"
PROGRAMS = {"ray": [sys.executable, "-m", "ray.scripts.scripts"], "harness": [sys.executable, "-m", "harness"]}


@dataclass(frozen=True)
class Nodes:
    """Two nodes that run, and the command of the page that uses them."""

    port: int
    run: list[str]
    second: subprocess.Popen[bytes]


def page_commands(port: int) -> dict[str, list[str]]:
    """The commands of the page by their first two words, with a free port instead of Ray's usual one."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found = {}
    for line in "".join(blocks).splitlines():
        words = shlex.split(line.replace("6379", str(port)))
        if words[0] in PROGRAMS:
            found[" ".join(words[:3])] = [*PROGRAMS[words[0]], *words[1:]]
    return found


def free_port() -> int:
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """A node, once it says that it runs."""
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    node = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    assert node.stdout
    said = b""
    for line in node.stdout:
        said += line
        if b"--block" in line:
            return node
    raise AssertionError(said.decode())


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    port = free_port()
    commands = page_commands(port)
    assert set(commands) == {"ray get-auth-token --generate", "ray start --head", "ray start --address",
                             "harness run --metric"}  # fmt: skip
    with contextlib.ExitStack() as started:

        def run(command: list[str]) -> subprocess.Popen[bytes]:
            node = start(command)
            started.callback(stop, node)
            return node

        run([*commands["ray start --head"], "--ray-client-server-port", str(free_port())])
        second = run(commands["ray start --address"])
        yield Nodes(port, commands["harness run --metric"], second)


def stop(node: subprocess.Popen[bytes]) -> None:
    node.send_signal(signal.SIGTERM)
    node.communicate(timeout=30)


def children(process: int) -> dict[str, int]:
    """Programs that a process started, with their numbers."""
    listed = still(Path(f"/proc/{process}/task/{process}/children")).split()
    return {still(Path(f"/proc/{int(child)}/comm")).decode().strip(): int(child) for child in listed}


def test_the_run_of_the_page(nodes: Nodes, checkpoint: Checkpoints, tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=3, segments=5)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    options = ["--comet-model", str(checkpoint("regression")), "-C", str(tmp_path), "-q", "--format", "csv"]
    environment = {**os.environ, "HARNESS_CACHE": str(tmp_path / "cache-of-the-cluster")}
    there = subprocess.run([*nodes.run, *options], capture_output=True, text=True, env=environment, check=False)
    assert (there.returncode, there.stderr) == (0, "")
    clustered = load_run(find_run(tmp_path / "reports" / "runs", "latest"))
    assert clustered.command.endswith(f"--executor ray --ray-address 127.0.0.1:{nodes.port}")
    here = subprocess.run(
        [sys.executable, "-m", "harness", "run", "--metric", "bleu,comet", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (here.returncode, here.stderr) == (0, "")
    local = load_run(find_run(tmp_path / "reports" / "runs", "latest"))
    assert local.id != clustered.id
    assert there.stdout.replace(clustered.id, local.id) == here.stdout
    (ours,), (theirs,) = local.pairs[0].systems, clustered.pairs[0].systems
    assert (ours.tables["comet"].rows == theirs.tables["comet"].rows).all()
    assert ours.tables["comet"].identity == theirs.tables["comet"].identity


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_node_lost_in_the_middle(nodes: Nodes, checkpoint: Checkpoints) -> None:
    expected = table(checkpoint("regression"), LocalExecutor())
    with contextlib.closing(RayExecutor(f"127.0.0.1:{nodes.port}")) as executor:
        assert executor.concurrency == 2
        cache = KillingCache(children(nodes.second.pid)["raylet"])
        began = time.monotonic()
        found = table(checkpoint("regression"), executor, cache)
        assert time.monotonic() - began < 120
    assert (found.rows == expected.rows).all()
    # The cluster was not ours, and is still there.
    with contextlib.closing(RayExecutor(f"127.0.0.1:{nodes.port}")) as executor:
        assert (table(checkpoint("regression"), executor).rows == expected.rows).all()
