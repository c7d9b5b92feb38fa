"""Whether the voxels of a volume node are still those that were looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SeenVoxels:
    """The voxels of a volume node at the moment when this is made.

    seen = SeenVoxels(volume_node)
    seen.changed                            # whether they may be other ones by now

    The time stamp of the image tells: no two in the process are the same, and writing into the array, which has to be
    told by arrayFromVolumeModified() or the like, gives a new one.
    """

    def __init__(self, volume_node: Any) -> None:
        self._node = volume_node
        self._stamp = self._now()

    @property
    def changed(self) -> bool:
        """Whether voxels were written or exchanged since."""
        return self._now() != self._stamp

    def _now(self) -> int:
        image = self._node.GetImageData()
        return 0 if image is None else int(image.GetMTime())


class VoxelWatch:
    """Tells once when the voxels of a volume node have changed.

    watch = VoxelWatch(volume_node, forget)
    watch.close()

    ImageDataModifiedEvent comes when the image is modified or exchanged, but for an array that was written into only
    the node is modified, which it is for much else.
    """

    def __init__(self, volume_node: Any, changed: Callable[[], object]) -> None:
        self._node = volume_node
        self._changed = changed
        self._seen = SeenVoxels(volume_node)
        events = (volume_node.ImageDataModifiedEvent, "ModifiedEvent")
        self._tags = [volume_node.AddObserver(event, self._look) for event in events]

    def close(self) -> None:
        """Tell nothing any more; can be repeated."""
        tags, self._tags = self._tags, []
        for tag in tags:
            self._node.RemoveObserver(tag)

    def _look(self, caller: Any, event: Any) -> None:
        if self._tags and self._seen.changed:
            self.close()
            self._changed()
