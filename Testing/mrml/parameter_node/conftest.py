"""A parameter node in a scene of its own, without the desktop around it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import Testing.minislicer  # noqa: F401 - sets what Qt reads when it is loaded, below

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def an_application() -> Any:
    """Widgets need one; whether another test of this process has applied PythonQt's rules makes no difference."""
    from PySide6 import QtWidgets

    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


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
