"""The folder of a segmentation: what is in it, and what its picture shows."""

from __future__ import annotations

import json

import matplotlib.image
import nibabel as nib
import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.segmentations.segmentation_result import SegmentationResult
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.export.outline_colors import outline_colors
from Med3DInsightLib.export.preview import write_preview
from Med3DInsightLib.export.segmentation_folder import FILES, write_segmentation_files
from Med3DInsightLib.storage import staged_files
from Med3DInsightLib.volumes import Code, Grid, Reorientation, Segment, Volume
from Med3DInsightLib.volumes.files.source_files import Fingerprint

SOURCE = Fingerprint("head.nii", 1234, "ab12")


@pytest.fixture
def a_result(a_bundle, a_volume):
    return Session.open(a_bundle).segment(a_volume)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_folder_holds_labels_segmentation_report_and_picture(a_result, a_volume, a_bundle, tmp_path):
    out = tmp_path / "deep" / "out"
    with staged_files(out, FILES) as staging:
        write_segmentation_files(staging, SOURCE, a_volume, a_bundle.card, a_result)
        assert not (out / "result.json").exists()
    assert sorted(contents(out)) == sorted(FILES)
    image = nib.load(out / "labels.nii.gz")
    assert np.allclose(image.affine, a_volume.grid.ijk_to_ras, atol=1e-4)
    assert np.array_equal(np.asarray(image.dataobj), a_result.labels.array_kji.transpose(2, 1, 0))


def test_the_report_names_model_volumes_and_versions(a_result, a_volume, a_bundle, tmp_path):
    write_segmentation_files(tmp_path, SOURCE, a_volume, a_bundle.card, a_result)
    report = json.loads((tmp_path / "result.json").read_text())
    assert report["model"]["weights_sha256"] == a_bundle.card.weights_sha256
    assert [report["input"][key] for key in ("file", "size_bytes", "sha256")] == ["head.nii", 1234, "ab12"]
    voxel_ml = abs(np.linalg.det(a_volume.grid.ijk_to_ras[:3, :3])) / 1000
    for structure in report["structures"]:
        counted = (a_result.labels.array_kji == structure["label_value"]).sum()
        assert structure["volume_ml"] == pytest.approx(counted * voxel_ml, abs=1e-3)
    assert report["versions"]["torch"] == torch.__version__
    assert report["device"] == "cpu"
    assert set(report["seconds"]) == {"preparing", "segmenting", "restoring"}
    assert "not a diagnostic device" in report["notice"]


@pytest.mark.parametrize("shape", [(18, 22, 26), (1, 22, 26), (18, 1, 26), (18, 22, 1)])
def test_the_picture_is_drawn_for_any_shape_and_for_nothing_found(a_result, a_volume, a_bundle, tmp_path, shape):
    grid = Grid(shape, a_volume.grid.ijk_to_ras)
    volume = Volume(np.zeros(shape, np.float32), grid)
    empty = SegmentationResult(Volume(np.zeros(shape, np.uint8), grid), a_bundle.card.segments, "cpu", {})
    write_preview(volume, empty, tmp_path / "empty.png")
    picture = matplotlib.image.imread(tmp_path / "empty.png")
    assert picture.shape[0] > 300
    assert picture.std() > 0


def test_the_picture_has_the_right_of_the_patient_on_the_left_and_the_front_on_top(a_bundle, tmp_path):
    """A bright block at the patient's right front, in a volume stored in another orientation."""
    array = np.zeros((30, 30, 30), np.float32)
    array[13:17, 22:26, 22:26] = 1.0  # K: middle, J: anterior, I: right
    volume = Reorientation.to(Grid((30, 30, 30), np.eye(4)), "PIL").volume(Volume(array, Grid((30, 30, 30), np.eye(4))))
    labels = volume.map(lambda values: (values > 0).astype(np.uint8))
    write_preview(volume, SegmentationResult(labels, a_bundle.card.segments, "cpu", {}), tmp_path / "p.png")
    picture = matplotlib.image.imread(tmp_path / "p.png")[:, :, :3]
    axial = picture[:, : picture.shape[1] // 3]
    white = np.argwhere((axial > 0.97).all(-1))
    rows, columns = white[(white[:, 0] > 40) & (white[:, 0] < 420)].mean(0)
    assert columns < axial.shape[1] / 2
    assert rows < axial.shape[0] / 2


def test_many_segments_are_filled_with_their_own_colours_of_which_dark_ones_are_made_visible():
    code = Code("1", "one")
    bright_and_dark = [(200, 90, 60), (12, 0, 30)] * 4
    many = [Segment(value, str(value), rgb, code, code) for value, rgb in enumerate(bright_and_dark, 1)]
    assert outline_colors(many)[0] == "#c85a3c"
    assert len(set(outline_colors(many))) == 2
    dark = bytes.fromhex(outline_colors(many)[1][1:])
    assert sum(dark) > 3 * 90
    assert dark[2] > dark[0] > dark[1]
    assert len(set(outline_colors(many[:6]))) == 6
