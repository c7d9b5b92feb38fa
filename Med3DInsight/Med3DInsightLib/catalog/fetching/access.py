"""How other computers are reached."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from typing import Self

import httpx2

from ..errors import FetchError
from ..places import USUAL_HUB, hub_of_environment


@dataclass(frozen=True)
class Access:
    """Addresses, the user's token, and patience.

    hub is the address of a Hugging Face hub; token is sent to that host and no other, and only encrypted or within
    this computer. A connection that is silent for silence_s ends, however slow it is before. An attempt that failed
    for a reason that may pass is repeated, attempts in all, after wait_s, then twice that, and so on.
    catalogue_s is the time for a catalogue as a whole.
    """

    hub: str = USUAL_HUB
    token: str = field(default="", repr=False)
    connect_s: float = 15.0
    silence_s: float = 30.0
    catalogue_s: float = 60.0
    attempts: int = 4
    wait_s: float = 1.0
    most_redirects: int = 5

    @classmethod
    def of_environment(cls) -> Self:
        """The hub that HF_ENDPOINT names, or the usual one, and the token in HF_TOKEN."""
        return cls(hub=hub_of_environment(), token=os.environ.get("HF_TOKEN", "").strip())

    def token_for(self, url: httpx2.URL) -> str:
        """The token, if url is an address of the hub; else nothing."""
        same = origin_of(url) == origin_of(web_address(self.hub))
        return self.token if same and (url.scheme == "https" or is_loopback(url)) else ""


def web_address(text: str) -> httpx2.URL:
    """An http or https address without user; raises FetchError for any other."""
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, TypeError, ValueError) as error:
        raise FetchError(f"'{text[:100]}' is not an address ({error})") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        shown = text.rpartition("@")[2][:100]  # without what may be a password
        raise FetchError(f"'{shown}' is not an http or https address without user and password")
    return url


def origin_of(url: httpx2.URL) -> tuple[str, str, int]:
    """Scheme, host and port of an address."""
    return url.scheme, url.host.lower().rstrip("."), url.port or (443 if url.scheme == "https" else 80)


def is_loopback(url: httpx2.URL) -> bool:
    """Whether an address is on this computer."""
    try:
        return url.host == "localhost" or ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def shown(url: httpx2.URL) -> str:
    """An address without the query, which may hold a signature."""
    return str(url.copy_with(query=None, fragment=None))
