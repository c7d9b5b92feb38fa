"""slicer.app.coreIOManager(): the readers and writers behind slicer.util.load*, save* and exportNode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

_FILE_TYPES = {
    ".seg.nrrd": "SegmentationFile",
    ".mrb": "SceneFile",
    ".mrml": "SceneFile",
    ".nii.gz": "VolumeFile",
    ".nii": "VolumeFile",
    ".nrrd": "VolumeFile",
    ".nhdr": "VolumeFile",
    ".mha": "VolumeFile",
    ".tsv": "TableFile",
    ".csv": "TableFile",
    ".txt": "TextFile",
    ".json": "TextFile",
    ".h5": "TransformFile",
    ".tfm": "TransformFile",
    ".vtp": "ModelFile",
    ".vtk": "ModelFile",
    ".stl": "ModelFile",
    ".obj": "ModelFile",
    ".ply": "ModelFile",
}
_WRITER_FORMATS = {
    "vtkMRMLSegmentationNode": ["Segmentation (.seg.nrrd)"],
    "vtkMRMLVolumeNode": ["NRRD (.nrrd)", "NRRD (.nhdr)", "NIFTI (.nii.gz)", "NIFTI (.nii)", "MetaImage (.mha)"],
    "vtkMRMLTableNode": ["Tab-separated values (.tsv)", "Comma-separated values (.csv)"],
    "vtkMRMLTextNode": ["Text (.txt)", "JSON (.json)"],
    "vtkMRMLModelNode": ["VTP (.vtp)", "VTK (.vtk)", "STL (.stl)", "OBJ (.obj)", "PLY (.ply)"],
    "vtkMRMLTransformNode": ["ITK (.h5)", "ITK (.tfm)"],
}
# Bits of vtkSlicerVolumesLogic::LoadingOptions; the last number of each row is Slicer's default.
_VOLUME_OPTIONS = {
    "labelmap": (1, False),
    "center": (2, False),
    "singleFile": (4, True),
    "autoWindowLevel": (8, True),
    "discardOrientation": (16, False),
}


class CoreIOManager:
    """Reads and writes with the same storage nodes as Slicer; which file type a name means is a table here."""

    def __init__(self, scene: Any, application_logic: Any, logics: dict[str, Any]) -> None:
        self._scene = scene
        self._application_logic = application_logic
        self._logics = logics

    def fileType(self, path: str) -> str:
        name = str(path).lower()
        return next((kind for ending, kind in _FILE_TYPES.items() if name.endswith(ending)), "NoFile")

    def fileWriterFileType(self, node: Any) -> str:
        return node.GetClassName()

    def fileWriterExtensions(self, node: Any) -> list[str]:
        return next((formats for kind, formats in _WRITER_FORMATS.items() if node.IsA(kind)), [])

    def extractKnownExtension(self, path: str, node: Any) -> str:
        endings = [text[text.index("(") + 1 : -1] for text in self.fileWriterExtensions(node)]
        return next((ending for ending in endings if str(path).lower().endswith(ending)), Path(path).suffix)

    def loadNodes(self, kind: str, properties: dict, loaded: Any = None, messages: Any = None) -> bool:
        path = Path(properties["fileName"])
        if not path.exists():
            _tell(messages, f"The file {path} does not exist")
            return False
        if kind == "SceneFile":
            return self._load_scene(path, bool(properties.get("clear", False)), messages)
        readers = {
            "VolumeFile": self._load_volume,
            "SegmentationFile": self._load_segmentation,
            "ModelFile": lambda path, name, _: self._logics["Models"].AddModel(str(path)),
            "TransformFile": lambda path, name, _: self._logics["Transforms"].AddTransform(str(path), self._scene),
            "TableFile": lambda path, name, _: self._load_by_storage("vtkMRMLTable", path, name),
            "TextFile": lambda path, name, _: self._load_by_storage("vtkMRMLText", path, name),
        }
        if kind not in readers:
            _tell(messages, f"The stand-in has no reader for {kind} ({path})")
            return False
        name = properties.get("name") or path.name.partition(".")[0]
        node = readers[kind](path, name, properties)
        if node is None:
            return False
        node.SetName(name)
        if loaded is not None:
            loaded.AddItem(node)
        return True

    def _load_scene(self, path: Path, clear: bool, messages: Any) -> bool:
        if path.suffix.lower() == ".mrb":
            return bool(self._scene.ReadFromMRB(str(path), clear, messages))
        self._scene.SetURL(str(path))
        return bool(self._scene.Connect() if clear else self._scene.Import())

    def _load_volume(self, path: Path, name: str, properties: dict) -> Any:
        options = sum(bit for key, (bit, default) in _VOLUME_OPTIONS.items() if properties.get(key, default))
        node = self._logics["Volumes"].AddArchetypeVolume(str(path), name, options)
        if node is not None and properties.get("show", True):
            selection = self._application_logic.GetSelectionNode()
            if properties.get("labelmap"):
                selection.SetActiveLabelVolumeID(node.GetID())
            else:
                selection.SetActiveVolumeID(node.GetID())
            self._application_logic.PropagateVolumeSelection()
        return node

    def _load_segmentation(self, path: Path, name: str, _properties: dict) -> Any:
        return self._logics["Segmentations"].LoadSegmentationFromFile(str(path), True, name)

    def _load_by_storage(self, prefix: str, path: Path, name: str) -> Any:
        """Tables and texts; a text node has no default storage node, so it is named here."""
        node = self._scene.AddNewNodeByClass(f"{prefix}Node", name)
        storage = self._scene.AddNewNodeByClass(f"{prefix}StorageNode")
        storage.SetFileName(str(path))
        node.SetAndObserveStorageNodeID(storage.GetID())
        if storage.ReadData(node):
            return node
        self._scene.RemoveNode(node)
        return None

    def saveNodes(self, kind: str, properties: dict, messages: Any = None) -> bool:
        path = Path(properties["fileName"])
        if kind == "SceneFile":
            return self._save_scene(path, messages)
        node = self._scene.GetNodeByID(properties["nodeID"])
        if node.IsA("vtkMRMLTextNode") and node.GetStorageNode() is None:
            node.SetAndObserveStorageNodeID(self._scene.AddNewNodeByClass("vtkMRMLTextStorageNode").GetID())
        node.AddDefaultStorageNode(str(path))
        storage = node.GetStorageNode()
        if storage is None:
            _tell(messages, f"{node.GetName()} ({node.GetClassName()}) cannot be written to a file")
            return False
        storage.SetFileName(str(path))
        if "useCompression" in properties:
            storage.SetUseCompression(properties["useCompression"])
        return bool(storage.WriteData(node))

    def _save_scene(self, path: Path, messages: Any) -> bool:
        if path.suffix.lower() == ".mrb":
            return bool(self._scene.WriteToMRB(str(path), None, messages))
        if path.suffix.lower() == ".mrml":
            self._scene.SetURL(str(path))
            return bool(self._scene.Commit())
        return bool(self._scene.SaveSceneToSlicerDataBundleDirectory(str(path), None, messages))

    def exportNodes(
        self, identifiers: list[str], paths: list[str], _properties: dict, _harden: bool, _messages: Any = None
    ) -> bool:
        """Write without touching the storage nodes of the scene; hardening of transforms is left out."""
        return all(self._export(self._scene.GetNodeByID(i), path) for i, path in zip(identifiers, paths, strict=True))

    def _export(self, node: Any, path: str) -> bool:
        storage = node.CreateDefaultStorageNode()
        self._scene.AddNode(storage)
        storage.SetFileName(str(path))
        written = bool(storage.WriteData(node))
        self._scene.RemoveNode(storage)
        return written


def _tell(messages: Any, text: str) -> None:
    if isinstance(messages, slicer.vtkMRMLMessageCollection):
        messages.AddMessage(vtk.vtkCommand.ErrorEvent, text)
