"""E-mail addresses that are missing, changed or invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from harness.checks.characters import Selected, Texts, sign
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import TEXTS_KEPT
from harness.types import Reason
from harness.types.patterns import on_demand

_EMAIL = on_demand(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_IN_ADDRESS = sign(r"[A-Za-z0-9._%+-]")
"""What stands on either side of the sign of an address; before that of a handle there is a space."""


def _with_addresses(batch: Batch, _context: CheckContext) -> Selected:
    return _may_have(batch.texts) | batch.of_sources(_may_have(batch.sources))


def _may_have(texts: Texts) -> Selected:
    # Before the first character of all texts, as before that of any other, stands a separator.
    places = texts.places_of("@")
    return texts.holding(places[texts.are(_IN_ADDRESS)[places - 1] & texts.are(_IN_ADDRESS)[places + 1]])


@screened_by(_with_addresses)
def check_email(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag addresses that only one side has; what a reference left out need not be there."""
    source, written = _emails(item.source), _emails(item.text)
    references = [_emails(other) for other in item.references]
    for address in source.keys() - written.keys():
        if all(address in other for other in references):
            yield Flag("email", WHOLE, Reason("flag.email_missing", {"address": address}), 0.95)
    for address, span in written.items():
        if address not in source and not any(address in other for other in references):
            yield Flag("email", span, Reason("flag.email_strange", {"address": address}), 0.95)


@lru_cache(maxsize=TEXTS_KEPT)
def _emails(text: str) -> Mapping[str, tuple[int, int]]:
    return {} if "@" not in text else {match[0].casefold(): match.span() for match in _EMAIL.finditer(text)}
