"""The scene with its logics, as the Slicer application sets them up at start."""

from __future__ import annotations

import tempfile
from typing import Any

import slicer
import vtk

_LOGICS = {
    "Volumes": "vtkSlicerVolumesLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Data": "vtkSlicerDataModuleLogic",
    "Models": "vtkSlicerModelsLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Texts": "vtkSlicerTextsLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "VolumeRendering": "vtkSlicerVolumeRenderingLogic",
    "Plots": "vtkSlicerPlotsLogic",
    "Sequences": "vtkSlicerSequencesLogic",
}


class MrmlCore:
    """Owner of the scene, the application logic and the logics of the C++ modules.

    The logic of the Terminologies module is left out: it reports its JSON files as missing, which the
    wheel does not have.
    """

    def __init__(self) -> None:
        self._output = vtk.vtkOutputWindow()
        self._output.SetDisplayModeToAlwaysStdErr()
        vtk.vtkOutputWindow.SetInstance(self._output)
        self.scene = slicer.vtkMRMLScene()
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self.scene.AddNode(crosshair)
        self.application_logic = self._application_logic()
        self._remote_io, self._data_io = self._file_access()
        self.logics: dict[str, Any] = {"Colors": self.application_logic.GetColorLogic()}
        self.application_logic.SetModuleLogic("Colors", self.logics["Colors"])
        for name, class_name in _LOGICS.items():
            self._add_logic(name, class_name)
        self.scene.RegisterNodeClass(slicer.vtkMRMLColorLegendDisplayNode())
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)

    def _application_logic(self) -> Any:
        logic = slicer.vtkSlicerApplicationLogic()
        logic.SetMRMLScene(self.scene)
        logic.SetTemporaryPath(tempfile.gettempdir())
        logic.GetColorLogic().SetMRMLScene(self.scene)
        logic.GetColorLogic().AddDefaultColorNodes()
        logic.SetSliceLogics(vtk.vtkCollection())
        logic.SetViewLogics(vtk.vtkCollection())
        for factory in (
            slicer.vtkMRMLThreeDViewDisplayableManagerFactory,
            slicer.vtkMRMLSliceViewDisplayableManagerFactory,
        ):
            factory.GetInstance().SetMRMLApplicationLogic(logic)
        return logic

    def _file_access(self) -> tuple[Any, Any]:
        """Without these two, .mrb files are neither read nor written."""
        remote = slicer.vtkMRMLRemoteIOLogic()
        remote.SetMRMLScene(self.scene)
        remote.SetMRMLApplicationLogic(self.application_logic)
        remote.GetCacheManager().SetRemoteCacheDirectory(tempfile.mkdtemp(prefix="minislicer-cache-"))
        data = slicer.vtkDataIOManagerLogic()
        data.SetMRMLScene(self.scene)
        data.SetMRMLApplicationLogic(self.application_logic)
        data.SetAndObserveDataIOManager(remote.GetDataIOManager())
        remote.AddDataIOToScene()
        return remote, data

    def _add_logic(self, name: str, class_name: str) -> None:
        logic = getattr(slicer, class_name)()
        logic.SetMRMLScene(self.scene)
        logic.SetMRMLApplicationLogic(self.application_logic)
        self.application_logic.SetModuleLogic(name, logic)
        self.logics[name] = logic
