"""No engine follows a redirect: another server would get the texts, and some SDKs send it the key as well."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest

from harness.errors import EngineError, Unsupported
from harness.workspace.languages import parse_pair
from tests.engines import remote
from tests.loopback import Loopback, Response
from tests.vendors.base import all_vendors

VENDORS = all_vendors()
TRUSTED_BY = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")
"""Where the HTTP libraries of the SDKs read which certificates count."""

ANOTHER_HOST = "http://localhost:PORT"
ANOTHER_PORT = "http://127.0.0.1:PORT"
NO_SCHEME = "//someone:secret@127.0.0.1:PORT"


def redirected(name: str, status: int, where: str, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext | None) -> str:
    """What the engine says of a redirect; nothing may arrive where it leads."""
    vendor = remote.with_keys(VENDORS[name], monkeypatch)
    with Loopback(lambda seen: vendor.success(seen, str)) as other:
        place = where.replace("PORT", str(other.port))
        with Loopback(lambda seen: Response(status, b"", {"Location": f"{place}{seen.path}"}), tls=tls) as server:
            engine = remote.make(vendor, server.url)
            with pytest.raises(EngineError) as caught:
                remote.translate(engine, parse_pair(vendor.pair), ["Ein Satz."])
    assert len(server.ledger) == 1
    assert not other.ledger
    assert isinstance(caught.value, Unsupported), caught.value
    assert f":{other.port}" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", VENDORS)
def test_the_other_host_gets_nothing(name: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "redirected to localhost:" in redirected(name, status, ANOTHER_HOST, monkeypatch, None)


@pytest.mark.parametrize("name", VENDORS)
def test_another_port_of_the_same_host_gets_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "secret" not in redirected(name, 307, NO_SCHEME, monkeypatch, None)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, by itself."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    encoding = serialization.Encoding.PEM
    unlocked = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, unlocked) + signed.public_bytes(encoding)
    )
    return path


@pytest.mark.parametrize("name", VENDORS)
def test_nothing_leaves_the_encrypted_connection(name: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From https to http, on the same host."""
    for variable in TRUSTED_BY:
        monkeypatch.setenv(variable, str(certificate))
    if name == "deepl":  # its SDK reads none of them
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    elif name in {"google", "anthropic_vertex", "gemini_vertex"}:
        pytest.importorskip("google.auth")
        from google.oauth2.credentials import Credentials

        monkeypatch.setattr("google.auth.default", lambda **_: (Credentials(token="a-token-of-google"), "project"))
    elif name == "azure":  # its library reads them when it is imported
        pytest.importorskip("aiohttp")
        context = ssl.create_default_context(cafile=certificate)
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    assert "redirected to 127.0.0.1:" in redirected(name, 307, ANOTHER_PORT, monkeypatch, tls)
