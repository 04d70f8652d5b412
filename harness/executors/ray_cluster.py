"""Tasks on a Ray cluster: one that runs already, or one started here for as long as the executor lives."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from harness.errors import UsageError, WorkersLost
from harness.executors.interface import Make, Result, Task
from harness.executors.ray_actors import Actors

GRAIN = 64
"""Samples of a task: some seconds on one core. What a lost worker loses, and few enough to share out evenly."""

CONNECT_SECONDS = 5.0
FAILURES = (OSError, RuntimeError, ValueError, RayError)
"""What ``ray.init`` ends in when there is no cluster, or one that does not let us in."""

STORE_BYTES = 128 * 2**20
"""Of a cluster started here: it holds scores and tasks, and both are small."""


class RayExecutor:
    """Runs tasks in actors of a Ray cluster, each with one core, or one core and a graphics card."""

    name = "ray"
    grain = GRAIN

    def __init__(self, address: str = "", workers: int = 0) -> None:
        """Connect where there is an address; without one, a cluster is started when there is something to do.

        Args:
            address: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``; empty for a cluster on this machine.
            workers: how many; 0 for as many as the cluster has cores, or graphics cards where tasks need one.

        Raises:
            UsageError: no cluster answers there.
        """
        self.concurrency = workers or os.cpu_count() or 1
        self._workers = workers
        self._pools: dict[bool, Actors] = {}
        self._connected = ray.is_initialized()
        self._ours = not self._connected
        if address and not self._connected:
            self._join(address)

    def map(self, make: Make[Task, Result], tasks: Sequence[Task], *, gpu: bool = False) -> Iterator[Result]:
        """See :class:`harness.executors.interface.Executor`."""
        if tasks:
            yield from self._pool(gpu=gpu).run(make, tasks)

    def apart(self, *, gpu: bool) -> Sequence[RayExecutor]:
        """See :class:`harness.executors.interface.Executor`."""
        if not self._connected:
            self._start()
        return [RayExecutor(workers=1) for _ in range(self._workers or _there(gpu=gpu))]

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
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
        # The loss of a worker is handled by Actors; Ray would also print it on stdout, where only data belongs.
        ray._private.worker._worker_logs_enabled = False  # noqa: SLF001 - there is no public switch
        self._connected = True
        self.concurrency = self._workers or _there(gpu=False)

    def _pool(self, *, gpu: bool) -> Actors:
        if not self._connected:
            self._start()
        if gpu not in self._pools:
            # Actors of the other kind would keep their cores for nothing.
            for pool in self._pools.values():
                pool.close()
            self.concurrency = self._workers or _there(gpu=gpu)
            self._pools = {gpu: Actors(self.concurrency, gpu=gpu)}
        return self._pools[gpu]


def _there(*, gpu: bool) -> int:
    """Workers that the cluster has room for when nobody else uses it."""
    return max(1, int(ray.cluster_resources().get("GPU" if gpu else "CPU", 0)))


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
