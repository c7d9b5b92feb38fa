"""From the path of a volume to what backends are given."""

from __future__ import annotations

from collections.abc import Callable

from Med3DInsightLib.captions.pictures import RenderSettings
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.volumes import Volume, read_volume

from ...datasets.volume_list import ListedVolume
from .label_maps import LabelMaps

Draw = Callable[[Volume], Volume]
"""Makes of a volume the one that pictures are drawn of, such as deface()."""


class Subjects:
    """Reads volumes with their label maps.

    subjects = Subjects(RenderSettings(), maps, deface)
    subject = subjects.read(listed)
    """

    def __init__(self, render: RenderSettings, maps: LabelMaps | None = None, draw: Draw | None = None) -> None:
        self._render = render
        self._maps = maps
        self._draw = draw

    def read(self, listed: ListedVolume) -> CaptionSubject:
        """The subject; raises UserError, naming the file, if the volume or its label map cannot be used."""
        volume = read_volume(listed.path, listed.modality)
        layers = self._maps.layers_of(listed) if self._maps is not None else ()
        drawn = self._draw(volume) if self._draw is not None else None
        subject = CaptionSubject(listed.name, volume, layers, self._render, drawn=drawn)
        if subject.has_labels:
            _ = subject.labelled  # a label map that cannot be used is told here, before slices are under way
        return subject
