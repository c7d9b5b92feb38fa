"""The face of a head is emptied, and its brain is not touched."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.captions.pictures.brain_search import brain_of_ct, brain_of_labels
from Med3DInsightLib.captions.pictures.defacing import FaceRegion, deface
from Med3DInsightLib.captions.slices.subject import CaptionSubject
from Med3DInsightLib.volumes import Interpolation, Modality, Plane, Reorientation, Volume, resample, slice_of

from ...volumes.strategies import grid_of
from ..parts import coordinates_ras_mm, pixels_of


def inside(ras_mm, middle, radii):
    return (((ras_mm - np.array(middle)) / np.array(radii)) ** 2).sum(-1) < 1


def a_head(codes="RAS"):
    """A CT of a head of ellipsoids, 4 mm: brain in a skull, eyes, nose, jaw and neck; and what is what."""
    grid = grid_of("RAS", (64, 60, 50), (4.0, 4.0, 4.0))
    ras = coordinates_ras_mm(grid) - grid.ras_of(np.array([24.5, 27.0, 40.0]))
    hu = np.full(grid.shape_kji, -1000.0)
    hu[inside(ras, (0, 20, -80), (55, 60, 75))] = 50  # jaw and neck
    hu[inside(ras, (0, 92, -55), (16, 24, 22))] = 50  # nose
    hu[inside(ras, (0, 0, 0), (82, 102, 80))] = 50  # scalp
    hu[inside(ras, (0, 0, 0), (76, 96, 74))] = 900
    brain = inside(ras, (0, 0, 0), (68, 88, 66)) & (ras[..., 2] > -30 - 0.4 * ras[..., 1])
    hu[inside(ras, (0, 0, 0), (68, 88, 66)) & ~brain] = 900
    hu[brain] = 35
    eyes = inside(ras, (-32, 80, -48), (13, 13, 13)) | inside(ras, (32, 80, -48), (13, 13, 13))
    hu[eyes] = 15
    nose = inside(ras, (0, 104, -55), (14, 12, 20))
    turn = Reorientation.to(grid, codes)
    parts = {"brain": brain, "eyes": eyes, "nose": nose}
    turned = {name: turn.apply(mask.astype(np.uint8)) > 0 for name, mask in parts.items()}
    return turn.volume(Volume(hu.astype(np.int16), grid, Modality.CT)), turned


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SLA"])
def test_eyes_and_nose_of_a_ct_head_are_emptied_and_no_voxel_of_its_brain_is(codes):
    head, parts = a_head(codes)
    found = brain_of_ct(head)
    assert found is not None
    brain = resample(found, head.grid, Interpolation.NEAREST).array_kji > 0
    overlap = 2 * (brain & parts["brain"]).sum() / (brain.sum() + parts["brain"].sum())
    assert overlap > 0.9
    defaced = deface(head, found)
    assert defaced.grid is head.grid
    assert (defaced.array_kji[parts["brain"]] == head.array_kji[parts["brain"]]).all()
    assert (defaced.array_kji[parts["nose"]] == -1000).all()
    assert (defaced.array_kji[parts["eyes"]] == -1000).mean() > 0.8
    changed = defaced.array_kji != head.array_kji
    assert 0.02 < changed.mean() < 0.3


def test_pictures_are_drawn_without_the_face_and_everything_else_is_of_the_volume():
    head, parts = a_head()
    defaced = deface(head, brain_of_ct(head))
    plain, hidden = CaptionSubject("h", head), CaptionSubject("h", head, drawn=defaced)
    assert plain.volume_hash == hidden.volume_hash
    index = int(np.argwhere(parts["nose"])[:, 2].mean())
    place = slice_of(head.grid, Plane.SAGITTAL, index)
    nose = CaptionSubject("nose", head.with_array(parts["nose"].astype(np.uint8)))
    face = pixels_of(nose.picture(place)) > 250
    before, after = pixels_of(plain.picture(place)), pixels_of(hidden.picture(place))
    assert before[face].mean() > 60
    assert after[face].max() == 0
    with pytest.raises(ValueError, match="another grid"):
        CaptionSubject("h", head, drawn=Reorientation.to(head.grid, "LPS").volume(defaced))


def test_what_is_no_head_has_no_brain():
    head, _ = a_head()
    assert brain_of_ct(head.with_array(np.full_like(head.array_kji, -1000))) is None
    assert brain_of_ct(Volume(head.array_kji, head.grid, Modality.MR)) is None
    ras = coordinates_ras_mm(head.grid)
    ras = ras - ras.reshape(-1, 3).mean(0)
    trunk = np.where(inside(ras, (0, 0, 0), (98, 110, 400)), 40, -1000)
    assert brain_of_ct(head.with_array(trunk.astype(np.int16))) is None
    assert brain_of_labels(head.with_array(inside(ras, (0, 0, 0), (20, 20, 20)).astype(np.uint8))) is None


def test_a_mask_of_a_model_is_cleared_of_specks():
    head, parts = a_head()
    labels = parts["brain"].astype(np.uint8) * 2
    labels[2:5, 50:55, 20:30] = 1  # in the jaw
    found = brain_of_labels(head.with_array(labels))
    mask = resample(found, head.grid, Interpolation.NEAREST).array_kji > 0
    assert not mask[2:5, 50:55, 20:30].any()
    assert mask.sum() > 0.9 * parts["brain"].sum()


def test_an_empty_mask_is_refused():
    head, _ = a_head()
    with pytest.raises(ValueError, match="no brain"):
        FaceRegion.below(head.with_array(np.zeros_like(head.array_kji)))
