"""Size and brightness of every structure of a segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import SimpleITK as sitk

from ...volumes import Segment, Volume
from ...volumes.itk_image import image_from_volume


@dataclass(frozen=True)
class StructureStatistics:
    """One row of the table of structures.

    surface_mm2 is estimated by the Crofton formula (Lehmann and Legland 2012), which does not count
    voxel faces and so is right for slanted surfaces too. mean_intensity is in the units of the image
    and None for a structure that was not found.
    """

    name: str
    label_value: int
    volume_ml: float
    mean_intensity: float | None
    surface_mm2: float


def structure_statistics(labels: Volume, image: Volume, segments: Sequence[Segment]) -> list[StructureStatistics]:
    """A row for every segment, in their order; labels and image share a grid.

    Raises ValueError if they do not.
    """
    if not labels.grid.matches(image.grid):
        raise ValueError("labels and image are on different grids")
    label_image = sitk.Cast(image_from_volume(labels), sitk.sitkUInt16)
    shapes = sitk.LabelShapeStatisticsImageFilter()
    shapes.ComputePerimeterOn()
    shapes.Execute(label_image)
    intensities = sitk.LabelStatisticsImageFilter()
    intensities.Execute(sitk.Cast(image_from_volume(image), sitk.sitkFloat64), label_image)
    rows = []
    for segment in segments:
        value = segment.label_value
        found = shapes.HasLabel(value)
        rows.append(
            StructureStatistics(
                name=segment.name,
                label_value=value,
                volume_ml=shapes.GetNumberOfPixels(value) * labels.grid.voxel_volume_ml if found else 0.0,
                mean_intensity=float(intensities.GetMean(value)) if found else None,
                surface_mm2=float(shapes.GetPerimeter(value)) if found else 0.0,
            )
        )
    return rows
