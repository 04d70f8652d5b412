"""Links into the segment explorer."""

from __future__ import annotations

from urllib.parse import urlencode

MOST_IN_ADDRESS = 250
"""Segments that a link names one by one; an address has to fit into a mail."""


def segments_link(pair: str, **shown: object) -> str:
    """A link that opens the explorer of a pair.

    Args:
        pair: such as ``de-en``.
        shown: what the explorer shall show, by the names in ``assets/state.js``; what is left out is as at first.
    """
    return f"#{urlencode({'pair': pair, 'view': 'segments', **shown})}"
