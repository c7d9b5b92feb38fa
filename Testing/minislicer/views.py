"""Slice and 3D views: MRML's own displayable managers, rendered offscreen."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

_SLICE_MANAGERS = (
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager2D",
    "vtkMRMLColorLegendDisplayableManager",
)
_3D_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLThreeDReformatDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager3D",
    "vtkMRMLColorLegendDisplayableManager",
    "vtkMRMLVolumeRenderingDisplayableManager",
)


class OffscreenView:
    """A render window without a window, with the displayable managers of one kind of view."""

    def __init__(self, factory: Any, managers: tuple[str, ...], size: tuple[int, int]) -> None:
        self.renderer = vtk.vtkRenderer()
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetShowWindow(False)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size)
        self.window.AddRenderer(self.renderer)
        self.interactor = vtk.vtkRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        self.interactor.Initialize()
        instance = factory.GetInstance()
        instance.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        for manager in managers:
            if hasattr(slicer, manager) and not instance.IsDisplayableManagerRegistered(manager):
                instance.RegisterDisplayableManager(manager)
        self.group = slicer.vtkMRMLDisplayableManagerGroup()
        self.group.SetRenderer(self.renderer)
        self.group.Initialize(instance, self.renderer)

    def image(self) -> np.ndarray:
        """What the view shows: [row, column, RGB], uint8."""
        self.window.Render()
        reader = vtk.vtkWindowToImageFilter()
        reader.SetInput(self.window)
        reader.ReadFrontBufferOff()
        reader.Update()
        output = reader.GetOutput()
        columns, rows, _ = output.GetDimensions()
        # VTK's first row is the lowest one.
        return vtk_to_numpy(output.GetPointData().GetScalars()).reshape(rows, columns, -1)[::-1].copy()

    def resize(self, columns: int, rows: int) -> None:
        self.window.SetSize(columns, rows)


class SliceView(OffscreenView):
    """One slice of the volumes, with outlines on top."""

    def __init__(self, name: str, orientation: str, size: tuple[int, int] = (300, 300)) -> None:
        super().__init__(slicer.vtkMRMLSliceViewDisplayableManagerFactory, _SLICE_MANAGERS, size)
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        application_logic = slicer.app.applicationLogic()
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetSliceLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self.logic.AddSliceNode(name)
        self.node.SetOrientation(orientation)
        self.node.SetMappedInLayout(1)
        self.group.SetMRMLDisplayableNode(self.node)
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._actor = vtk.vtkActor2D()
        self._actor.SetMapper(self._mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self.resize(*size)

    def resize(self, columns: int, rows: int) -> None:
        super().resize(columns, rows)
        self.logic.ResizeSliceNode(columns, rows)

    def fit(self) -> None:
        self.logic.FitSliceToBackground()
        self.logic.SnapSliceOffsetToIJK()

    def image(self) -> np.ndarray:
        connection = self.logic.GetImageDataConnection()
        if connection is not None:
            self._mapper.SetInputConnection(connection)
            if not self.renderer.HasViewProp(self._actor):
                self.renderer.AddViewProp(self._actor)
        elif self.renderer.HasViewProp(self._actor):
            self.renderer.RemoveViewProp(self._actor)
        return super().image()


class ThreeDView(OffscreenView):
    """Surfaces; volume rendering works but takes seconds."""

    def __init__(self, name: str = "1", size: tuple[int, int] = (300, 300)) -> None:
        super().__init__(slicer.vtkMRMLThreeDViewDisplayableManagerFactory, _3D_MANAGERS, size)
        application_logic = slicer.app.applicationLogic()
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetViewLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self.logic.AddViewNode(name)
        self.node.SetMappedInLayout(1)
        self.group.SetMRMLDisplayableNode(self.node)

    def reset(self) -> None:
        """Look at everything from the front; box and labels are no part of everything."""
        box, labels = self.node.GetBoxVisible(), self.node.GetAxisLabelsVisible()
        self.node.SetBoxVisible(False)
        self.node.SetAxisLabelsVisible(False)
        bounds = [0.0] * 6
        self.renderer.ComputeVisiblePropBounds(bounds)
        if bounds[0] <= bounds[1]:
            centre = [(bounds[axis] + bounds[axis + 1]) / 2 for axis in (0, 2, 4)]
            self.renderer.GetActiveCamera().SetFocalPoint(*centre)
        manager = self.group.GetDisplayableManagerByClassName("vtkMRMLCameraDisplayableManager")
        if manager.GetCameraNode() is not None:
            manager.GetCameraNode().RotateTo(slicer.vtkMRMLCameraNode.Anterior)
        self.renderer.ResetCamera()
        self.renderer.ResetCameraClippingRange()
        self.node.SetBoxVisible(box)
        self.node.SetAxisLabelsVisible(labels)
        self.node.InvokeEvent(slicer.vtkMRMLViewNode.ResetFocalPointRequestedEvent)
