"""The modality of a volume node, where the scene knows it."""

from __future__ import annotations

from typing import Any

import slicer

from ..volumes.volume import Modality

_ATTRIBUTE = "DICOM.Modality"
_HOUNSFIELD = "[hnsf'U]"
_KNOWN = {"CT": Modality.CT, "MR": Modality.MR}


def modality_of_node(node: Any) -> Modality:
    """What DICOM said when the volume was loaded, or CT if its voxels are in Hounsfield units.

    Asked are the item in the subject hierarchy, where Slicer's DICOM plugin writes the modality, the
    attribute of that name of the node, and the unit of its voxels, in this order.
    """
    for said in (_attribute_of_item(node), node.GetAttribute(_ATTRIBUTE)):
        if said:
            return _KNOWN.get(said.strip(), Modality.UNKNOWN)
    units = node.GetVoxelValueUnits()
    return Modality.CT if units is not None and units.GetCodeValue() == _HOUNSFIELD else Modality.UNKNOWN


def set_modality_of_node(node: Any, modality: Modality) -> None:
    """Note the modality where modality_of_node finds it, also after the scene was saved and loaded."""
    if modality is Modality.UNKNOWN:
        return
    node.SetAttribute(_ATTRIBUTE, modality.value)
    if modality is Modality.CT:
        units = slicer.vtkCodedEntry()
        units.SetValueSchemeMeaning(_HOUNSFIELD, "UCUM", "Hounsfield unit")
        node.SetVoxelValueUnits(units)


def _attribute_of_item(node: Any) -> str:
    scene = node.GetScene()
    # GetSubjectHierarchyNode would add a hierarchy to a scene without one, and reading must not change it.
    if scene is None or scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode") is None:
        return ""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(node)
    return str(hierarchy.GetItemAttribute(item, _ATTRIBUTE) or "") if item != hierarchy.GetInvalidItemID() else ""
