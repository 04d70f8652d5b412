"""What the contract suites share."""

from __future__ import annotations


class ContractError(AssertionError):
    """A plug-in does something the harness cannot live with."""


def require(condition: bool, message: str) -> None:
    """Raise unless a promise is kept.

    Raises:
        ContractError: with the message.
    """
    if not condition:
        raise ContractError(message)
