"""Web addresses that are missing, changed or invented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from harness.checks.characters import Selected, Texts
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import TEXTS_KEPT
from harness.types import Reason
from harness.types.patterns import on_demand

_URL = on_demand(r"(?:https?://|\bwww\.)[^\s<>\"“”„»«（）]+", re.IGNORECASE)
_AFTER_AN_ADDRESS = ".,;:!?…'’)]}*。，、；：！？）」"


def _with_addresses(batch: Batch, _context: CheckContext) -> Selected:
    return _may_have_address(batch.texts) | batch.of_sources(_may_have_address(batch.sources))


def _may_have_address(texts: Texts) -> Selected:
    return texts.containing("://") | texts.containing("www.")


@screened_by(_with_addresses)
def check_url(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag addresses that only one side has; what every reference left out need not be there."""
    source, written = _urls(item.source), _urls(item.text)
    if not source and not written:
        return
    references = [_urls(other) for other in item.references]
    for address in source.keys() - written.keys():
        if all(address in other for other in references):
            yield Flag("url", WHOLE, Reason("flag.url_missing", {"address": address}), 0.95)
    for address, span in written.items():
        if address not in source and not any(address in other for other in references):
            yield Flag("url", span, Reason("flag.url_strange", {"address": address}), 0.9)


@lru_cache(maxsize=TEXTS_KEPT)
def _urls(text: str) -> Mapping[str, tuple[int, int]]:
    """Addresses without scheme and case, and where they stand."""
    urls: dict[str, tuple[int, int]] = {}
    if "://" not in text and "www." not in text.casefold():
        return urls
    for match in _URL.finditer(text):
        address = match[0].rstrip(_AFTER_AN_ADDRESS)
        short = re.sub(r"^https?://", "", address.casefold()).removeprefix("www.").rstrip("/")
        urls[short] = (match.start(), match.start() + len(address))
    return urls
