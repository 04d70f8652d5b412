"""What keeps this machine from reaching anything: certificates and proxies that the environment names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from harness.errors import EngineUnavailable

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")

ABOUT_PROXIES = re.compile(
    r"socks\w*\b.*(not installed|dependencies)|dependencies for socks|(unknown|invalid|unsupported).{0,20}prox"
    r"|InvalidProx|prox.{0,40}(malformed|scheme)",
    re.IGNORECASE,
)
ABOUT_CERTIFICATES = re.compile(
    r"CA certificate bundle|cafile|capath|\[X509|PEM lib|CERTIFICATE_OR_CRL"
    r"|No such file|Permission denied|Is a directory",
    re.IGNORECASE,
)
"""That a file cannot be read. A server whose certificate is not trusted is another matter."""


def environment_fault(error: BaseException) -> EngineUnavailable | None:
    """Why a client for HTTP cannot even be made, if the environment is the reason; None if it is not."""
    said = f"{type(error).__name__}: {error}"
    if ABOUT_PROXIES.search(said) and (named := _set(PROXIES)):
        socks = "socks" in said.lower()
        fix = "pip install 'httpx[socks]' 'requests[socks]', or unset it" if socks else "correct or unset it"
        return EngineUnavailable(f"the proxy that {named} names cannot be used: {said}", hint=fix)
    if isinstance(error, OSError) and ABOUT_CERTIFICATES.search(said) and (named := _set(CERTIFICATES, values=True)):
        why = f"the certificates that {named} names cannot be read: {said}"
        return EngineUnavailable(why, hint="correct or unset it")
    return None


def _set(names: Iterable[str], *, values: bool = False) -> str:
    """Which of the variables are set, in either case; a proxy's value may hold a password and is not shown."""
    spellings = [spelling for name in names for spelling in (name, name.lower()) if os.environ.get(spelling)]
    return " or ".join(f"{name} ({os.environ[name]})" if values else name for name in spellings)
