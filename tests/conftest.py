"""Shared fixtures: every test runs with its state in a temporary folder and without a network."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness.translation import patience

# A shell that starts the tests in the background has interrupts ignored, nohup has hang-ups, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Read when torch is imported. Its threads wait for each other by spinning: with a worker for each core, models as small
# as those of the tests took four times the processor time.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("harness", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("harness")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: about a third of the time the tests wait for processes and servers."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file stay together, so that one worker makes what they share, and not each of them again.

    Files with slow tests begin first and those with few tests are last, or one worker would still be busy when the
    others have nothing left.
    """
    groups = {item: _group(item) for item in items}
    sizes = Counter(groups.values())
    slow = {group for item, group in groups.items() if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (groups[item] not in slow, -sizes[groups[item]]))
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    """What it is marked with, else its file."""
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else item.nodeid.partition("::")[0]


@pytest.fixture(autouse=True, scope="session")
def _isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests, and what is made once for several of them, from seeing the developer's environment."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith("HARNESS_")]:
            monkeypatch.delenv(name)
        # Shared by the tests of a worker: a checkpoint is verified once.
        monkeypatch.setenv("HARNESS_COMET_CACHE", str(tmp_path_factory.getbasetemp() / "comet-cache"))
        monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path_factory.getbasetemp() / "metrics-cache"))
        monkeypatch.setenv("HARNESS_CHARTS_CACHE", str(tmp_path_factory.getbasetemp() / "charts-cache"))
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "120")
        yield


@pytest.fixture(autouse=True)
def _all_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that narrows the plugins narrows them for its process, which here goes on to the next test."""
    monkeypatch.delenv("HARNESS_PLUGINS", raising=False)


@pytest.fixture(autouse=True)
def _no_pauses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other nearly at once: how long a pause is, is tested where it is decided."""
    if request.node.get_closest_marker("real_pauses"):
        return
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(patience, "LONGEST_LIMITED", 0.02)
    monkeypatch.setattr(patience, "PATIENCE", 0.2)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def wmt_data() -> Path:
    """The folder of real test sets beside the repository; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WMT_TEST_DATA", DATA))
    if not folder.is_dir():
        pytest.skip("real test sets are not on this machine (set WMT_TEST_DATA)")
    return folder
