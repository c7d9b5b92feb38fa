"""Which computers the user lets pictures go to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

import httpx2

from ..errors import CaptionError, UploadNotAllowed


class UploadConsent:
    """The hosts that the user has named; this computer needs no naming, since nothing leaves it.

    Unless trust_loopback is False: a port of this computer may be the end of a tunnel to another one.

        consent = UploadConsent(["llm.hospital.example"])
        consent.check("https://llm.hospital.example/v1")        # fine
        consent.check("https://api.example.org/v1")             # UploadNotAllowed

    Names are compared as a whole: neither a part of a name nor an address that it resolves to counts. This
    computer is localhost and the addresses of the loopback interface (127.0.0.0/8, ::1). Raises
    CaptionError for a host that is written as something else, such as a URL.
    """

    def __init__(self, hosts: Iterable[str] = (), trust_loopback: bool = True) -> None:
        self._trusts_loopback = trust_loopback
        self._hosts = frozenset(_host_named(host) for host in hosts)

    def check(self, url: str) -> None:
        """Raises UploadNotAllowed unless pictures may be sent to url, before anything is sent there."""
        host = host_of(url)
        if not (host in self._hosts or (self._trusts_loopback and is_loopback(host))):
            raise UploadNotAllowed(host)


def host_of(url: str) -> str:
    """The host of an http or https address, in small letters and ASCII.

    Raises CaptionError for any other address, and for one with a user name, a key, a query or a fragment.
    """
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii").lower().strip("[]").rstrip(".")
    except (httpx2.InvalidURL, UnicodeError, TypeError, ValueError) as error:
        raise CaptionError(f"the address of the server cannot be read ({error})") from error
    if parsed.scheme not in ("http", "https") or not host:
        raise CaptionError(
            f"'{_shown(url)}' is not the address of a server", next_step="write it as http://HOST:PORT/v1"
        )
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise CaptionError(
            f"the address of {host} holds more than host, port and path",
            next_step="leave out user, password, query and fragment; a key comes from the environment or the keyring",
        )
    return host


def is_loopback(host: str) -> bool:
    """Whether host, as host_of() writes it, is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_named(name: str) -> str:
    bare = name.strip().strip("[]")
    written = f"[{bare}]" if bare.count(":") > 1 else bare
    if not bare or any(sign in written for sign in "/@?#*") or (":" in written and not written.startswith("[")):
        raise CaptionError(
            f"'{_shown(name)}' is not the name of a host", next_step="write only the name, such as llm.example.org"
        )
    return host_of(f"http://{written}/")


def _shown(text: str) -> str:
    """The beginning of text, without what may be a password."""
    return text.rpartition("@")[2][:100]
