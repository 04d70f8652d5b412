"""What very many segments, pairs and engines cost, computed from what was measured or is cited: ``docs/scale.md``.

Rates and prices are those of the engines and of :data:`harness.translation.pricing.LIST_PRICES`; those of language
models come with the package ``genai-prices``. What is not known is said, and nothing is computed from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.engines.interface import Limits
from harness.engines.services.amazon import AmazonEngine
from harness.engines.services.azure import AzureEngine
from harness.engines.services.deepl import DeepLEngine
from harness.engines.services.google import GoogleEngine
from harness.reports.html.page import MOST_OUTPUTS
from harness.translation.pace import EVEN
from harness.translation.pricing import LIST_PRICES, Tariff
from harness.types import Unknown

SECONDS_A_DAY = 86_400
HOUR = 3_600
GIGABYTE = 1e9

CHARACTERS = 184.8
"""Of source text for each segment: WMT24 en-cs, 997 segments."""

TOKENS_IN, TOKENS_OUT = 101.1, 69.1
"""For each segment: what ``harness run --dry-run`` expects of a language model asked for ten segments of the same text
at once. An estimate from bytes, not a count."""

MODEL_BATCH = 10
"""Segments for each request to a language model, the engines' default."""

CACHE_BYTES, RUN_BYTES, HTML_BYTES = 813, 429, 103
"""For each output: ``python -m tests.bench scale --measure``, 4 systems, 8,000 and 20,000 segments."""

RUN_MEMORY, REPORT_MEMORY = 4_835, 3_430
"""Bytes of memory for each output, likewise: ``harness run`` with its reports, and ``harness report`` to HTML."""

SCORE_MEMORY = 7.4 * 2**30 / 10_000_000
"""Bytes of memory for each output: ``harness score`` of 1,000,000 segments and 10 systems, ``docs/performance.md``."""

SCORE_SECONDS = 202 / 10_000_000
"""Processor seconds for each output, BLEU and chrF with all comparisons, without checks; of the same measurement."""

CHECK_SECONDS = 0.00014
"""Processor seconds of the checks for each output: 2.8 for 20,000, ``docs/performance.md``."""

COMET_CPU_SECONDS = 59.3 / 240
"""Processor seconds for each output: 24 segments of 10 systems, checkpoint of the size of XLM-R large; likewise."""

COMET_GPU_SECONDS = 0.97 / 800
"""Seconds of one H100 for each output: 80 segments of 10 systems in fp32; likewise."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to translate."""

    segments: int = 1_000_000
    """Of each pair."""
    pairs: int = 100
    engines: int = 50

    @property
    def sources(self) -> int:
        """What one engine translates."""
        return self.segments * self.pairs

    @property
    def outputs(self) -> int:
        """What all of them return."""
        return self.sources * self.engines


@dataclass(frozen=True, slots=True)
class Service:
    """One service or model, and where its rate comes from."""

    name: str
    vendor: str
    limits: Limits
    rate: str
    """Who says how fast it may be asked: ``published``, ``ours`` (a careful default, where the vendor publishes
    none), or ``account`` (it depends on the account)."""
    model: str = ""


SERVICES: Sequence[Service] = (
    Service("DeepL", "deepl", DeepLEngine.own_limits, "ours"),
    Service("Google Translate, NMT", "google", GoogleEngine.own_limits, "published", "general/nmt"),
    Service("Azure Translator, S1", "azure", AzureEngine.own_limits, "published"),
    Service("Amazon Translate", "amazon", AmazonEngine.own_limits, "ours"),
    *(
        Service(f"`{model}`", vendor, Limits(max_segments=MODEL_BATCH), "account", model)
        for vendor, model in (
            ("openai", "gpt-4o-mini"),
            ("google", "gemini-3.8-flash"),
            ("anthropic", "claude-haiku-4-5"),
            ("anthropic", "claude-opus-5-5"),
        )
    ),
)


