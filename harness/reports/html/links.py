"""Links into the segment explorer."""

from __future__ import annotations

from urllib.parse import urlencode


def segments_link(pair: str, **shown: object) -> str:
    """A link that opens the explorer of a pair.

    Args:
        pair: such as ``de-en``.
        shown: what the explorer shall show, by the names in ``assets/state.js``; what is left out is as at first.
    """
    return f"#{urlencode({'pair': pair, 'view': 'segments', **shown})}"
