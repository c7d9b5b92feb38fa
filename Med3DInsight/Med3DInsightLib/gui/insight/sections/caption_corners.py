"""The nearest caption in the corner of every slice view."""

from __future__ import annotations

import textwrap
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from ....captions.reviewing import ReviewedCaption
from ....mrml.insight.caption_positions import nearest_caption
from ....mrml.insight.captions_table import captions_of_table
from ....volumes import SlicePlace

_COLUMNS, _LINES = 60, 4
_SAME_SLICE_MM = 0.5


class CaptionCorners:
    """Draws text at the lower left of slice views, above what Slicer itself writes there.

        corners = CaptionCorners()
        corners.take(table_node)                # None: nothing is shown any more
        corners.show(view_node, place)

    Captions are read once for each change of the table, and drawn as they are: neither HTML, nor the
    formulas between dollar signs, nor the <tags> of corner annotations mean anything.
    """

    def __init__(self) -> None:
        self._captions: list[ReviewedCaption] = []
        self._actors: dict[str, Any] = {}

    def take(self, table_node: Any) -> None:
        """Read the captions of a table node anew; rows that are no captions are left out."""
        broken: list[Exception] = []
        self._captions = [] if table_node is None else captions_of_table(table_node, broken.append)
        if not self._captions:
            self.clear()

    def text_for(self, place: SlicePlace) -> str:
        """What is shown for a slice: the nearest caption of its plane, and how far away that is; "" without one."""
        caption = nearest_caption(self._captions, place.plane, place.offset_ras_mm)
        if caption is None:
            return ""
        away_mm = abs(caption.own.position_mm - place.offset_ras_mm)
        near: str = _("{distance} mm away: {text}")
        return near.format(text=caption.text, distance=round(away_mm)) if away_mm > _SAME_SLICE_MM else caption.text

    def show(self, view: Any, place: SlicePlace) -> None:
        """Write what belongs to a slice into the view of a slice node, if that view is on the screen."""
        text = self.text_for(place)
        if not text and view.GetID() not in self._actors:
            return
        actor = self._actor_in(view)
        if actor is not None:
            actor.SetInput(_drawn_as_it_is(text))
            _schedule(view)

    def drawn_in(self, view: Any) -> str:
        """What VTK was given to draw in the view of a slice node."""
        actor = self._actors.get(view.GetID())
        return "" if actor is None else str(actor.GetInput())

    def clear(self) -> None:
        """Take all texts from the views."""
        for identifier, actor in self._actors.items():
            actor.SetInput("")
            actor.SetVisibility(False)
            renderer = _renderer_of(identifier)
            if renderer is not None:
                renderer.RemoveViewProp(actor)
        self._actors.clear()

    def _actor_in(self, view: Any) -> Any:
        identifier = view.GetID()
        if identifier not in self._actors:
            renderer = _renderer_of(identifier)
            if renderer is None:
                return None
            actor = vtk.vtkTextActor()
            actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
            actor.SetPosition(0.02, 0.14)
            style = actor.GetTextProperty()
            style.SetFontSize(12)
            style.SetColor(1.0, 0.95, 0.6)
            style.SetShadow(True)
            style.SetBackgroundColor(0.0, 0.0, 0.0)
            style.SetBackgroundOpacity(0.45)
            renderer.AddViewProp(actor)
            self._actors[identifier] = actor
        return self._actors[identifier]


def _drawn_as_it_is(text: str) -> str:
    """Wrapped into a few lines; a dollar sign is escaped, since VTK would read what stands between two as a formula."""
    lines = textwrap.wrap(" ".join(text.split()), _COLUMNS, max_lines=_LINES, placeholder=" ...")
    return "\n".join(lines).replace("$", "\\$")


def _widget_of(identifier: str) -> Any:
    manager = slicer.app.layoutManager()
    widgets = [] if manager is None else [manager.sliceWidget(name) for name in manager.sliceViewNames()]
    return next((widget for widget in widgets if widget.mrmlSliceNode().GetID() == identifier), None)


def _renderer_of(identifier: str) -> Any:
    widget = _widget_of(identifier)
    return None if widget is None else widget.sliceView().renderWindow().GetRenderers().GetFirstRenderer()


def _schedule(view: Any) -> None:
    widget = _widget_of(view.GetID())
    if widget is not None:
        widget.sliceView().scheduleRender()
