"""Whether captions of an earlier run are about pictures in the windows that would be drawn now."""

from __future__ import annotations

from collections.abc import Iterable

from ...volumes import Volume
from ..record import Caption
from .picture import RenderSettings
from .windows import CT_WINDOWS, is_in_hounsfield_units


def drawn_alike(captions: Iterable[Caption], volume: Volume, settings: RenderSettings) -> tuple[Caption, ...]:
    """The captions of a volume whose slices would have the same window with these settings, and those without one.

    The name of an automatic window tells the rule that it was found by, which gives the same limits for a slice of the
    same voxels again; a window that was given has to be the same.
    """
    found = tuple(captions)
    if settings.window is not None:
        return tuple(each for each in found if each.window in (None, settings.window))
    if is_in_hounsfield_units(volume):
        names = {window.name for window in CT_WINDOWS}
    else:
        low, high = settings.percentiles
        names = {f"percentiles {low:g} to {high:g}"}  # as percentile_window() calls it, which looks at all voxels
    return tuple(each for each in found if each.window is None or each.window.name in names)