def segments_at_once(limits: Limits) -> int:
    """Segments of average length in one request."""
    return min(limits.max_segments, int(limits.max_characters // CHARACTERS))


def days(service: Service, load: Load) -> float:
    """Days until one engine has translated everything at the rate at which it is asked; infinite: not known."""
    limits = service.limits
    requests = load.sources / segments_at_once(limits)
    by_requests = requests / (limits.requests_per_second * EVEN)
    by_characters = load.sources * CHARACTERS / (limits.characters_per_second * EVEN)
    # Without any limit both are 0: how fast the service may be asked is then not known.
    return max(by_requests, by_characters) / SECONDS_A_DAY or math.inf


def money(service: Service, load: Load) -> str:
    """The list price of everything for one engine."""
    if (service.vendor, service.model) in LIST_PRICES:
        usage = {"characters": 1_000_000}
        shares = load.sources * CHARACTERS / 1_000_000
    else:  # each request by itself: some prices depend on its size
        usage = {"input_tokens": round(TOKENS_IN * MODEL_BATCH), "output_tokens": round(TOKENS_OUT * MODEL_BATCH)}
        shares = load.sources / MODEL_BATCH
    cost = Tariff(service.vendor, service.model, None, free=False).cost(usage)
    return "unknown" if isinstance(cost, Unknown) else f"{_rounded(cost.amount * shares)} {cost.currency}"


def services_markdown(load: Load) -> str:
    """One line for each service: requests, days and money of one engine."""
    lines = [
        "| one engine | segments a request | requests | days | who says so | list price |",
        "|---|---:|---:|---:|---|---:|",
    ]
    for service in SERVICES:
        requests = load.sources / segments_at_once(service.limits)
        duration = days(service, load)
        shown = "not measured" if math.isinf(duration) else f"{duration:.1f}"
        lines.append(
            f"| {service.name} | {segments_at_once(service.limits)} | {_rounded(requests)} | {shown} | {service.rate} "
            f"| {money(service, load)} |"
        )
    return "\n".join(lines) + "\n"


def machines_markdown(load: Load) -> str:
    """One line for each thing that machines need: of an output, of one pair with all engines, and of everything."""
    lines = ["| | for each output | one pair, all engines | everything |", "|---|---:|---:|---:|"]
    for name, each, unit, size in _needs():
        pair = load.outputs / load.pairs
        if name.startswith("HTML"):
            pair = min(pair, MOST_OUTPUTS)
        shown = [f"{_rounded(each * outputs / size)} {unit}" for outputs in (pair, pair * load.pairs)]
        small = f"{each:.0f} bytes" if unit == "GB" else f"{_rounded(each * 1000)} ms"
        # Memory is needed at once for one run only, and a run is not larger than a pair.
        whole = "as one pair" if name.startswith("memory") else shown[1]
        lines.append(f"| {name} | {small} | {shown[0]} | {whole} |")
    lines.append("| local engines on a graphics card | not measured | not measured | not measured |")
    return "\n".join(lines) + "\n"


def _needs() -> Iterator[tuple[str, float, str, float]]:
    yield "cache", CACHE_BYTES, "GB", GIGABYTE
    yield "stored runs", RUN_BYTES, "GB", GIGABYTE
    yield "HTML report", HTML_BYTES, "GB", GIGABYTE
    yield "memory of `harness score --no-checks`", SCORE_MEMORY, "GB", GIGABYTE
    yield "memory of `harness run`", RUN_MEMORY, "GB", GIGABYTE
    yield "memory of `harness report`, HTML", REPORT_MEMORY, "GB", GIGABYTE
    yield "BLEU and chrF, comparisons", SCORE_SECONDS, "core hours", HOUR
    yield "checks", CHECK_SECONDS, "core hours", HOUR
    yield "COMET on processors", COMET_CPU_SECONDS, "core hours", HOUR
    yield "COMET on an H100, fp32", COMET_GPU_SECONDS, "GPU hours", HOUR


def _rounded(number: float) -> str:
    """Three figures: the constants have no more."""
    digits = 2 - math.floor(math.log10(number)) if number else 0
    return f"{round(number, digits):,.{max(digits, 0)}f}"
