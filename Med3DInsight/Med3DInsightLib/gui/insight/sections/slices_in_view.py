"""Which slices of a volume the views show, told when the user moves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....engine.signal import Signal
from ....errors import UserError
from ....mrml.insight.slice_views import jump_to, slice_in_view
from ....volumes import Plane, SlicePlace

_VIEW = "vtkMRMLSliceNode"


class SlicesInView:
    """Follows the slice views that the user sees for one volume, also those that a change of the layout shows later.

        views = SlicesInView(scene, qt.QTimer())
        views.on_moved.connect(show)             # (slice node, SlicePlace)
        views.follow(volume_node)
        views.close()

    Views tell of every pixel that the mouse moves. The timer gathers what happens within one round of the event
    loop, so that a view that could not keep up shows the last position and not all between. Views that the layout
    hides stay in the scene, and move when views are linked; nothing is told of them.
    """

    def __init__(self, scene: Any, timer: Any) -> None:
        self.on_moved = Signal()
        self._scene = scene
        self._timer = timer
        self._volume: Any = None
        self._tags: dict[Any, Any] = {}
        self._sceneTag: Any = None
        self._seen: dict[str, tuple[Plane, int] | None] = {}
        self._moved: list[Any] = []
        self._last: Any = None
        timer.setSingleShot(True)
        timer.setInterval(0)
        timer.timeout.connect(self._tell)

    def follow(self, volume_node: Any) -> None:
        """Tell of slices of this volume from now on; None stops it. Every view is told of once at first."""
        if volume_node is not None and volume_node is self._volume and list(self._tags) == self.views():
            return
        self._forget_views()
        self._volume = volume_node
        if volume_node is None:
            return
        self._sceneTag = self._scene.AddObserver(self._scene.NodeAddedEvent, self._onNodeAdded)
        self._watchNewViews()

    def views(self) -> list[Any]:
        """The nodes of all slice views, also of those that the layout hides."""
        return list(self._views())

    def visible_views(self) -> list[Any]:
        """The nodes of the slice views that the layout shows."""
        return [view for view in self._views() if view.IsViewVisibleInLayout()]

    def place_in(self, view: Any) -> SlicePlace | None:
        """The slice of the followed volume in a view; None if there is none or the volume has no usable grid."""
        if self._volume is None or self._volume.GetScene() is None:
            return None
        try:
            return slice_in_view(self._volume, view)
        except UserError:  # a volume that was emptied or sheared while it was followed shows no slice
            return None

    def places(self) -> list[SlicePlace]:
        """The slices in the views that the user sees, each plane once."""
        found = [place for view in self.visible_views() if (place := self.place_in(view)) is not None]
        return list({place.plane: place for place in found}.values())

    def last_moved(self) -> SlicePlace | None:
        """The slice in the view that was moved last; None if none has moved yet or the layout hides it now."""
        shown = self._last is not None and self._last.IsViewVisibleInLayout()
        return self.place_in(self._last) if shown else None

    def jump(self, place: SlicePlace) -> None:
        """Bring the views of the plane of a slice to it."""
        for view in self.views():
            shown = self.place_in(view)
            if (shown.plane if shown is not None else _usual_plane(view)) == place.plane:
                jump_to(view, place)

    def close(self) -> None:
        """Stop for good."""
        self.follow(None)
        self._timer.stop()
        self._timer.timeout.disconnect(self._tell)

    def _onNodeAdded(self, caller: Any, event: Any) -> None:
        self._timer.start()  # many nodes may come in one round, and looking among all for views takes time

    def _watchNewViews(self) -> None:
        for view in self.views():
            if view not in self._tags:
                self._tags[view] = view.AddObserver("ModifiedEvent", lambda caller, event, view=view: self._note(view))
                self._note(view)

    def _note(self, view: Any) -> None:
        if view not in self._moved:
            self._moved.append(view)
        self._timer.start()

    def tell_now(self) -> None:
        """Tell of what has moved without waiting for the event loop."""
        self._timer.stop()
        self._tell()

    def _tell(self) -> None:
        if self._volume is not None:
            self._watchNewViews()
        moved, self._moved = self._moved, []
        for view in moved:
            if not view.IsViewVisibleInLayout():
                self._seen.pop(view.GetID(), None)  # so that it is told of when it is shown again
                continue
            place = self.place_in(view)
            seen = None if place is None else (place.plane, place.index)
            if place is not None and self._seen.get(view.GetID()) != seen:
                self._seen[view.GetID()] = seen
                self._last = view
                self.on_moved.emit(view, place)

    def _forget_views(self) -> None:
        if self._sceneTag is not None:
            self._scene.RemoveObserver(self._sceneTag)
            self._sceneTag = None
        for view, tag in self._tags.items():
            view.RemoveObserver(tag)
        self._tags.clear()
        self._seen.clear()
        self._moved.clear()
        self._last = None

    def _views(self) -> Iterator[Any]:
        return (self._scene.GetNthNodeByClass(n, _VIEW) for n in range(self._scene.GetNumberOfNodesByClass(_VIEW)))


def _usual_plane(view: Any) -> str:
    return str(view.GetOrientation()).lower()
