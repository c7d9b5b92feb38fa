"""Faces of real and synthetic heads are gone, their brains are not touched, and what is no head is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.pictures.foreground import foreground
from Med3DInsightLib.volumes import Grid, Interpolation, Modality, Volume, read_volume, resample
from med3dtrain.captioning.subjects.faces import FaceRemoval
from med3dtrain.synthesis.contrasts import CONTRASTS
from med3dtrain.synthesis.head import draw_head
from med3dtrain.synthesis.label_table import LabelTable

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"
EYES, SKIN, CSF = (506, 508, 530), 511, 24


@pytest.fixture(scope="module")
def removal():
    return FaceRemoval()


def read(path, modality):
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return read_volume(path, modality)


def test_the_nose_of_a_real_head_is_gone_and_the_back_of_the_head_is_as_it_was(shared_data, removal):
    head = read(shared_data / "brain" / "adi_brain_memprage_t1.nii.gz", Modality.MR)
    defaced = removal.without_face(head)
    anterior, superior = coordinates_mm(head, 1), coordinates_mm(head, 2)
    tissue, left = foreground(head), foreground(defaced)
    nose_mm = superior[tissue & (anterior > np.percentile(anterior[tissue], 99.99))].mean()
    level = np.abs(superior - nose_mm) < 10.0
    tip, tip_after = (float(np.percentile(anterior[mask & level], 99.9)) for mask in (tissue, left))
    assert tip - tip_after > 40.0
    behind = anterior < float(anterior[tissue].mean())
    assert (defaced.array_kji[behind] == head.array_kji[behind]).all()


@pytest.mark.parametrize("number", [8])
def test_the_brain_of_a_synthetic_head_is_not_touched_and_the_skin_before_its_eyes_is_gone(
    number, shared_data, removal
):
    label_map = read(shared_data / "synthseg_labels" / f"training_seg_{number:02d}.nii.gz", Modality.UNKNOWN)
    table = LabelTable.read(CONFIGS / "freesurfer_labels.csv")
    head = draw_head(label_map, table, CONTRASTS[0], np.random.default_rng(number))
    head_labels = resample(label_map, head.grid, Interpolation.NEAREST).array_kji
    changed = removal.without_face(head).array_kji != head.array_kji
    brain = (head_labels > 0) & (head_labels < 500) & (head_labels != CSF)
    assert not changed[brain].any()
    eyes = np.isin(head_labels, EYES)
    places = head.grid.ras_of(np.argwhere(eyes)[:, ::-1])
    ras = np.stack([coordinates_mm(head, axis) for axis in range(3)], axis=-1)
    front = (ras[..., 1] > places[:, 1].max()) & (np.abs(ras[..., 2] - places[:, 2].mean()) < 8)
    front &= (np.abs(ras[..., 0] - places[:, 0].mean()) < 45) & (head_labels > 0)
    assert changed[front].mean() > 0.9


def test_what_is_no_head_is_refused(shared_data, removal):
    with pytest.raises(CaptionError, match="no brain was found"):
        removal.without_face(read(shared_data / "brain" / "CT_pitch.nii.gz", Modality.CT))  # a skull of plastic
    empty = Volume(np.zeros((20, 20, 20), np.int16), Grid((20, 20, 20), np.diag([4.0, 4.0, 4.0, 1.0])), Modality.MR)
    with pytest.raises(CaptionError, match="no brain was found"):
        removal.without_face(empty)


def coordinates_mm(volume, axis):
    k, j, i = np.meshgrid(*[np.arange(size) for size in volume.grid.shape_kji], indexing="ij")
    return volume.grid.ras_of(np.stack([i, j, k], axis=-1))[..., axis]
