"""3D volumes in physical space: reading, geometry, preprocessing recipes, writing.

Knows numpy and SimpleITK only. Arrays are in KJI order, affines map IJK voxels to RAS mm.
"""

from .errors import VolumeError
from .files.reading import read_volume
from .files.writing import write_segmentation, write_volume
from .framing import Framing
from .grid import Grid
from .label_layer import LabelLayer
from .orientation import Reorientation
from .preparation import Preparation
from .recipe import IntensityRule, IntensityScale, Recipe
from .resampling import Interpolation, grid_covering, grid_with_spacing, resample
from .segments import Code, Segment
from .separable import resample_parallel
from .slices import ANATOMICAL_PLANES, Plane, SlicePlace, oblique_slices, slice_at, slice_of, slices_of
from .volume import Modality, Volume

__all__ = [
    "ANATOMICAL_PLANES",
    "Code",
    "Framing",
    "Grid",
    "IntensityRule",
    "IntensityScale",
    "Interpolation",
    "LabelLayer",
    "Modality",
    "Plane",
    "Preparation",
    "Recipe",
    "Reorientation",
    "Segment",
    "SlicePlace",
    "Volume",
    "VolumeError",
    "grid_covering",
    "grid_with_spacing",
    "oblique_slices",
    "read_volume",
    "resample",
    "resample_parallel",
    "slice_at",
    "slice_of",
    "slices_of",
    "write_segmentation",
    "write_volume",
]
