"""Addresses as parts of a cache key: another server is another engine, another spelling of an address is not."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from harness.types import JsonValue

ADDRESS = r"^(https?://[^/@?#\s]+(/[^?#\s]*)?)?$"
"""An address in options, or nothing: without user, password or query, because it is part of the identity."""

PORTS = {"http": 80, "https": 443}


def canonical(address: str, *, keep_path: bool = False) -> str:
    """One spelling of an address: scheme and host in lower case, no usual port, no slash at the end.

    Args:
        address: as people write it; what is no address comes back as it is.
        keep_path: the path is what is asked for, where a slash at its end may count, and not a base to add to.
    """
    try:
        parts = urlsplit(address.strip())
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return address
    if not parts.scheme or not host:
        return address
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    where = f":{port}" if port is not None and port != PORTS.get(parts.scheme.lower()) else ""
    path = (parts.path or "/") if keep_path else parts.path.rstrip("/")
    return urlunsplit((parts.scheme.lower(), f"{user}{host}{where}", path, parts.query, parts.fragment))


def elsewhere(address: str, *usual: str) -> dict[str, JsonValue]:
    """``endpoint`` for an identity; empty where the address is one of the service's own, however it is written.

    Args:
        address: of the options; empty: the service's own.
        usual: the service's own addresses, behind which the same models answer.
    """
    if not address or canonical(address) in {canonical(one) for one in usual}:
        return {}
    return {"endpoint": canonical(address)}
