"""Parameter nodes and packs with every type that the stand-in knows."""

import pathlib
from enum import Enum
from typing import Annotated, Optional, Union

import slicer
from Testing.minislicer.parameter_node import (
    Choice,
    Decimals,
    Default,
    Exclude,
    Maximum,
    Minimum,
    SingleStep,
    Validator,
    WithinRange,
    parameterNodeWrapper,
    parameterPack,
)


class Orientation(Enum):
    AXIAL = 1
    CORONAL = 2

    def label(self):
        return f"{self.name.title()} slices"


class Even(Validator):
    def validate(self, value):
        if value % 2:
            raise ValueError(f"{value} is odd")


@parameterPack
class Point:
    x: float
    y: Annotated[float, WithinRange(-10, 10)] = 1.0


@parameterPack
class Box:
    corner: Point
    opposite: Point = Point(5, 6)
    name: str = "box"


@parameterPack
class Span:
    _low: int
    _high: Annotated[int, Default(10)]

    def __init__(self, low=None):
        if low is not None:
            self.low = low

    @property
    def low(self):
        return self._low

    @low.setter
    def low(self, value):
        if value > self._high:
            raise ValueError("low above high")
        self._low = value


@parameterNodeWrapper
class Parameters:
    MODULE = "Test"

    flag: bool
    count: Annotated[int, Minimum(0), Maximum(50), SingleStep(5)] = 3
    ratio: Annotated[float, WithinRange(0, 1), Decimals(3), SingleStep(0.25)] = 0.5
    text: str
    even: Annotated[int, Even()]
    path: pathlib.Path
    pure: pathlib.PurePosixPath = pathlib.PurePosixPath("/a/b")
    orientation: Orientation = Orientation.CORONAL
    colour: Annotated[str, Choice(["red", "green"]), Default("green")]
    shade: Annotated[str, Exclude(["black"])]
    maybe: Optional[int]  # noqa: UP045 - the older spelling has to work too
    mixed: Union[int, str, Orientation]  # noqa: UP007
    ints: list[int]
    pair: tuple[int, str] = (7, "seven")
    table: dict[str, list[float]]
    volume: slicer.vtkMRMLScalarVolumeNode
    volumes: list[slicer.vtkMRMLScalarVolumeNode]
    model_or_volume: slicer.vtkMRMLModelNode | slicer.vtkMRMLScalarVolumeNode | None
    named_volumes: dict[str, slicer.vtkMRMLScalarVolumeNode]
    box: Box
    points: list[Point]
    span: Span

    def double(self):
        return 2 * self.count


def free_parameters():
    scene = slicer.vtkMRMLScene()
    return scene, Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
