"""What a user asks for: the same objects for the panel, the Python console and the command line."""

from __future__ import annotations

from dataclasses import dataclass

from .device import Device


@dataclass(frozen=True)
class SegmentRequest:
    """Which model labels a volume, and where it is computed."""

    model: str = "brain-tissue"
    """Name of a shipped model (see "med3dinsight models") or folder of a model bundle."""

    device: Device = Device.AUTO
    """Where to compute; auto takes a GPU if there is one."""
