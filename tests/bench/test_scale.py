"""The page on scale shows what the benchmark computes, and what it computes follows from its constants."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from harness.engines.interface import Limits
from tests.bench import scale
from tests.bench.scale import Load, Service, machines_markdown, services_markdown
from tests.cli.conftest import Shell

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def test_the_page_shows_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert machines_markdown(Load()) in page
    named = re.search(r"`genai-prices` (\d+\.\d+\.\d+)", page)
    assert named is not None
    # Another version of the package may know other prices; all else is of this repository.
    same_prices = named[1] == version("genai-prices")
    for line in services_markdown(Load()).splitlines():
        shown = line if same_prices or "account" not in line else line.rpartition("| account |")[0]
        assert f"\n{shown}" in page


def test_the_walls_follow_from_the_constants() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    outputs = Load().outputs
    most = 64 * scale.GIGABYTE / scale.RUN_MEMORY
    assert f"ends at about {most / 1e6:.0f} million outputs (a pair of {round(most / 50, -4):,.0f} segments" in page
    assert f"{(scale.SCORE_SECONDS + scale.CHECK_SECONDS) * outputs / scale.SECONDS_A_DAY:.0f} days of one core" in page
    assert f"{scale.COMET_GPU_SECONDS * outputs / scale.SECONDS_A_DAY:.0f} days of one H100" in page
    assert f"{scale.COMET_CPU_SECONDS * outputs / scale.SECONDS_A_DAY / 365:.0f} years of one core" in page


def test_fifty_engines_cost_fifty_lines() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.endswith(" USD |")]
    prices = [int(line.split("|")[-2].removesuffix(" USD ").replace(",", "")) for line in lines]
    assert len(prices) == len(scale.SERVICES)
    sentence = f"{50 * min(prices):,} USD if all had the lowest of these prices, {50 * max(prices):,} USD if all had"
    assert sentence in PAGE.read_text(encoding="utf-8")


def test_services_by_hand() -> None:
    """Google takes 162 segments of 184.8 characters at once, and 95,000 characters a second are sent."""
    google = next(service for service in scale.SERVICES if service.vendor == "google" and service.rate == "published")
    load = Load(segments=1000, pairs=162, engines=7)
    assert (load.sources, load.outputs) == (162_000, 1_134_000)
    assert scale.segments_at_once(google.limits) == 162
    assert scale.days(google, load) == pytest.approx(162_000 * 184.8 / 95_000 / 86_400)
    assert scale.money(google, load) == "599 USD"  # 29.9 million characters at 20 dollars


def test_what_is_not_known_is_said() -> None:
    unknown = Service("x", "nobody", Limits(max_segments=10), "account", "x")
    assert scale.money(unknown, Load()) == "unknown"
    assert scale.days(unknown, Load()) == float("inf")
    assert services_markdown(Load()).count("| not measured | account |") == sum(
        service.rate == "account" for service in scale.SERVICES
    )


def test_the_command_computes_other_sizes(bench: Shell) -> None:
    done = bench("scale", "--segments", 1000, "--pairs", 1, "--engines", 2)
    assert done.code == 0
    assert "| cache | 813 bytes | 0.00163 GB | 0.00163 GB |" in done.out


@pytest.mark.slow
def test_disk_and_memory_are_measured(bench: Shell) -> None:
    done = bench("scale", "--measure", "--small")
    assert done.code == 0
    cache, run, *_ = map(float, done.out.splitlines()[1].split("\t"))
    assert cache > 0
    assert run > 100  # the output itself is kept
