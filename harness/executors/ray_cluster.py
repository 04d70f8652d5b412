"""Tasks on a Ray cluster: one that runs already, or one started here for as long as the executor lives."""

from __future__ import annotations

import logging
import math
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from harness.errors import UsageError, WorkersLost
from harness.executors.interface import Loss, Make, Result, Task
from harness.executors.ray_actors import Actors, cards_of, runtime_environment
from harness.workspace.executor_table import ExecutorFile

GRAIN = 64
"""Samples of a task: some seconds on one core. What a lost worker loses, and few enough to share out evenly."""

CONNECT_SECONDS = 5.0
FAILURES = (OSError, RuntimeError, ValueError, RayError)
"""What ``ray.init`` ends in when there is no cluster, or one that does not let us in."""

ROUNDING = 1e-6
"""Ten workers with a tenth of a card fill it."""

EVERYWHERE = ExecutorFile()
"""Nodes as they are."""

STORE_BYTES = 128 * 2**20
"""Of a cluster started here: it holds scores and tasks, and both are small."""


class RayExecutor:
    """Runs tasks in actors of a Ray cluster, each with one core, and the graphics cards that the work needs."""

    name = "ray"
    grain = GRAIN

    def __init__(
        self, address: str = "", workers: int = 0, settings: ExecutorFile = EVERYWHERE, losses: list[Loss] | None = None
    ) -> None:
        """Connect where there is an address; without one, a cluster is started when there is something to do.

        Args:
            address: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``; empty for a cluster on this machine.
            workers: how many; 0 for as many as the cluster has cores, or room on graphics cards where tasks need one.
            settings: what workers are given.
            losses: where lost workers are noted; a list of its own by default.

        Raises:
            UsageError: no cluster answers there.
        """
        self.concurrency = workers or os.cpu_count() or 1
        self._workers = workers
        self._settings = settings
        self.losses: list[Loss] = [] if losses is None else losses
        self._pools: dict[int, Actors] = {}
        self._connected = ray.is_initialized()
        self._ours = not self._connected
        if address and not self._connected:
            self._join(address)

    def map(self, make: Make[Task, Result], tasks: Sequence[Task], *, cards: int = 0) -> Iterator[Result]:
        """See :class:`harness.executors.interface.Executor`."""
        if tasks:
            yield from self._pool(cards).run(make, tasks)

    def apart(self, *, cards: int) -> Sequence[RayExecutor]:
        """See :class:`harness.executors.interface.Executor`."""
        if not self._connected:
            self._start()
        room = self._workers or self._room(cards)
        return [RayExecutor(workers=1, settings=self._settings, losses=self.losses) for _ in range(room)]

    def close(self) -> None:
        """End the actors, and the cluster if it was started here."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        if self._connected and self._ours:
            ray.shutdown()
            self._connected = False

    def _join(self, address: str) -> None:
        if address != "auto":
            _check_listening(address)
        try:
            self._connect(address=address)
        except FAILURES as error:
            raise UsageError(
                f"cannot use the cluster at '{address}': {_first_line(error)}",
                hint="to start one: ray start --head; RAY_AUTH_MODE, the token and the version of Ray must be the same",
            ) from error

    def _start(self) -> None:
        try:
            self._connect(
                address="local",
                num_cpus=self._workers or None,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
            )
        except FAILURES as error:
            raise WorkersLost(
                f"Ray cannot be started here: {_first_line(error)}",
                hint=f"its logs are in {Path(tempfile.gettempdir(), 'ray', 'session_latest', 'logs')}",
            ) from error

    def _connect(self, **options: Any) -> None:
        # Read by Ray when it starts. Errors reach the user through this class, and only once.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
        ray.init(
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env=runtime_environment(self._settings) or None,
            **options,
        )
        # The loss of a worker is handled by Actors; Ray would also print it on stdout, where only data belongs.
        ray._private.worker._worker_logs_enabled = False  # noqa: SLF001 - there is no public switch
        self._connected = True
        self.concurrency = self._workers or self._room(0)

    def _pool(self, cards: int) -> Actors:
        if not self._connected:
            self._start()
        if cards not in self._pools:
            # Actors of the other kind would keep their cores for nothing.
            for pool in self._pools.values():
                pool.close()
            self.concurrency = self._workers or self._room(cards)
            self._pools = {cards: Actors(self.concurrency, cards, self._settings, self.losses)}
        return self._pools[cards]

    def _room(self, cards: int) -> int:
        """Workers that the cluster has room for when nobody else uses it; a worker is on one node."""
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        return max(1, sum(room_on(node, cards_of(cards, self._settings)) for node in nodes))


def room_on(resources: Mapping[str, float], cards: float) -> int:
    """Workers that an idle node has room for, each with a core and so many graphics cards."""
    cores = int(resources.get("CPU", 0))
    return min(cores, math.floor(resources.get("GPU", 0) / cards + ROUNDING)) if cards else cores


def _check_listening(address: str) -> None:
    """Ray waits for minutes for a cluster that is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(f"'{address}' is not the address of a Ray cluster", hint="auto, HOST:PORT or ray://HOST:PORT")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise UsageError(
            f"no Ray cluster answers at '{address}': {error.strerror or error}", hint="to start one: ray start --head"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
