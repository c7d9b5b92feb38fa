"""A scene with a volume, fresh for every test; without slicer-core the test files skip themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from Med3DInsightLib.volumes import Volume


@pytest.fixture(scope="session", autouse=True)
def conversion_rules() -> None:
    """In the desktop, the module Segmentations registers them when it starts."""
    import slicer

    factory = slicer.vtkSegmentationConverterFactory.GetInstance()
    factory.RegisterConverterRule(slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule())
    factory.RegisterConverterRule(slicer.vtkClosedSurfaceToBinaryLabelmapConversionRule())


@pytest.fixture
def a_scene() -> Iterator[Any]:
    """An empty scene with a subject hierarchy."""
    from .scenes import new_scene

    scene = new_scene()
    yield scene
    scene.Clear(True)


@pytest.fixture(scope="session")
def the_core() -> Any:
    """The scene with its logics, as the application sets them up; only with them can scenes be saved as .mrb."""
    from Testing.minislicer.mrml_core import MrmlCore

    return MrmlCore()


@pytest.fixture
def a_core(the_core: Any) -> Iterator[Any]:
    """The application's scene, empty but for what it has after its start."""
    from .scenes import hierarchy_of

    hierarchy_of(the_core.scene)
    yield the_core
    the_core.scene.Clear(False)


@pytest.fixture
def a_head(a_scene: Any, a_volume: Volume) -> Any:
    """A volume node in the scene."""
    from Med3DInsightLib.mrml.volume_nodes import node_from_volume

    return node_from_volume(a_scene, a_volume, "head")


@pytest.fixture
def labels(a_volume: Volume) -> Volume:
    """Two boxes, labelled 1 and 2, on the grid of the head."""
    array = np.zeros(a_volume.grid.shape_kji, np.uint8)
    array[3:9, 5:12, 6:20] = 1
    array[10:14, 2:5, 1:4] = 2
    return a_volume.with_array(array)
