"""The body of requests that are about one volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ..exchange import VolumeReference

_Request = TypeVar("_Request")


@dataclass(frozen=True)
class OnVolumeBody(Generic[_Request]):
    """A request, and the volume that it is about.

    from_body(OnVolumeBody[FindRequest], body).request
    """

    request: _Request
    volume: VolumeReference
