"""What the contract suites share."""

from __future__ import annotations

from xml.etree import ElementTree as ET


class ContractError(AssertionError):
    """A plug-in does something the harness cannot live with."""


def require(condition: bool, message: str) -> None:
    """Raise unless a promise is kept.

    Raises:
        ContractError: with the message.
    """
    if not condition:
        raise ContractError(message)


def check_xml(text: str | bytes) -> None:
    """Refuse XML that is not well-formed, or in which a text of the run is an element.

    Raises:
        ContractError: it is.
    """
    try:
        root = ET.fromstring(text)  # noqa: S314 - our own file
    except ET.ParseError as error:
        raise ContractError(f"not well-formed XML: {error}") from error
    require(not [item for item in root.iter() if item.tag in ("script", "img")], "a text of the run became an element")
