"""A workspace with one system that buys through a batch API on loopback."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.store.runs.directory import list_runs, load_run
from harness.store.runs.result import SystemResult, Traffic
from harness.translation import batch_calls, runner
from harness.types import Money, Translated
from tests.cli.conftest import Finished, Shell
from tests.engines.batch_servers import BatchServer
from tests.engines.chat_vendors import VENDORS
from tests.loopback import Loopback
from tests.vendors.base import Vendor
from tests.workspace import write_article, write_system

SOURCES = [f"Satz {number}." for number in range(7)]
INPUT, OUTPUT, FACTOR = 2.0, 10.0, 0.5
UNDER_WAY = 3


@dataclass
class Scene:
    """A workspace with one system, and a server for it."""

    root: Path
    vendor: Vendor
    shell: Shell
    server: BatchServer = field(init=False)
    web: Loopback = field(init=False)
    url: str = ""

    def write(self, options: str = "batch_api = true", sources: Sequence[str] = SOURCES, limits: str = "") -> None:
        write_article(self.root, "one", [(source, f"Reference {place}.") for place, source in enumerate(sources)])
        prices = f"per_million_input_tokens = {INPUT}\nper_million_output_tokens = {OUTPUT}\nbatch_factor = {FACTOR}"
        options = f"{self.vendor.options(self.url)}\nbatch = 3\n{options}"
        text = f'engine = "{self.vendor.engine}"\n{self.vendor.extra}\n[options]\n{options}\n[price]\n{prices}\n'
        write_system(self.root, "model", f"{text}[limits]\nattempts = 3\n{limits}\n")

    def run(self, *arguments: str) -> Finished:
        return self.shell("run", "-C", self.root, "--metric", "chrf", *arguments)

    @property
    def system(self) -> SystemResult:
        newest = max(list_runs(self.root / "reports" / "runs"), key=lambda path: (path / "run.json").stat().st_mtime_ns)
        (system,) = load_run(newest).pairs[0].systems
        return system

    @property
    def texts(self) -> list[str]:
        found = self.system.outcomes
        return [one.text if isinstance(one, Translated) else type(one).__name__ for one in found]

    @property
    def cache(self) -> Path:
        return self.root / "reports" / ".cache" / "harness.sqlite3"

    def requests(self) -> list[tuple[str, float]]:
        """Outcome and cost of every request that was kept a record of."""
        with closing(sqlite3.connect(self.cache)) as connection:
            return connection.execute("SELECT outcome, cost FROM requests ORDER BY id").fetchall()

    def spent(self) -> float:
        traffic = self.system.traffic
        assert isinstance(traffic, Traffic)
        assert isinstance(traffic.spent, Money)
        return traffic.spent.amount


@pytest.fixture(params=VENDORS)
def scene(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell
) -> Iterator[Scene]:
    vendor = VENDORS[request.param]
    vendor.needs()
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runner, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(batch_calls, "LOOKS", (0.0, 0.02))
    found = Scene(tmp_path, vendor, harness)
    found.server = BatchServer(vendor)
    with found.server.loopback() as found.web:
        found.url = found.web.url
        found.write()
        yield found
