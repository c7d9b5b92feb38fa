"""A certificate that this computer made for itself."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

_NEW = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
_LOCALHOST = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]


def a_server_named_localhost(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server needs to be https://localhost, and the certificate, for those who are to trust it."""
    certificate, private = folder / "cert.pem", folder / "key.pem"
    try:
        subprocess.run(
            [*_NEW.split(), *_LOCALHOST, "-keyout", private, "-out", certificate], capture_output=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("openssl is not on this computer")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context, certificate
