"""What the panel remembers in the scene."""

from typing import Annotated

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class InsightParameterNode:
    """The choices of the panel, saved with the scene; results are found at their volume.

    model is the name of a shipped model or the folder of a bundle. attentionPlane is a plane, or "" for that of the
    view that was moved last; layer and head are numbers from 0, -1 for the mean of all, and layer -2 for attention
    rolled out. server is an address and never a key.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    model: str = ""
    device: str = "auto"
    wantClasses: bool = True
    wantAttention: bool = True
    wantCaptions: bool = False
    attentionPlane: str = ""
    layer: int = -1
    head: int = -1
    opacity: Annotated[float, WithinRange(0.0, 1.0)] = 0.5
    threshold: Annotated[float, WithinRange(0.0, 1.0)] = 0.5
    followSlices: bool = True
    phrase: str = ""
    textTower: str = ""
    captionSource: str = "labels"
    captionSegmentation: vtkMRMLSegmentationNode
    captionModel: str = ""
    server: str = ""
    prompt: str = "plain"
    slicesPerPlane: Annotated[int, WithinRange(1, 512)] = 8
    showCaptions: bool = True
    relevantSlices: bool = False
