"""What a request costs: the system file's price, else list prices, else unknown. Unknown is never 0.

Language models are priced by ``genai-prices``, whose tables come with the package; each request is priced by itself,
because some prices depend on its size. Machine-translation services are priced by the dated table below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.engines.interface import Engine, RemoteEngine
from harness.types import Money, Reason, Unknown
from harness.workspace.file_models import PriceFile

Cost = Money | Unknown

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A published price for a million source characters."""

    amount: float
    currency: str
    source: str
    checked: str
    """ISO date on which the source was looked at."""


LIST_PRICES: Mapping[tuple[str, str], ListPrice] = {
    ("deepl", ""): ListPrice(25.0, "USD", "DeepL API Pro, usage fee, as quoted by third parties", "2026-11-01"),
    ("google", "general/nmt"): ListPrice(20.0, "USD", "Cloud Translation pricing page, NMT", "2026-11-01"),
    ("azure", ""): ListPrice(10.0, "USD", "Azure AI Translator S1, list price, not confirmed", "2026-11-01"),
    ("amazon", ""): ListPrice(15.0, "USD", "Amazon Translate standard, as quoted by third parties", "2026-11-01"),
}
"""By (vendor, model). Free quotas, volume discounts and taxes are not part of it; a ``[price]`` table overrides it."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What a batch API costs, as published."""

    factor: float
    """Of the price of single requests."""
    source: str
    checked: str
    """ISO date on which the source was looked at."""


BATCH_DISCOUNTS: Mapping[str, Discount] = {
    "openai": Discount(0.5, "https://platform.openai.com/docs/guides/batch", "2026-11-27"),
    "anthropic": Discount(0.5, "https://platform.claude.com/docs/en/build-with-claude/batch-processing", "2026-11-27"),
    "google": Discount(0.5, "https://ai.google.dev/gemini-api/docs/batch-api", "2026-11-27"),
}
"""By vendor. ``batch_factor`` in ``[price]`` overrides it; another server's batches cost what single requests do."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """How the requests of one system are priced."""

    vendor: str
    """Empty: not a service that bills."""
    model: str
    own: PriceFile | None
    """``[price]`` of the system file."""
    free: bool
    """True for engines that run here: nobody sends a bill."""
    batch: bool = False
    """Whether requests go through the vendor's batch API."""

    @property
    def batch_factor(self) -> float:
        """What a request costs as a share of the price of a single one."""
        if not self.batch:
            return 1.0
        if self.own is not None and self.own.batch_factor is not None:
            return self.own.batch_factor
        discount = BATCH_DISCOUNTS.get(self.vendor)
        return discount.factor if discount else 1.0

    @property
    def source(self) -> str:
        """Where the price comes from, for people."""
        if self.batch:
            return f"{replace(self, batch=False).source}, batch API"
        if self.own is not None:
            return "[price] of the system file"
        if self.free:
            return "runs on this machine"
        listed = LIST_PRICES.get((self.vendor, self.model))
        if listed is not None:
            return f"list price: {listed.source}, {listed.checked}"
        return "genai-prices" if self.vendor else "unknown"

    def cost(self, usage: Mapping[str, int]) -> Cost:
        """The price of one request.

        Args:
            usage: ``characters``, ``input_tokens``, ``cached_input_tokens``, ``output_tokens``; what is not there is
                not known.
        """
        if self.own is not None:
            return _times(self._own_cost(self.own, usage), self.batch_factor)
        if self.free:
            return Money(0.0, "")
        listed = LIST_PRICES.get((self.vendor, self.model))
        if listed is not None:
            characters = usage.get("characters")
            if characters is None:
                return Unknown(Reason("unknown.characters"))
            return Money(characters * listed.amount / MILLION, listed.currency)
        if not self.vendor:
            return Unknown(Reason("unknown.no_tariff"))
        price = _model_cost(self.vendor, self.model, usage)
        if not self.batch:
            return price
        listed_batch = _model_cost(self.vendor, self.model, usage, {"processing": "batch"})
        # Where the tables have no price for batches, they answer with that of single requests.
        return _times(price, self.batch_factor) if listed_batch == price else listed_batch

    def _own_cost(self, price: PriceFile, usage: Mapping[str, int]) -> Cost:
        if price.per_million_characters is not None:
            characters = usage.get("characters")
            if characters is None:
                return Unknown(Reason("unknown.characters"))
            return Money(characters * price.per_million_characters / MILLION, price.currency)
        tokens = (usage.get("input_tokens"), usage.get("output_tokens"))
        if price.per_million_input_tokens is None or price.per_million_output_tokens is None or None in tokens:
            return Unknown(Reason("unknown.tokens"))
        amount = usage["input_tokens"] * price.per_million_input_tokens
        amount += usage["output_tokens"] * price.per_million_output_tokens
        return Money(amount / MILLION, price.currency)


def tariff_of(engine: Engine, price: PriceFile | None, *, batch: bool = False) -> Tariff:
    """The tariff of a system; ``batch`` where it is asked through its batch API."""
    if isinstance(engine, RemoteEngine):
        return Tariff(engine.vendor, engine.billed_model, price, free=False, batch=batch)
    return Tariff("", "", price, free=price is None)


def _times(cost: Cost, factor: float) -> Cost:
    return Money(cost.amount * factor, cost.currency) if isinstance(cost, Money) else cost


def _model_cost(vendor: str, model: str, usage: Mapping[str, int], context: Mapping[str, str] | None = None) -> Cost:
    from genai_prices import Usage, calc_price

    if "input_tokens" not in usage or "output_tokens" not in usage:
        return Unknown(Reason("unknown.tokens"))
    tokens = Usage(
        input_tokens=usage["input_tokens"],
        cache_read_tokens=usage.get("cached_input_tokens"),
        output_tokens=usage["output_tokens"],
    )
    try:
        price = calc_price(tokens, model_ref=model, provider_id=vendor, price_context=context)
    except LookupError:
        return Unknown(Reason("unknown.no_list_price", {"vendor": vendor, "model": model}))
    return Money(float(price.total_price), "USD")
