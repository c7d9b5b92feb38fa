"""What a user asks for: the same objects for the panel, the Python console and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..volumes import ANATOMICAL_PLANES, Plane
from .computing.device import Device
from .slices.attention_choice import AttentionChoice

PRESELECTED_MODEL = "brain-structures"
"""The model that labels structures unless another one is chosen."""


@dataclass(frozen=True)
class SegmentRequest:
    """Which model labels a volume, and where it is computed."""

    model: str = PRESELECTED_MODEL
    """Name of a shipped model (see "med3dinsight models") or folder of a model bundle."""

    device: Device = Device.AUTO
    """Where to compute; auto takes a GPU if there is one."""


@dataclass(frozen=True)
class EstimateRequest:
    """Which model's run is estimated, whatever the model does: segmenting, classifying, or reading slices."""

    model: str
    device: Device = Device.AUTO


@dataclass(frozen=True)
class ClassifyRequest:
    """Which model says what a whole volume is."""

    model: str
    device: Device = Device.AUTO


@dataclass(frozen=True)
class ExplainClassRequest:
    """Probabilities, and the Grad-CAM of a class; without a name, of the most probable one.

    level is the level of the backbone whose features are weighed, from the finest on, or -1 for the coarsest.
    """

    model: str
    class_name: str = ""
    level: int = -1
    device: Device = Device.AUTO


@dataclass(frozen=True)
class OccludeClassRequest:
    """How much a class loses when cubes of cube_tokens coarsest tokens a side are hidden."""

    model: str
    class_name: str = ""
    cube_tokens: int = 1
    device: Device = Device.AUTO


@dataclass(frozen=True)
class ReadSlicesRequest:
    """The embeddings of all slices of some planes, by a pretrained encoder."""

    model: str
    planes: tuple[Plane, ...] = ANATOMICAL_PLANES
    device: Device = Device.AUTO


@dataclass(frozen=True)
class AttentionRequest:
    """What an encoder looked at for the slices of a plane with these indices; for all of them without."""

    model: str
    plane: Plane = Plane.AXIAL
    indices: tuple[int, ...] | None = None
    choice: AttentionChoice = field(default_factory=AttentionChoice)
    device: Device = Device.AUTO


@dataclass(frozen=True)
class FindRequest:
    """How well a phrase fits every slice of some planes.

    text_tower is the folder of the teacher's text tower on this computer; it is needed only for phrases that are
    not in the model's vocabulary. Cosines are divided by temperature for the weights of slices; with the
    default, a slice that is 0.1 more similar weighs 7.4 times as much.
    """

    model: str
    phrase: str
    planes: tuple[Plane, ...] = ANATOMICAL_PLANES
    temperature: float = 0.05
    text_tower: str = ""
    device: Device = Device.AUTO

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"the temperature is {self.temperature}, not above 0")


@dataclass(frozen=True)
class OccludePhraseRequest:
    """How much one slice loses of its likeness to a phrase when cubes are hidden; see FindRequest.

    cube_tokens is the side of a cube in tokens of the finest level that the encoder attends to; with 0, about six
    cubes lie along the longest side of what the slice is read in.
    """

    model: str
    phrase: str
    plane: Plane
    index: int
    cube_tokens: int = 1
    text_tower: str = ""
    device: Device = Device.AUTO
