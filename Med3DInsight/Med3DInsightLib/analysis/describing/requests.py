"""Requests for words about a volume: the same objects for the panel, the Python console and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...captions import Caption
from ...captions.pictures import RenderSettings
from .backend_choice import BackendChoice, LabelMapSentences, PictureBackendChoice
from .slices_asked import DescribedChoice, ShownChoice, SpreadSlices


@dataclass(frozen=True)
class DescribeRequest:
    """Describe slices, one caption each.

    prompt is the id of a shipped prompt or the path of a TOML file; label maps need none. volume_id is what captions
    call the volume; it is not sent anywhere. pictures says how slices are drawn, with deface without the face of a head
    (see captions.pictures.faces). described are captions of an earlier run: their slices are not described again.

    Raises ValueError for deface with label maps, of which no picture is drawn.
    """

    backend: BackendChoice
    slices: DescribedChoice = field(default_factory=SpreadSlices)
    prompt: str = "plain"
    volume_id: str = "volume"
    pictures: RenderSettings = field(default_factory=RenderSettings)
    deface: bool = False
    described: tuple[Caption, ...] = ()

    def __post_init__(self) -> None:
        if self.deface and isinstance(self.backend, LabelMapSentences):
            raise ValueError("label maps have no face that could be removed")


@dataclass(frozen=True)
class AskRequest:
    """Answer a question from slices that are shown together; prompt as in DescribeRequest."""

    question: str
    backend: PictureBackendChoice
    slices: ShownChoice
    prompt: str = "slices"
    pictures: RenderSettings = field(default_factory=RenderSettings)
