"""Where outputs and prices come from, in words. A run keeps both as English text; here they are taken apart again.

What does not begin as one of these, such as the name of a price list, is said as it is.
"""

from __future__ import annotations

from harness.reports.words.messages import say

_RECUT = ", cut along the references"

_BATCH = ", batch API"


def origin_in_words(origin: str) -> str:
    """``live``, ``recorded 2026-11-23, apertium 3.8.3``, ``file a.txt``."""
    whole = origin.removesuffix(_RECUT)
    kind, _, rest = whole.partition(" ")
    match kind:
        case "live" if not rest:
            said = say("origin.live")
        case "recorded":
            said = say("origin.recorded_as", what=rest) if rest else say("origin.recorded")
        case "file":
            said = say("origin.file", file=rest)
        case _:
            said = whole
    return said if whole == origin else say("origin.recut", origin=said)


def price_source_in_words(source: str) -> str:
    """``runs on this machine``, ``list price: deepl.com, 2026-11``, ``genai-prices``; each also ``, batch API``."""
    whole = source.removesuffix(_BATCH)
    match whole.partition(": "):
        case ("[price] of the system file", "", _):
            said = say("price_source.own")
        case ("runs on this machine", "", _):
            said = say("price_source.free")
        case ("unknown", "", _):
            said = say("price_source.unknown")
        case ("list price", _, listed):
            said = say("price_source.listed", what=listed)
        case _:
            said = whole
    return said if whole == source else say("price_source.batch", source=said)
