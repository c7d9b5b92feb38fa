"""Which other computers are contacted, so that it can be told before."""

from __future__ import annotations

from collections.abc import Iterable

from .places import catalogues_of_environment, hub_of_environment
from .settings import ModelSettings
from .sources import HubSource, Source, WebSource


def kept_catalogues(settings: ModelSettings) -> tuple[str, ...]:
    """The catalogues that are read beside the shipped one: those of the settings, then those of the environment."""
    return tuple(dict.fromkeys([*settings.read().catalogues, *catalogues_of_environment()]))


def hosts_of_catalogues(places: Iterable[str]) -> tuple[str, ...]:
    """The hosts that reading catalogues asks; none for those that are files."""
    return tuple(dict.fromkeys(host for place in places if (host := _host_of(place))))


def host_of_source(source: Source) -> str:
    """The host that has the files of a model; "" if they are on a drive.

    host_of_source(WebSource("https://models.example.org/liver"))    # "models.example.org"
    """
    match source:
        case HubSource():
            return _host_of(hub_of_environment())
        case WebSource():
            return _host_of(source.base_url)
    return ""


def _host_of(address: str) -> str:
    """The host and port of an address, without user and password; "" for a path."""
    scheme, separator, rest = address.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return ""
    return rest.replace("\\", "/").partition("/")[0].rpartition("@")[2].partition("?")[0].partition("#")[0]
