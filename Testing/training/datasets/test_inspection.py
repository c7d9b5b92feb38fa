"""Whatever is wrong with a case is said with its file, before anything is learnt from it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Grid, Modality, Volume, VolumeError, write_volume
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.cases import list_cases
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.fingerprint import DatasetFingerprint
from med3dtrain.datasets.inspection import Inspection, require_all_structures, require_apart
from med3dtrain.datasets.structures import segments_of, structure_names
from med3dtrain.runs.finished_runs import FinishedRuns

from ..finetuning.data import STRUCTURES, a_case, an_affine, write_case, write_data_set


@pytest.fixture
def a_folder(tmp_path):
    return write_data_set(tmp_path / "set", count=3)


def inspected(folder, on_bad_input=OnBadInput.STOP, said=None, structures=STRUCTURES):
    said = [] if said is None else said
    finished = FinishedRuns(folder / "inspected.jsonl")
    bad = BadInput(on_bad_input, said.append)
    inspection = Inspection(segments_of(structures), Modality.MR, finished, bad, said.append)
    return inspection.run(list_cases(folder))


def put_nan(path):
    """As other programs write it: our own refuse to."""
    image = sitk.ReadImage(str(path))
    image[0, 0, 0] = float("nan")
    sitk.WriteImage(image, str(path))


def far_away(image, label):
    affine = label.grid.ijk_to_ras.copy()
    affine[:3, 3] += 1000.0
    return image, Volume(label.array_kji, Grid(label.grid.shape_kji, affine))


def with_value_seven(image, label):
    array = label.array_kji.copy()
    array[0, 0, 0] = 7
    return image, label.with_array(array)


def constant(image, label):
    return image.map(np.zeros_like), label


@pytest.mark.parametrize(
    ("fault", "folder", "message"),
    [
        (constant, "imagesTr", "every voxel has the value 0"),
        (with_value_seven, "labelsTr", "holds the value 7"),
        (far_away, "labelsTr", "does not overlap its image"),
    ],
)
def test_a_case_that_cannot_be_used_is_named(a_folder, fault, folder, message):
    write_case(a_folder, "case1", *fault(*a_case(1)))
    with pytest.raises((VolumeError, DatasetError), match=message) as refused:
        inspected(a_folder)
    assert f"{folder}/case1.nii.gz" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_image_with_nan_is_named_or_left_out(a_folder):
    put_nan(a_folder / "imagesTr" / "case1.nii.gz")
    with pytest.raises(VolumeError, match=r"imagesTr/case1\.nii\.gz: 1 voxels are NaN or infinite"):
        inspected(a_folder)
    said = []
    known = inspected(a_folder, OnBadInput.SKIP, said)
    assert [each.case.name for each in known] == ["case0", "case2"]
    assert any("case1.nii.gz" in line and "skipped" in line for line in said)


def test_a_damaged_and_a_missing_file_are_named(a_folder):
    path = a_folder / "imagesTr" / "case2.nii.gz"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match=r"case2\.nii\.gz"):
        inspected(a_folder)
    path.unlink()
    with pytest.raises(DatasetError, match=r"imagesTr/case2.*cannot be read.*needs an image and a label map"):
        inspected(a_folder)


def test_what_is_odd_but_usable_is_said(a_folder):
    image, label = a_case(1)
    write_case(a_folder, "case1", image, label.map(np.zeros_like))
    write_case(a_folder, "case2", *a_case(2, cube=False, spacing_ijk_mm=(2.0, 2.0, 3.0)))
    said = []
    assert len(inspected(a_folder, said=said)) == 3
    told = "\n".join(said)
    assert "case1.nii.gz: no voxel is labelled" in told
    assert "case2.nii.gz: has no cube" in told
    assert "case2.nii.gz: voxels are 2 x 2 x 3 mm" in told


def test_labels_on_another_grid_are_brought_to_the_image_with_a_notice(a_folder):
    image, label = a_case(1)
    affine = an_affine()
    affine[:3, 3] += 2.0  # one voxel further along every axis
    write_case(a_folder, "case1", image, Volume(label.array_kji, Grid(label.grid.shape_kji, affine)))
    said = []
    inspected(a_folder, said=said)
    assert any("case1" in line and "on another grid" in line for line in said)


def test_a_structure_that_no_case_has_is_refused(a_folder):
    structures = {**STRUCTURES, 3: "cone"}
    with pytest.raises(DatasetError, match=r"no case has the structure 3 \(cone\)"):
        require_all_structures(inspected(a_folder, structures=structures), segments_of(structures))


def test_an_image_that_is_there_twice_is_refused(a_folder):
    write_case(a_folder, "other", *a_case(0))
    with pytest.raises(DatasetError, match=r"other\.nii\.gz: is the same image as .*case0\.nii\.gz"):
        inspected(a_folder)


def test_an_image_that_is_learnt_from_may_not_be_in_the_test_set(a_folder, tmp_path):
    write_case(tmp_path / "test", "renamed", *a_case(2))
    known = inspected(a_folder)
    with pytest.raises(DatasetError, match=r"renamed\.nii\.gz: is the same image as .*case2\.nii\.gz"):
        require_apart(known, inspected(tmp_path / "test"))
    write_case(tmp_path / "test", "renamed", *a_case(77))
    require_apart(known, inspected(tmp_path / "test"))


def test_a_case_is_read_again_only_if_its_files_changed(a_folder):
    inspected(a_folder)
    lines = (a_folder / "inspected.jsonl").read_text().splitlines()
    inspected(a_folder)
    assert (a_folder / "inspected.jsonl").read_text().splitlines() == lines
    write_case(a_folder, "case0", *a_case(50))
    inspected(a_folder)
    assert len((a_folder / "inspected.jsonl").read_text().splitlines()) == len(lines) + 1


def test_names_come_from_the_recipe_the_file_of_the_data_set_or_are_numbers(a_folder):
    cases = list_cases(a_folder)
    assert structure_names(a_folder, {}, cases) == {1: "structure 1", 2: "structure 2"}
    for labels in ({"0": "background", "1": "ball", "2": "cube"}, {"background": 0, "ball": 1, "cube": 2}):
        (a_folder / "dataset.json").write_text(json.dumps({"labels": labels}))
        assert structure_names(a_folder, {}, cases) == STRUCTURES
    assert structure_names(a_folder, {1: "one", 2: "two"}, cases) == {1: "one", 2: "two"}
    with pytest.raises(DatasetError, match="'kidney' is the name of several structures"):
        structure_names(a_folder, {1: "kidney", 2: "kidney"}, cases)
    (a_folder / "dataset.json").write_text("[")
    with pytest.raises(DatasetError, match=r"dataset\.json: its labels cannot be read"):
        structure_names(a_folder, {}, cases)


def test_label_values_with_a_gap_are_refused(a_folder):
    _, label = a_case(9)
    write_volume(label.map(lambda array: array * 3), a_folder / "labelsTr" / "case0.nii.gz")
    with pytest.raises(DatasetError, match="the label values are 1, 2, 3, 6"):
        structure_names(a_folder, {}, list_cases(a_folder))


def test_segments_have_colours_that_differ():
    segments = segments_of({value: f"structure {value}" for value in range(1, 60)})
    assert len({segment.color_rgb for segment in segments}) == 59


def test_a_fingerprint_is_the_median_of_turned_volumes(tmp_path):
    for seed, spacing in enumerate([(1.0, 2.0, 3.0), (1.0, 2.0, 3.0), (1.0, 2.0, 6.0)]):
        write_case(tmp_path, f"case{seed}", *a_case(seed, (20, 18, 16), spacing))
    known = inspected(tmp_path)
    fingerprint = DatasetFingerprint.of([each.found for each in known])
    assert fingerprint.spacing_ijk_mm == (1.0, 2.0, 3.0)
    assert fingerprint.extent_ijk_mm == (16.0, 36.0, 60.0)
    assert fingerprint.cases == 3
    assert fingerprint.modalities == (Modality.MR,)
    assert fingerprint.voxels[2] == 3 * 125
    low, high = fingerprint.intensities
    assert -20 < low < 10 < 90 < high < 120
