"""The volume that a task asked about last."""

from __future__ import annotations

from typing import Any

from ..mrml.volume_nodes import volume_from_node
from ..mrml.voxel_changes import SeenVoxels
from ..volumes import Volume


class AskedVolume:
    """Reads volume nodes, and knows whether the last one still has the voxels that were read.

    asked = AskedVolume()
    volume = asked.read(volume_node)
    asked.outdated
    """

    def __init__(self) -> None:
        self._seen: SeenVoxels | None = None

    def read(self, volume_node: Any) -> Volume:
        """The volume of a node; raises VolumeError if it cannot be analysed, and remembers the former one then."""
        volume = volume_from_node(volume_node)
        self._seen = SeenVoxels(volume_node)
        return volume

    @property
    def outdated(self) -> bool:
        """Whether the voxels have changed since; a result is then about what the volume was before."""
        return self._seen is not None and self._seen.changed
