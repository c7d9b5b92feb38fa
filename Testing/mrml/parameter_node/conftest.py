"""A parameter node in a scene of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import Testing.minislicer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def a_stand_in() -> Any:
    """The stand-in, whose widgets are connected."""
    return Testing.minislicer.start()


@pytest.fixture
def a_scene() -> Iterator[Any]:
    """A scene, which is emptied in the end."""
    import slicer

    scene = slicer.vtkMRMLScene()
    yield scene
    scene.Clear(True)


@pytest.fixture
def a_node(a_scene: Any) -> Any:
    """A parameter node without any value."""
    return a_scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")


@pytest.fixture
def a_volume(a_scene: Any) -> Any:
    """A node that a parameter can refer to."""
    return a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")


@pytest.fixture
def parameters(a_node: Any) -> Any:
    """The node as a wrapper shows it."""
    from .examples import Parameters

    return Parameters(a_node)
