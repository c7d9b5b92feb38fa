"""What the panel remembers in the scene."""

from typing import Annotated

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL


@parameterNodeWrapper
class SegmentParameterNode:
    """The choices of the panel and the results it shows, saved with the scene.

    model is the name of a shipped model, device one of the names in Device. A chosen outputSegmentation
    is replaced, otherwise a new one is made. toleranceMm belongs to the comparison of comparedSegmentation
    with referenceSegmentation; a spin box has the range of its parameter, or none.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    outputSegmentation: vtkMRMLSegmentationNode
    model: str = PRESELECTED_MODEL
    device: str = "auto"
    comparedSegmentation: vtkMRMLSegmentationNode
    referenceSegmentation: vtkMRMLSegmentationNode
    toleranceMm: Annotated[float, WithinRange(0.0, 50.0)] = 1.0
    resultSegmentation: vtkMRMLSegmentationNode
    structuresTable: vtkMRMLTableNode
    agreementTable: vtkMRMLTableNode
    folderTable: vtkMRMLTableNode
