"""Volumes, label maps and captions that many tests of captions share."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.volumes import Grid, LabelLayer, Modality, Plane, Volume

from ..volumes.strategies import grid_of, grids

PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
planes = st.sampled_from(PLANES)


@st.composite
def sheared_grids(draw):
    """Grids of any orientation whose axes need not be perpendicular, as from a tilted gantry."""
    grid = draw(grids())
    affine = grid.ijk_to_ras.copy()
    affine[:3, 2] += draw(st.floats(-0.5, 0.5)) * affine[:3, 1]
    return Grid(grid.shape_kji, affine)


def coordinates_ras_mm(grid):
    """Where every voxel is: an array (K, J, I, 3)."""
    k, j, i = np.meshgrid(*[np.arange(size) for size in grid.shape_kji], indexing="ij")
    return grid.ras_of(np.stack([i, j, k], axis=-1))


def pixels_of(picture):
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image).astype(float)


def a_trunk(modality=Modality.CT, codes="LPS"):
    """A CT of a body in air, 4 mm, with a liver on the right, a spleen on the left and kidneys on both sides."""
    grid = grid_of(codes, (40, 60, 80), (4.0, 4.0, 4.0))
    ras = coordinates_ras_mm(grid) - coordinates_ras_mm(grid).reshape(-1, 3).mean(0)
    right, anterior = ras[..., 0], ras[..., 1]
    hu = np.full(grid.shape_kji, -1000.0)
    hu[(right / 130) ** 2 + (anterior / 90) ** 2 < 1] = -100
    hu[(right / 115) ** 2 + (anterior / 75) ** 2 < 1] = 40
    labels = np.zeros(grid.shape_kji, np.int16)
    for value, middle, radius in ((5, (60, 20, 20), 40), (1, (-75, -10, 20), 22), (2, (50, -45, -30), 15)):
        labels[np.linalg.norm(ras - middle, axis=-1) < radius] = value
    labels[np.linalg.norm(ras - (-50, -45, -30), axis=-1) < 15] = 3
    hu[labels > 0] = 120
    names = {1: "spleen", 2: "kidney_right", 3: "kidney_left", 5: "liver"}
    return Volume(hu.astype(np.int16), grid, modality), LabelLayer(Volume(labels, grid), names)


@cache
def a_subject(modality=Modality.CT, with_labels=True, volume_id="trunk"):
    volume, labels = a_trunk(modality)
    return CaptionSubject(volume_id, volume, [labels] if with_labels else [])


def a_caption(**changes):
    fields = {
        "format_version": 1,
        "volume_id": "case 1",
        "volume_hash": "0" * 64,
        "plane": Plane.AXIAL,
        "index": 0,
        "position_mm": -12.5,
        "text": "Axial CT slice of the liver.",
        "backend": "file",
        "model": "somebody",
        "model_revision": "1",
        "prompt": "plain",
        "score": 1.0,
        "flags": (),
        "window": None,
    }
    return Caption(**{**fields, **changes})
